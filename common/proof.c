#include "proof.h"

#include <inttypes.h>
#include <string.h>

#include "conn.h"
#include "event.h"
#include "mptcp_key.h"
#include "mptcp_option.h"
#include "record.h"

static const char *host(unsigned role)
{
	return role == CLIENT ? "client" : "server";
}

void proof_keys(struct event *e, const struct record *r, unsigned role,
		const struct mptcp_option *o)
{
	const struct said_key *own = &r->side[role].said, *other = &r->side[!role].said;

	if (o->has & HAS_SEND_KEY && own->at.pkt != e->at.pkt)
		event_check(e, o->send_key == own->key ? VERDICT_OK : VERDICT_BAD,
			    o->send_key == own->key ? "key of the %s as in its SYN"
			    : "key of the %s not that of its SYN", host(role));
	if (!(o->has & HAS_RECV_KEY))
		return;
	if (other->at.pkt == e->at.pkt)
		event_check(e, VERDICT_UNKNOWN, "SYN/ACK with the key of the %s not captured",
			    host(!role));
	else if (o->recv_key == other->key)
		event_check(e, VERDICT_OK, "echoed key of the %s right", host(!role));
	else
		event_check(e, VERDICT_BAD, "echoed key of the %s not that of its SYN/ACK: "
			    "0x%016" PRIx64 ", and 0x%016" PRIx64, host(!role),
			    o->recv_key, other->key);
}

void proof_token(struct event *e, const struct conn_side *owner, uint32_t token)
{
	uint32_t right;

	if (!owner->has_key) {
		event_check(e, VERDICT_UNKNOWN, "token of a key not captured");
		return;
	}
	right = mptcp_digest(conn_of(owner)->version, owner->key).token;
	if (token == right)
		event_check(e, VERDICT_OK, "token right");
	else
		event_check(e, VERDICT_BAD, "token wrong: 0x%08" PRIx32
			    ", not 0x%08" PRIx32, token, right);
}

void proof_join(struct event *e, const struct subflow *f, bool ack)
{
	const char *where = ack ? "ACK" : "SYN/ACK";
	enum verdict v = f->hmac[ack];

	if (v == VERDICT_OK)
		event_check(e, v, "HMAC of the %s right", where);
	else if (v == VERDICT_BAD)
		event_check(e, v, "HMAC of the %s wrong", where);
	else
		event_check(e, VERDICT_UNKNOWN, "HMAC of the %s not checked: %s not captured",
			    where, v == VERDICT_NONE ? "it was" :
			    f->has_nonce == 3 ? "keys" : "a nonce");
}

void proof_add_addr(struct event *e, const struct conn *c, unsigned role,
		    const struct mptcp_option *o)
{
	const struct conn_side *own = &c->side[role], *other = &c->side[!role];
	uint16_t port = o->has & HAS_PORT ? o->port : 0;
	bool v4 = addr_is_v4(&o->address);
	uint8_t right[MPTCP_HMAC_MAX], portless[MPTCP_HMAC_MAX];

	if (!(o->has & HAS_HMAC)) {
		if (o->has & HAS_ECHO)
			event_check(e, VERDICT_UNKNOWN, "HMAC cut off by the capture");
		return;
	}
	if (!own->has_key || !other->has_key) {
		event_check(e, VERDICT_UNKNOWN, "HMAC not checked: keys not captured");
		return;
	}
	mptcp_add_addr_hmac(own->key, other->key, o->addr_id,
			    o->address.b + (v4 ? 12 : 0), v4 ? 4 : 16, port, right);
	mptcp_add_addr_hmac(own->key, other->key, o->addr_id,
			    o->address.b + (v4 ? 12 : 0), v4 ? 4 : 16, 0, portless);
	if (memcmp(o->hmac, right + 24, 8) == 0)
		event_check(e, VERDICT_OK, "HMAC right");
	else if (memcmp(o->hmac, right, 8) == 0)
		event_check(e, VERDICT_BAD, "HMAC wrong: the leftmost 8 bytes, "
			    "as Linux 5.6 sent in development");
	else if (memcmp(o->hmac, portless + 24, 8) == 0)
		event_check(e, VERDICT_BAD, "HMAC wrong: without the port, "
			    "as older Linux made it");
	else
		event_check(e, VERDICT_BAD, "HMAC wrong");
}

void proof_fastclose(struct event *e, const struct conn_side *to,
		     const struct mptcp_option *o)
{
	if (!(o->has & HAS_RECV_KEY))
		event_check(e, VERDICT_UNKNOWN, "key cut off by the capture");
	else if (!to->has_key)
		event_check(e, VERDICT_UNKNOWN, "key not checked: it was not captured before");
	else if (to->key == o->recv_key)
		event_check(e, VERDICT_OK, "key of the receiver right");
	else
		event_check(e, VERDICT_BAD, "key of the receiver wrong");
}

void proof_first_dsn(struct event *e, const struct conn *c, unsigned role,
		     int64_t dsn, bool implied)
{
	if (!c->side[role].has_key)
		event_check(e, VERDICT_UNKNOWN, "IDSN not checked: key not captured");
	else if (dsn == 0)
		event_check(e, VERDICT_OK, implied ? "at IDSN + 1, as MP_CAPABLE implies"
			    : "DSN is IDSN + 1 of the key");
	else if (dsn < 0)
		event_check(e, VERDICT_BAD, "DSN is below IDSN + 1 of the key");
	else
		event_check(e, VERDICT_UNKNOWN, "not the first byte: that was not captured");
}
