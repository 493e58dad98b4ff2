/*
 * One MPTCP option (TCP option kind 30) of version 0 (RFC 6824) or 1 (RFC 8684).
 *
 * Which form an option has follows from its subtype and length alone, so that
 * no connection has to be known. Whole fields before the end of what was
 * captured are decoded, the rest is left out of `has`.
 */
#ifndef MPTCP_OPTION_H
#define MPTCP_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

enum mptcp_subtype {
	MP_CAPABLE = 0, MP_JOIN = 1, MP_DSS = 2, MP_ADD_ADDR = 3,
	MP_REMOVE_ADDR = 4, MP_PRIO = 5, MP_FAIL = 6, MP_FASTCLOSE = 7,
	MP_TCPRST = 8
};

/*
 * Bits of mptcp_option.has: which fields the option had. They stand as far from
 * each other as their columns do (segment.h).
 */
enum mptcp_field {
	HAS_VERSION = 1 << 0, HAS_MP_FLAGS = 1 << 1, HAS_SEND_KEY = 1 << 2,
	HAS_RECV_KEY = 1 << 3, HAS_TOKEN = 1 << 4, HAS_ADDR_ID = 1 << 5,
	HAS_BACKUP = 1 << 6, HAS_NONCE = 1 << 7, HAS_HMAC = 1 << 8,
	HAS_DATA_FIN = 1 << 9, HAS_DSN = 1 << 10, HAS_DATA_ACK = 1 << 11,
	HAS_SSN = 1 << 12, HAS_DATA_LEN = 1 << 13, HAS_CSUM = 1 << 14,
	HAS_ADDRESS = 1 << 17, HAS_PORT = 1 << 18, HAS_ECHO = 1 << 19,
	HAS_IDS = 1 << 20, HAS_FAIL_DSN = 1 << 21, HAS_REASON = 1 << 22,
	HAS_TRANSIENT = 1 << 23,
	/* set by tracking, not by decoding: */
	HAS_MAP_SEQ = 1 << 25, HAS_MAP_DSN = 1 << 26
};

/* What can be wrong with the options of a segment; bits. */
enum option_error {
	OPTION_CUT = 1,		/* the snapshot length ends within them */
	OPTION_BAD_LENGTH = 2,	/* a length that its kind or subtype can't have */
	OPTION_BAD_VERSION = 4	/* MP_CAPABLE of neither version 0 nor 1 */
};

enum { MP_FLAG_CHECKSUM = 0x80, MP_FLAG_NO_JOIN = 0x20 };	/* mp_flags: A, C */
enum { MP_FLAG_EXTENDED = 0x40, MP_FLAGS_ALGORITHM = 0x1f };	/* B, D to H */
enum { IDS_MAX = 37, HMAC_MAX = 20 };

struct mptcp_option {
	uint32_t has;		/* HAS_… bits; a field without its bit is not set */
	uint8_t subtype;	/* enum mptcp_subtype, or 9 to 15 */
	uint8_t version;	/* MP_CAPABLE: 0 or 1, others as they stand */
	uint8_t mp_flags;	/* MP_CAPABLE: the flags A to H */
	uint8_t addr_id;	/* of the sender's address */
	uint8_t backup;		/* 1: use this path only when no other is left */
	uint8_t data_fin;	/* DSS: 1 if the mapping ends with a DATA_FIN */
	uint8_t dsn_wide;	/* DSS: 1 if dsn had 8 bytes, 0 if 4 */
	uint8_t ack_wide;	/* the same for data_ack */
	uint8_t echo;		/* ADD_ADDR, version 1: 1 if it echoes one */
	uint8_t hmac_len;	/* bytes of hmac: 8 or 20 */
	uint8_t ids;		/* REMOVE_ADDR: how many in id */
	uint8_t rst_reason;	/* MP_TCPRST, RFC 8684 3.6 */
	uint8_t transient;	/* MP_TCPRST: the flag T */
	uint16_t data_len;	/* bytes mapped, a DATA_FIN counted */
	uint16_t csum;		/* DSS checksum */
	uint16_t port;		/* ADD_ADDR */
	uint32_t token;		/* MP_JOIN SYN: the receiver's */
	uint32_t nonce;		/* MP_JOIN */
	uint32_t ssn;		/* DSS: subflow sequence number, from the ISN */
	uint64_t send_key;	/* the sender's key, big-endian value of its bytes */
	uint64_t recv_key;	/* the receiver's */
	uint64_t dsn;		/* DSS: as on the wire, 4 bytes if not dsn_wide */
	uint64_t data_ack;	/* the same */
	uint64_t fail_dsn;	/* MP_FAIL */
	int64_t map_seq;	/* tracking: where the mapping begins, as rel_seq */
	int64_t map_dsn;	/* and its first relative DSN */
	struct addr address;	/* ADD_ADDR */
	uint8_t hmac[HMAC_MAX];	/* MP_JOIN, ADD_ADDR */
	uint8_t id[IDS_MAX];	/* REMOVE_ADDR */
};

/* As written in the column `mptcp`; NULL for a subtype without a name. */
const char *mptcp_subtype_name(unsigned subtype);

/*
 * Decode the option of `len` bytes (3 to 40, by its own length field) at p, of
 * which `avail` were captured. Returns OPTION_… bits.
 */
unsigned mptcp_option_decode(const uint8_t *p, unsigned len, unsigned avail,
			     struct mptcp_option *o);

/*
 * Whether an MP_CAPABLE is to be heeded (RFC 8684 3.1): of a known version,
 * without the flag B, and with an algorithm.
 */
static inline bool mptcp_capable_counts(const struct mptcp_option *o)
{
	return o->has & HAS_VERSION && o->version <= 1 &&
	       !(o->has & HAS_MP_FLAGS && (o->mp_flags & MP_FLAG_EXTENDED ||
					   !(o->mp_flags & MP_FLAGS_ALGORITHM)));
}

#endif
