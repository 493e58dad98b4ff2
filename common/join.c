#include "join.h"

#include "conn.h"
#include "hmac.h"
#include "keys.h"
#include "mptcp_key.h"
#include "segment.h"
#include "stream.h"

enum { TRIED_MAX = 8 };	/* connections that an HMAC may be of */

/* Whether there is all that it takes to check an HMAC. */
static bool can_check(const struct conn *c, const struct subflow *f,
		      const struct mptcp_option *o)
{
	return c->side[CLIENT].has_key && c->side[SERVER].has_key &&
	       f->has_nonce == 3 && o->has & HAS_HMAC;
}

/*
 * Whether the SYNs whose nonces are known are those that the segment goes on
 * from. Another try on the same addresses, not captured, had others.
 */
static bool answers(const struct segment *seg)
{
	return seg->flags & TCP_SYN ? !(seg->has & COLUMN(REL_ACK)) || seg->rel_ack == 1
				    : !(seg->has & COLUMN(REL_SEQ)) || seg->rel_seq == 1;
}

/*
 * Tokens collide (n connections have about n^2 / 2^33 pairs that do): the HMAC
 * tells whose JOIN it is. It comes before all data; what is somebody's stays so.
 */
static bool find_parent(struct conns *t, struct subflow *f, unsigned from,
			const struct mptcp_option *o)
{
	bool placed = mapping_n(&f->map[0]) || mapping_n(&f->map[1]);
	struct conn_side *side;
	unsigned tried = 0;
	size_t at = 0;

	while (!placed && tried < TRIED_MAX && (side = conn_next_token(t, f->token, &at))) {
		struct conn *c = conn_of(side);
		unsigned role = conn_side_role(side);

		if (c == f->conn || !can_check(c, f, o) || !++tried ||
		    !hmac_of_join(t, c, role, f, from, o))
			continue;
		subflow_move(t, f, c, role == CLIENT ? from : !from);
		return true;
	}
	f->bad_hmac = true;
	return false;
}

/*
 * A token of no connection that is known may be a wrong one: the HMAC tells
 * whose JOIN it was meant to be, of the latest connections of that host.
 */
static bool find_meant(struct conns *t, struct subflow *f, unsigned from,
		       const struct mptcp_option *o)
{
	const struct addr *host = &f->stream->addr[from];
	unsigned looked = 0, tried = 0;

	if (!conn_is_guess(f->conn))
		return false;
	for (struct conn *c = t->last; c && looked++ < 256 && tried < TRIED_MAX; c = c->prev) {
		for (unsigned role = 0; role < 2; role++) {
			unsigned client = role == CLIENT ? from : !from;

			if (c == f->conn || addr_cmp(side_addr(&c->side[role]), host) != 0 ||
			    !can_check(c, f, o))
				continue;
			tried++;
			if (!hmac_of_join(t, c, role, f, from, o))
				continue;
			conn_absorb(t, c, f->conn, client != f->client);
			return true;
		}
	}
	return false;
}

void join_observe(struct conns *t, struct subflow *f,
		  const struct segment *seg, const struct mptcp_option *o,
		  unsigned from)
{
	enum verdict hmac;

	if (f->kind == SUBFLOW_INITIAL)
		return;
	f->kind = SUBFLOW_JOIN;
	if (o->has & HAS_NONCE) {
		f->nonce[from] = o->nonce;
		f->has_nonce |= (uint8_t)(1u << from);
	}
	if (o->has & HAS_ADDR_ID) {
		f->addr_id[from] = o->addr_id;
		f->has_addr_id |= (uint8_t)(1u << from);
	}
	if (o->has & HAS_BACKUP)
		subflow_set_backup(f, from, o->backup);
	if (o->has & HAS_TOKEN) {
		struct conn_side *owner = &f->conn->side[!subflow_role(f, from)];

		f->token = o->token;
		f->opener = (uint8_t)from;
		if (!owner->has_token)
			conn_set_token(t, owner, o->token);
		keys_prove_token(t, owner, o->token);
	}
	hmac = !can_check(f->conn, f, o) || !answers(seg) ? VERDICT_UNKNOWN :
	       hmac_of_join(t, f->conn, subflow_role(f, from), f, from, o) ?
	       VERDICT_OK : VERDICT_BAD;
	if (!(seg->flags & TCP_SYN)) {
		f->hmac[1] = (uint8_t)hmac;
		f->bad_hmac |= hmac == VERDICT_BAD;
		if (!f->bad_hmac)
			subflow_establish(f);
	} else if (seg->flags & TCP_ACK) {
		if (hmac == VERDICT_BAD ? find_parent(t, f, from, o) :
		    hmac == VERDICT_UNKNOWN && find_meant(t, f, from, o))
			hmac = VERDICT_OK;
		f->hmac[0] = (uint8_t)hmac;
	}
}
