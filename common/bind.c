#include "bind.h"

#include "column.h"
#include "conn.h"
#include "dss.h"
#include "mptcp_key.h"
#include "segment.h"
#include "stream.h"

/* Which end of the stream is the client, if the sender has this role. */
static unsigned client_end(unsigned from, unsigned role)
{
	return role == CLIENT ? from : !from;
}

/*
 * A connection for a stream of which nothing is known. TSV says its index. If
 * that one is there already, a handshake will prove to be its own in a moment;
 * of other rows, those that showed how they belong together were left out.
 */
static struct conn *fresh(struct conns *t, const struct segment *seg)
{
	struct conn *c;

	if (!seg->tracked)
		return conn_new(t, seg);
	c = conn_by_index(t, seg->conn);
	if (!c)
		return conn_new_index(t, seg, seg->conn);
	return tcp_options_find(&seg->opt, MP_CAPABLE) ?
	       conn_new_index(t, seg, UINT32_MAX) : c;
}

/*
 * Whose token a JOIN SYN has: of several, the one whose owner is known at the
 * address the SYN goes to, else the latest. The HMAC will confirm or correct it.
 */
static struct conn_side *token_owner(struct conns *t, uint32_t token,
				     const struct segment *seg)
{
	struct conn_side *side, *best = NULL;
	bool best_at_home = false;
	size_t at = 0;

	while ((side = conn_next_token(t, token, &at))) {
		bool at_home = addr_cmp(side_addr(side), &seg->dst) == 0;

		if (!best || at_home > best_at_home ||
		    (at_home == best_at_home &&
		     conn_of(side)->index > conn_of(best)->index)) {
			best = side;
			best_at_home = at_home;
		}
	}
	return best;
}

static struct subflow *bind_join(struct conns *t, struct stream *s,
				 const struct segment *seg, unsigned from,
				 const struct mptcp_option *o)
{
	struct conn_side *owner;
	bool synack = (seg->flags & TCP_SYN) && (seg->flags & TCP_ACK);

	if (!(o->has & HAS_TOKEN))	/* its SYN was not captured */
		return subflow_new(fresh(t, seg), s, synack ? !from : from);
	owner = token_owner(t, o->token, seg);
	if (owner)
		return subflow_new(conn_of(owner), s, client_end(!from,
				conn_side_role(owner)));
	return subflow_new(fresh(t, seg), s, from);
}

/* A connection whose data goes on with these 64-bit numbers, else a new one. */
static struct subflow *bind_dss(struct conns *t, struct stream *s,
				const struct segment *seg, unsigned from,
				const struct mptcp_option *o)
{
	struct conn_side *near = NULL;
	unsigned end = from;

	if (o->has & HAS_DSN && o->dsn_wide)
		near = conn_near_dsn(t, NULL, o->dsn);
	if (!near && o->has & HAS_DATA_ACK && o->ack_wide) {
		near = conn_near_dsn(t, NULL, o->data_ack);
		end = !from;
	}
	if (near)
		return subflow_new(conn_of(near), s, client_end(end,
				conn_side_role(near)));
	return subflow_new(fresh(t, seg), s, seg->tracked ?
			   client_end(from, seg->dir) : s->client);
}

/* A key in clear on a stream of which nothing else was captured. */
static struct subflow *bind_fastclose(struct conns *t, struct stream *s,
				      unsigned from, const struct mptcp_option *o)
{
	for (unsigned version = 0; o->has & HAS_RECV_KEY && version < 2; version++) {
		uint32_t token = mptcp_digest(version, o->recv_key).token;
		struct conn_side *side;
		size_t at = 0;

		while ((side = conn_next_token(t, token, &at)))
			if (!side->has_key || side->key == o->recv_key)
				return subflow_new(conn_of(side), s, client_end(!from,
					conn_side_role(side)));
	}
	return NULL;
}

/* The first MPTCP option that says which connection a stream belongs to. */
static struct subflow *bind_new(struct conns *t, struct stream *s,
				const struct segment *seg, unsigned from)
{
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];
		bool syn = seg->flags & TCP_SYN;

		/* a handshake without it can't be made up for by the third ACK */
		if (o->subtype == MP_CAPABLE && mptcp_capable_counts(o) &&
		    (syn || !s->side[from].syn))
			return subflow_new(fresh(t, seg), s,
				syn && seg->flags & TCP_ACK ? !from : from);
		if (o->subtype == MP_JOIN && !(seg->flags & TCP_RST))
			return bind_join(t, s, seg, from, o);
		if (o->subtype == MP_DSS && !syn && !(seg->flags & TCP_RST))
			return bind_dss(t, s, seg, from, o);
		if (o->subtype == MP_FASTCLOSE)
			return bind_fastclose(t, s, from, o);
	}
	return NULL;
}

/*
 * A SYN on a stream that was seen before it: what was a guess so far, from
 * segments out of order, is known now.
 */
static void rebind_syn(struct conns *t, struct subflow *f,
		       const struct segment *seg, unsigned from)
{
	const struct mptcp_option *o = tcp_options_find(&seg->opt, MP_JOIN);
	struct conn_side *owner = o && o->has & HAS_TOKEN ?
				  token_owner(t, o->token, seg) : NULL;

	if (!conn_is_guess(f->conn))
		return;
	if (owner && conn_of(owner) != f->conn) {
		unsigned client = client_end(!from,
				conn_side_role(owner));

		conn_absorb(t, conn_of(owner), f->conn, client != f->client);
	} else if (!o && f->client != from) {
		conn_absorb(t, seg->tracked ? conn_new_index(t, seg, UINT32_MAX) :
				conn_new(t, seg), f->conn, true);
	}
}

struct subflow *bind_segment(struct conns *t, struct stream *s,
			     struct segment *seg, unsigned from)
{
	struct subflow *f = s->subflow;

	if (seg->tracked && !(seg->has & COLUMN(CONN)))
		return NULL;
	if (!f && seg->opt.mptcps) {
		column_fetch(seg, DSS_COLUMNS);
		f = bind_new(t, s, seg, from);
	}
	if (!f && seg->tracked)
		f = subflow_new(fresh(t, seg), s, client_end(from, seg->dir));
	if (f && (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		rebind_syn(t, f, seg, from);
		subflow_set_reset(f, false);
	}
	return f;
}

void bind_correct(struct conns *t, struct subflow *f,
		  const struct segment *seg, unsigned from)
{
	unsigned client = client_end(from, seg->dir);
	struct conn *c;

	if (f->conn->index != seg->conn) {
		c = conn_by_index(t, seg->conn);
		if (!c)
			c = conn_new_index(t, seg, seg->conn);
		if (conn_is_guess(f->conn))
			conn_absorb(t, c, f->conn, f->client != client);
		else if (conn_is_guess(c))
			conn_absorb(t, f->conn, c, false);
		else
			subflow_move(t, f, c, client);
	}
	f->client = (uint8_t)client;
}
