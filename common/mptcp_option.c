#include "mptcp_option.h"

#include <stddef.h>

#include "bytes.h"

const char *mptcp_subtype_name(unsigned subtype)
{
	static const char *const names[] = {
		"mp_capable", "mp_join", "dss", "add_addr", "remove_addr",
		"mp_prio", "mp_fail", "mp_fastclose", "mp_tcprst",
	};

	return subtype < sizeof(names) / sizeof(*names) ? names[subtype] : NULL;
}

/* A field of n bytes, if all of it was captured; else it and the rest are not there. */
static inline const uint8_t *take(struct bytes *b, struct mptcp_option *o,
				  unsigned has, unsigned n)
{
	const uint8_t *p = bytes_take(b, n);

	if (p)
		o->has |= has;
	else
		b->at = b->end;
	return p;
}

/* The value of a field of so many bits; 0 if it is not there. */
static inline uint8_t take8(struct bytes *b, struct mptcp_option *o, unsigned has)
{
	const uint8_t *p = take(b, o, has, 1);

	return p ? *p : 0;
}

static inline uint16_t take16(struct bytes *b, struct mptcp_option *o, unsigned has)
{
	const uint8_t *p = take(b, o, has, 2);

	return p ? be16(p) : 0;
}

static inline uint32_t take32(struct bytes *b, struct mptcp_option *o, unsigned has)
{
	const uint8_t *p = take(b, o, has, 4);

	return p ? be32(p) : 0;
}

static inline uint64_t take64(struct bytes *b, struct mptcp_option *o, unsigned has)
{
	const uint8_t *p = take(b, o, has, 8);

	return p ? be64(p) : 0;
}

static void take_hmac(struct bytes *b, struct mptcp_option *o, uint8_t len)
{
	const uint8_t *p = take(b, o, HAS_HMAC, len);

	if (p) {
		memcpy(o->hmac, p, len);
		o->hmac_len = len;
	}
}

/*
 * MP_CAPABLE, RFC 8684 3.1 (RFC 6824 3.1 has neither the 4-byte form nor data):
 *
 *   kind | length | 0, version | flags A-H | sender key, 8 |
 *   receiver key, 8 | data-level length, 2 | checksum, 2
 *
 * of length 4 (SYN, v1), 12 (SYN, SYN/ACK), 20 (ACK), 22 or 24 (with data, v1).
 */
static unsigned decode_capable(struct bytes *b, unsigned len, struct mptcp_option *o)
{
	o->mp_flags = take8(b, o, HAS_MP_FLAGS);
	if (o->version > 1)
		return OPTION_BAD_VERSION;
	if (len != 12 && len != 20 &&
	    !(o->version == 1 && (len == 4 || len == 22 || len == 24)))
		return OPTION_BAD_LENGTH;
	if (len >= 12)
		o->send_key = take64(b, o, HAS_SEND_KEY);
	if (len >= 20)
		o->recv_key = take64(b, o, HAS_RECV_KEY);
	if (len >= 22)
		o->data_len = take16(b, o, HAS_DATA_LEN);
	if (len == 24)
		o->csum = take16(b, o, HAS_CSUM);
	return 0;
}

/*
 * MP_JOIN, RFC 8684 3.2:
 *
 *   SYN, 12:      kind | length | 1, B | address id | token, 4 | nonce, 4
 *   SYN/ACK, 16:  kind | length | 1, B | address id | HMAC, 8  | nonce, 4
 *   ACK, 24:      kind | length | 1, reserved, 12   | HMAC, 20
 */
static unsigned decode_join(struct bytes *b, unsigned len, unsigned low,
			    struct mptcp_option *o)
{
	if (len == 24) {
		take(b, o, 0, 1);
		take_hmac(b, o, 20);
		return 0;
	}
	if (len != 12 && len != 16)
		return OPTION_BAD_LENGTH;
	o->backup = low & 1;
	o->has |= HAS_BACKUP;
	o->addr_id = take8(b, o, HAS_ADDR_ID);
	if (len == 12)
		o->token = take32(b, o, HAS_TOKEN);
	else
		take_hmac(b, o, 8);
	o->nonce = take32(b, o, HAS_NONCE);
	return 0;
}

/*
 * DSS, RFC 8684 3.3:
 *
 *   kind | length | 2, reserved | reserved, F m M a A |
 *   data ACK, 4 or 8 (A, a) |
 *   data sequence number, 4 or 8 (M, m) | subflow sequence number, 4 |
 *   data-level length, 2 | checksum, 2 (if negotiated)
 *
 * Nothing but the length tells whether there is a checksum.
 */
static unsigned decode_dss(struct bytes *b, unsigned len, struct mptcp_option *o)
{
	enum { A = 0x01, a = 0x02, M = 0x04, m = 0x08, F = 0x10 };
	uint8_t flags;
	unsigned expect;

	if (len < 4)
		return OPTION_BAD_LENGTH;
	flags = take8(b, o, HAS_DATA_FIN);
	if (!(o->has & HAS_DATA_FIN))
		return 0;
	o->data_fin = (flags & F) != 0;
	o->ack_wide = (flags & a) != 0;
	o->dsn_wide = (flags & m) != 0;
	expect = 4;
	if (flags & A)
		expect += o->ack_wide ? 8 : 4;
	if (flags & M)
		expect += o->dsn_wide ? 14 : 10;
	if (len != expect && !(flags & M && len == expect + 2))
		return OPTION_BAD_LENGTH;
	if (flags & A)
		o->data_ack = o->ack_wide ? take64(b, o, HAS_DATA_ACK)
					  : take32(b, o, HAS_DATA_ACK);
	if (flags & M) {
		o->dsn = o->dsn_wide ? take64(b, o, HAS_DSN) : take32(b, o, HAS_DSN);
		o->ssn = take32(b, o, HAS_SSN);
		o->data_len = take16(b, o, HAS_DATA_LEN);
		if (len > expect)
			o->csum = take16(b, o, HAS_CSUM);
	}
	return 0;
}

/*
 * ADD_ADDR, RFC 8684 3.4.1:
 *
 *   kind | length | 3, E | address id | address, 4 or 16 | port, 2, or none |
 *   HMAC, 8, unless E is set
 *
 * In version 0 (RFC 6824 3.4.1) the low nibble is the IP version, 4 or 6, and
 * there is no HMAC.
 */
static unsigned decode_add_addr(struct bytes *b, unsigned len, unsigned low,
				struct mptcp_option *o)
{
	bool v0 = low == 4 || low == 6, hmac = !v0 && !(low & 1);
	unsigned rest = len - (hmac ? 12 : 4);
	const uint8_t *p;

	if (!v0) {
		o->echo = low & 1;
		o->has |= HAS_ECHO;
	}
	o->addr_id = take8(b, o, HAS_ADDR_ID);
	if (rest != 4 && rest != 6 && rest != 16 && rest != 18)
		return OPTION_BAD_LENGTH;
	if (v0 && (rest >= 16) != (low == 6))
		return OPTION_BAD_LENGTH;
	p = bytes_take(b, rest >= 16 ? 16 : 4);
	if (!p)
		return 0;
	o->address = rest >= 16 ? addr_v6(p) : addr_v4(p);
	o->has |= HAS_ADDRESS;
	if (rest % 4)
		o->port = take16(b, o, HAS_PORT);
	if (hmac)
		take_hmac(b, o, 8);
	return 0;
}

static unsigned decode_remove_addr(struct bytes *b, unsigned len,
				   struct mptcp_option *o)
{
	if (len < 4)
		return OPTION_BAD_LENGTH;
	o->ids = (uint8_t)bytes_left(b);
	memcpy(o->id, b->at, o->ids);
	if (o->ids)
		o->has |= HAS_IDS;
	return 0;
}

/* MP_PRIO, RFC 8684 3.3.8; version 0 may name another subflow by address id. */
static unsigned decode_prio(struct bytes *b, unsigned len, unsigned low,
			    struct mptcp_option *o)
{
	if (len != 3 && len != 4)
		return OPTION_BAD_LENGTH;
	o->backup = low & 1;
	o->has |= HAS_BACKUP;
	if (len == 4)
		o->addr_id = take8(b, o, HAS_ADDR_ID);
	return 0;
}

/* MP_FAIL, 3.7, and MP_FASTCLOSE, 3.5: one reserved byte, then 8 bytes. */
static unsigned decode_long(struct bytes *b, unsigned len, unsigned has,
			    uint64_t *v, struct mptcp_option *o)
{
	if (len != 12)
		return OPTION_BAD_LENGTH;
	take(b, o, 0, 1);
	*v = take64(b, o, has);
	return 0;
}

static unsigned decode_tcprst(struct bytes *b, unsigned len, unsigned low,
			      struct mptcp_option *o)
{
	if (len != 4)
		return OPTION_BAD_LENGTH;
	o->transient = low & 1;
	o->has |= HAS_TRANSIENT;
	o->rst_reason = take8(b, o, HAS_REASON);
	return 0;
}

unsigned mptcp_option_decode(const uint8_t *p, unsigned len, unsigned avail,
			     struct mptcp_option *o)
{
	struct bytes b = { p + 3, p + (avail < len ? avail : len) };
	unsigned low = p[2] & 15u;

	o->has = 0;
	o->subtype = p[2] >> 4;
	switch (o->subtype) {
	case MP_CAPABLE:
		o->version = (uint8_t)low;
		o->has |= HAS_VERSION;
		return decode_capable(&b, len, o);
	case MP_JOIN:
		return decode_join(&b, len, low, o);
	case MP_DSS:
		return decode_dss(&b, len, o);
	case MP_ADD_ADDR:
		return decode_add_addr(&b, len, low, o);
	case MP_REMOVE_ADDR:
		return decode_remove_addr(&b, len, o);
	case MP_PRIO:
		return decode_prio(&b, len, low, o);
	case MP_FAIL:
		return decode_long(&b, len, HAS_FAIL_DSN, &o->fail_dsn, o);
	case MP_FASTCLOSE:
		return decode_long(&b, len, HAS_RECV_KEY, &o->recv_key, o);
	case MP_TCPRST:
		return decode_tcprst(&b, len, low, o);
	default:
		return 0;
	}
}
