/* What became of a subflow and its connection: set up, failed, fallen back, ended. */
#include <inttypes.h>

#include "conn.h"
#include "proof.h"
#include "record.h"
#include "rules.h"
#include "stream.h"
#include "watch.h"

static const char *const host[] = { "client", "server" };

/* The MPTCP handshake is done: the keys, and what they say. */
static void capable(struct watch *w, struct subflow *f, unsigned from)
{
	const struct conn *c = f->conn;
	const struct mptcp_option *o = tcp_options_find(&w->log.seg->opt, MP_CAPABLE);
	struct event e = event_of(&w->log, EVENT_CAPABLE, f, from);
	const struct conn_side *own = &c->side[subflow_role(f, from)];

	if (own->has_token)
		event_value(&e, "0x%08" PRIx32, own->token);
	if (c->has_version)
		event_add(&e, "version %u%s", c->version,
			  c->checksum == 1 ? ", with checksums" : "");
	for (unsigned role = 0; role < 2; role++) {
		const struct conn_side *side = &c->side[role];

		if (side->has_key)
			event_add(&e, "%s: token 0x%08" PRIx32 ", IDSN 0x%016" PRIx64,
				  host[role], side->token, side->base - 1);
	}
	if (o)
		proof_keys(&e, record_of(f->conn), subflow_role(f, from), o);
	else
		event_check(&e, VERDICT_UNKNOWN, "ACK with both keys not captured");
	event_say(&w->log, c, &e);
}

/* The token of a JOIN, now that the key of the host that it went to is known. */
static void check_token(struct watch *w, struct subflow *f, struct record_stream *s)
{
	const struct conn_side *owner = &f->conn->side[subflow_role(f, !f->opener)];
	struct event e = { 0 };

	if (!owner->has_key)
		return;
	s->token_open = false;
	proof_token(&e, owner, f->token);
	if (e.verdict == VERDICT_BAD)
		rule_broken(&w->log, RULE_TOKEN, f, f->opener, true, "%s", e.detail);
}

static void joined(struct watch *w, struct subflow *f)
{
	const struct stream *s = f->stream;
	unsigned end = f->opener;
	struct event e = event_of(&w->log, EVENT_JOINED, f, end);
	char from[END_TEXT_MAX], to[END_TEXT_MAX];

	if (f->token)
		event_value(&e, "0x%08" PRIx32, f->token);
	event_add(&e, "%s -> %s", end_text(from, &s->addr[end], s->port[end]),
		  end_text(to, &s->addr[!end], s->port[!end]));
	if (f->has_addr_id == 3)
		event_add(&e, "address ids %u and %u", f->addr_id[end], f->addr_id[!end]);
	if (f->backup)
		event_add(&e, "a backup");
	if (f->token)
		proof_token(&e, &f->conn->side[subflow_role(f, !end)], f->token);
	proof_join(&e, f, false);
	proof_join(&e, f, true);
	event_say(&w->log, f->conn, &e);
}

static void establish(struct watch *w, struct subflow *f, unsigned from,
		      struct record_stream *s)
{
	if (s->established || !f->established || f->kind == SUBFLOW_UNKNOWN)
		return;
	s->established = true;
	if (f->kind == SUBFLOW_JOIN)
		joined(w, f);
	else if (!f->conn->plain)
		capable(w, f, from);
}

/* A JOIN that fails: `why` is one word for the column `value`. */
static struct event join_failed(struct watch *w, struct subflow *f, unsigned from,
				const char *why)
{
	struct event e = event_of(&w->log, EVENT_JOIN_FAILED, f, from);
	const struct stream *s = f->stream;
	char text[2][END_TEXT_MAX];
	unsigned opener = f->opener;

	record_of_stream(f->stream)->failed = true;
	event_value(&e, "%s", why);
	event_add(&e, "%s -> %s", end_text(text[0], &s->addr[opener], s->port[opener]),
		  end_text(text[1], &s->addr[!opener], s->port[!opener]));
	return e;
}

static void explain_reset(struct event *e, const struct subflow *f, unsigned from,
			  bool synack)
{
	const char *who = host[subflow_role(f, from)];

	if (from != f->opener)
		event_add(e, "the %s answered the %s with a RST", who,
			  synack ? "ACK" : "SYN");
	else if (synack)
		event_add(e, "the %s answered the SYN/ACK with a RST", who);
	else
		event_add(e, "the %s gave it up with a RST before any SYN/ACK", who);
}

static void check_join(struct watch *w, struct subflow *f, unsigned from,
		       struct record_stream *s)
{
	const struct segment *seg = w->log.seg;
	const struct mptcp_option *o = tcp_options_find(&seg->opt, MP_TCPRST);
	struct event e;

	if (f->kind != SUBFLOW_JOIN || f->established || s->failed)
		return;
	if ((seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) &&
	    from != f->opener && !s->joins && !(seg->opt.errors & OPTION_CUT)) {
		e = join_failed(w, f, from, "no_option");
		event_add(&e, "the SYN/ACK has no MP_JOIN: its host speaks TCP "
			  "there, or the option was removed on the way");
	} else if (seg->flags & TCP_RST) {
		e = join_failed(w, f, from, f->bad_hmac ? "bad_hmac" : "reset");
		explain_reset(&e, f, from, s->synack);
		if (f->bad_hmac)
			event_add(&e, "an HMAC was wrong");
		if (o && o->has & HAS_REASON)
			event_add(&e, "reason %u, %s", o->rst_reason,
				  event_reason(o->rst_reason));
	} else {
		return;
	}
	event_say(&w->log, f->conn, &e);
}

static void explain_fallback(struct watch *w, struct event *e,
			     const struct subflow *f, unsigned from)
{
	const struct segment *seg = w->log.seg;
	const struct record_stream *s = f->stream->data;
	unsigned role = subflow_role(f, from);

	switch (f->conn->fallback) {
	case FALLBACK_NO_CAPABLE_SYNACK:
		event_add(e, "the SYN/ACK has no MP_CAPABLE: the server speaks TCP, "
			  "or the option was removed on the way");
		break;
	case FALLBACK_SYN_DOWNGRADED:
		event_add(e, "the SYN of packet %" PRIu64 " has no MP_CAPABLE any more, "
			  "nor the SYN/ACK", s->plain_syn);
		break;
	case FALLBACK_VERSION_MISMATCH:
		event_add(e, "the SYN/ACK is of another version than the SYN");
		break;
	case FALLBACK_OPTIONS_LOST:
		if (f->has_dss == 3) {
			event_add(e, "the %s acknowledges, without a data ACK, data that has "
				  "no mapping: both speak TCP now", host[role]);
			break;
		}
		event_add(e, seg->len ? "first data of the %s without a DSS" :
			  "the %s acknowledges data without a data ACK", host[role]);
		event_add(e, f->has_dss >> !from & 1 ? "options of the %s came through" :
			  "no DSS of the %s either", host[!role]);
		break;
	default:
		event_add(e, seg->opt.mptcps ? "infinite mapping of the %s" :
			  "data of the %s without options", host[role]);
		event_add(e, f->failed ? "after an MP_FAIL" : "no MP_FAIL was captured");
	}
}

static void fall_back(struct watch *w, struct subflow *f, unsigned from)
{
	struct record *r = record_of(f->conn);
	struct event e;

	if (r->fallback == f->conn->fallback)
		return;
	r->fallback = f->conn->fallback;
	if (!r->fallback)
		return;
	e = event_of(&w->log, EVENT_FALLBACK, f, from);
	event_value(&e, "%s", conn_fallback(f->conn));
	explain_fallback(w, &e, f, from);
	event_say(&w->log, f->conn, &e);
}

static void ends(struct watch *w, struct subflow *f, unsigned from,
		 struct record_stream *s)
{
	const struct segment *seg = w->log.seg;
	const struct mptcp_option *o = tcp_options_find(&seg->opt, MP_TCPRST);
	struct event e;

	if (seg->flags & TCP_FIN && !(s->fin >> from & 1)) {
		s->fin |= (uint8_t)(1u << from);
		e = event_of(&w->log, EVENT_SUBFLOW_FIN, f, from);
		event_say(&w->log, f->conn, &e);
	}
	if (seg->flags & TCP_RST && !(s->rst >> from & 1)) {
		s->rst |= (uint8_t)(1u << from);
		e = event_of(&w->log, EVENT_SUBFLOW_RST, f, from);
		if (o && o->has & HAS_REASON)
			event_add(&e, "reason %u, %s", o->rst_reason,
				  event_reason(o->rst_reason));
		event_say(&w->log, f->conn, &e);
	}
}

static void close_conn(struct watch *w, struct conn *c, struct event *e)
{
	const struct conn_side *a = &c->side[CLIENT], *b = &c->side[SERVER];

	record_of(c)->closed = true;
	event_value(e, "%s", conn_close(c));
	if (c->fastclose)
		event_add(e, "aborted by MP_FASTCLOSE");
	else if (a->fin && b->fin)
		event_add(e, "DATA_FIN of both hosts%s", record_of(c)->side[0].fin_acked &&
			  record_of(c)->side[1].fin_acked ? ", acknowledged" : "");
	else if (conn_closed(c))
		event_add(e, "FIN of both hosts, after the fallback");
	else
		event_add(e, "every subflow was reset");
	event_say(&w->log, c, e);
}

static void check_closed(struct watch *w, struct subflow *f, unsigned from)
{
	struct conn *c = f->conn;
	struct record *r = record_of(c);
	struct event e;

	if (r->closed || !(c->fastclose || c->finished ||
			   (r->side[0].fin_acked && r->side[1].fin_acked)))
		return;
	e = event_of(&w->log, EVENT_CLOSED, f, from);
	close_conn(w, c, &e);
}

void watch_states(struct watch *w, struct subflow *f, unsigned from)
{
	struct record_stream *s = record_of_stream(f->stream);
	const struct segment *seg = w->log.seg;

	if (seg->flags & TCP_SYN && !(seg->flags & TCP_ACK) &&
	    !tcp_options_find(&seg->opt, MP_CAPABLE))
		s->plain_syn = seg->pkt;
	s->synack |= (seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
	if (s->token_open)
		check_token(w, f, s);
	establish(w, f, from, s);
	fall_back(w, f, from);
	check_join(w, f, from, s);
	if (seg->flags & (TCP_FIN | TCP_RST))
		ends(w, f, from, s);
	check_closed(w, f, from);
}

void watch_stream_over(struct watch *w, struct subflow *f)
{
	struct record_stream *s = record_of_stream(f->stream);
	struct event e;

	watch_settle(w, f, 0);
	watch_settle(w, f, 1);
	rules_of_stray_echoes(&w->log, f);
	if (f->kind != SUBFLOW_JOIN || f->established || s->failed ||
	    !f->stream->side[f->opener].syn)
		return;
	e = join_failed(w, f, f->opener, f->bad_hmac ? "bad_hmac" : "unanswered");
	e.at = s->last;
	event_add(&e, f->bad_hmac ? "an HMAC was wrong" : s->synack ?
		  "no ACK with its HMAC was captured" : "no SYN/ACK was captured");
	event_say(&w->log, f->conn, &e);
}

void watch_conn_over(struct watch *w, struct conn *c)
{
	struct record *r = record_of(c);
	struct event e;
	bool reset = r->reset.pkt && conn_close(c)[0] == 'r';

	if (r->closed || !(conn_closed(c) || reset))
		return;
	e = event_of_data(&w->log, EVENT_CLOSED, c, CLIENT);
	e.at = reset ? r->reset : r->last;
	close_conn(w, c, &e);
}
