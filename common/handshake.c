#include "handshake.h"

#include "dss.h"
#include "hmac.h"
#include "join.h"
#include "keys.h"
#include "mapping.h"
#include "stream.h"

static void refuse(struct conn *c, unsigned reason)
{
	c->fallback = (uint8_t)reason;
	c->plain = true;
}

static void capable_syn(struct conns *t, struct subflow *f,
			const struct mptcp_option *o)
{
	struct conn *c = f->conn;

	c->has_syn = true;
	f->kind = SUBFLOW_INITIAL;
	f->syn_capable = true;
	if (!c->has_synack) {
		c->version = o->version;
		c->has_version = true;
	}
	if (o->has & HAS_SEND_KEY)
		keys_take(t, c, CLIENT, o->send_key, true);
}

static void capable_synack(struct conns *t, struct subflow *f,
			   const struct mptcp_option *o)
{
	struct conn *c = f->conn;

	f->kind = SUBFLOW_INITIAL;
	if (c->has_syn && c->version != o->version) {
		refuse(c, FALLBACK_VERSION_MISMATCH);
		return;
	}
	c->version = o->version;
	c->has_version = c->has_synack = true;
	if (c->plain) {		/* an earlier SYN/ACK without it was a stray */
		c->plain = false;
		c->fallback = FALLBACK_NONE;
	}
	if (o->has & HAS_SEND_KEY)
		keys_take(t, c, SERVER, o->send_key, true);
}

/* The third ACK, or data of version 1: both keys. */
static void capable_ack(struct conns *t, struct subflow *f,
			const struct mptcp_option *o, unsigned from)
{
	struct conn *c = f->conn;
	unsigned role = subflow_role(f, from);

	if (c->plain)
		return;
	if (!c->has_version) {
		c->version = o->version;
		c->has_version = true;
	}
	if (f->kind == SUBFLOW_UNKNOWN)
		f->kind = SUBFLOW_INITIAL;
	if (o->has & HAS_SEND_KEY)
		keys_take(t, c, role, o->send_key, false);
	if (o->has & HAS_RECV_KEY)
		keys_take(t, c, !role, o->recv_key, false);
	subflow_establish(f);
	f->has_dss |= (uint8_t)(1u << from);
}

static void observe_capable(struct conns *t, struct subflow *f,
			    const struct segment *seg,
			    const struct mptcp_option *o, unsigned from)
{
	struct conn *c = f->conn;

	if (f->kind == SUBFLOW_JOIN)
		return;
	f->has_addr_id = 3;	/* the initial subflow's ids are 0, RFC 8684 3.2 */
	if (o->has & HAS_MP_FLAGS && c->checksum < 1)
		c->checksum = (o->mp_flags & MP_FLAG_CHECKSUM) != 0;
	if (!(seg->flags & TCP_SYN))
		capable_ack(t, f, o, from);
	else if (seg->flags & TCP_ACK)
		capable_synack(t, f, o);
	else
		capable_syn(t, f, o);
}

/* The key in MP_FASTCLOSE is the receiver's, and may be the first one of it that was seen. */
static void observe_fastclose(struct conns *t, struct subflow *f,
			      const struct mptcp_option *o, unsigned from)
{
	struct conn *c = f->conn;
	unsigned role = !subflow_role(f, from);
	struct conn_side *side = &c->side[role];

	if (!(o->has & HAS_RECV_KEY) || (side->has_key && side->key != o->recv_key))
		return;
	c->fastclose = true;
	keys_take_late(t, c, role, o->recv_key);
}

/*
 * Options lost after the handshake: a host sends its first data without a
 * mapping, or acknowledges data without a data ACK, and never sent either.
 */
static bool options_lost(const struct subflow *f, const struct segment *seg,
			 unsigned from)
{
	const struct conn *c = f->conn;
	const struct stream_side *side = &f->stream->side[from];
	const struct stream_side *other = &f->stream->side[!from];

	if (f->kind != SUBFLOW_INITIAL || !c->has_syn || !c->has_synack ||
	    c->plain || c->fallback || c->established > 1 ||
	    f->has_dss >> from & 1 || seg->opt.mptcps || seg->opt.errors ||
	    seg->flags & (TCP_SYN | TCP_RST))
		return false;
	if (seg->len && seg->rel_seq == 1 + (int64_t)side->syn_taken)
		return true;
	return seg->has & COLUMN(REL_ACK) &&
	       seg->rel_ack > 1 + (int64_t)other->syn_taken + other->fin;
}

/*
 * The same, later: a host whose peer gave up MPTCP, as nothing of its own came
 * through, does so too (RFC 8684 3.7). It acknowledges data that has no mapping
 * without a data ACK. Mappings that were not captured prove nothing.
 */
static bool options_given_up(struct subflow *f, const struct segment *seg,
			     unsigned from)
{
	const struct conn *c = f->conn;
	const struct stream_side *other = &f->stream->side[!from];
	int64_t bare = subflow_rarities(f)->bare[!from], dsn;

	if (!bare || !(seg->has & COLUMN(REL_ACK)) || seg->rel_ack <= bare ||
	    seg->flags & TCP_RST)
		return false;
	f->rarities->bare[!from] = 0;
	return f->kind == SUBFLOW_INITIAL && c->has_syn && c->has_synack &&
	       !c->plain && !c->fallback && c->established <= 1 &&
	       !seg->opt.mptcps && !seg->opt.errors && other->syn && !other->gaps &&
	       !mapping_find(&f->map[!from], bare, &dsn);
}

/*
 * MP_PRIO is about the subflow it comes on or, with an address id (version 0),
 * about all that its sender has at that address (RFC 6824 3.3.8).
 */
static void observe_prio(struct subflow *f, const struct mptcp_option *o,
			 unsigned from)
{
	unsigned role = subflow_role(f, from);

	if (!(o->has & HAS_BACKUP))
		return;
	if (!(o->has & HAS_ADDR_ID)) {
		subflow_set_backup(f, from, o->backup);
		return;
	}
	for (struct subflow *g = f->conn->subflows; g; g = g->next) {
		unsigned end = role == CLIENT ? g->client : !g->client;

		if (g->has_addr_id >> end & 1 && g->addr_id[end] == o->addr_id)
			subflow_set_backup(g, end, o->backup);
	}
}

/* Data without options after an MP_FAIL on the only subflow, RFC 8684 3.7. */
static bool failed(const struct subflow *f, const struct segment *seg)
{
	return f->failed && !f->conn->fallback && f->conn->established <= 1 &&
	       seg->len && !seg->opt.mptcps && !seg->opt.errors;
}

/* A SYN or SYN/ACK of the first subflow without MP_CAPABLE. */
static void observe_refusal(struct subflow *f, const struct segment *seg)
{
	struct conn *c = f->conn;

	if (f->kind != SUBFLOW_INITIAL || seg->opt.errors & OPTION_CUT)
		return;
	if (!(seg->flags & TCP_ACK))
		f->syn_capable = false;
	else if (c->has_syn && !c->has_synack)
		refuse(c, f->syn_capable ? FALLBACK_NO_CAPABLE_SYNACK :
					   FALLBACK_SYN_DOWNGRADED);
}

static void observe_isn(struct subflow *f, const struct segment *seg,
			unsigned from)
{
	struct conn *c = f->conn;
	unsigned role = subflow_role(f, from);

	if (f->kind != SUBFLOW_INITIAL)
		return;
	c->isn[role] = seg->seq;
	c->has_isn |= (uint8_t)(1u << role);
	if (seg->flags & TCP_ACK && !(c->has_isn >> !role & 1)) {
		c->isn[!role] = seg->ack - 1;
		c->has_isn |= (uint8_t)(1u << !role);
	}
}

/* Any option but a DSS. */
static void observe_option(struct conns *t, struct subflow *f, const struct segment *seg,
			   const struct mptcp_option *o, unsigned from)
{
	switch (o->subtype) {
	case MP_CAPABLE:
		if (mptcp_capable_counts(o))
			observe_capable(t, f, seg, o, from);
		break;
	case MP_JOIN:
		join_observe(t, f, seg, o, from);
		break;
	case MP_FASTCLOSE:
		observe_fastclose(t, f, o, from);
		break;
	case MP_FAIL:
		f->failed = true;
		break;
	case MP_PRIO:
		observe_prio(f, o, from);
		break;
	case MP_ADD_ADDR:
		hmac_of_address(t, f->conn, subflow_role(f, from), o);
	}
}

static void observe_syn(struct subflow *f, const struct segment *seg, unsigned from)
{
	bool capable = false;

	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];

		capable |= o->subtype == MP_CAPABLE && mptcp_capable_counts(o);
	}
	if (!capable)
		observe_refusal(f, seg);
	observe_isn(f, seg, from);
}

static void find_fallback(struct conns *t, struct subflow *f, const struct segment *seg,
			  unsigned from)
{
	if (options_lost(f, seg, from) || options_given_up(f, seg, from))
		dss_fall_back(t, f, FALLBACK_OPTIONS_LOST);
	else if (failed(f, seg))
		dss_fall_back(t, f, FALLBACK_INFINITE_MAPPING);
}

void handshake_observe_any(struct conns *t, struct subflow *f,
			   const struct segment *seg, unsigned from)
{
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->subtype == MP_DSS)
			f->has_dss |= (uint8_t)(1u << from);
		else
			observe_option(t, f, seg, o, from);
	}
	if (seg->flags & TCP_SYN)
		observe_syn(f, seg, from);
	else if (!seg->opt.mptcps || f->rarities)
		find_fallback(t, f, seg, from);
}
