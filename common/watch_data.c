/* What a segment means for the data: where it begins and ends, whether it is whole and gets on. */
#include <inttypes.h>

#include "conn.h"
#include "mem.h"
#include "proof.h"
#include "record.h"
#include "rules.h"
#include "seq.h"
#include "stream.h"
#include "watch.h"

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

/* The end of the subflow that has this role. */
static unsigned end_of(const struct subflow *f, unsigned role)
{
	return role == CLIENT ? f->client : !f->client;
}

static void first_data(struct watch *w, struct subflow *f, unsigned role)
{
	const struct conn *c = f->conn;
	const struct mptcp_option *o = tcp_options_find(&w->log.seg->opt, MP_CAPABLE);
	unsigned from = end_of(f, role);
	int64_t dsn = w->told.first_dsn[role];
	struct event e = event_of(&w->log, EVENT_FIRST_DATA, f, from);

	event_value(&e, "%" PRId64, dsn);
	if (c->fallback)
		event_add(&e, "as TCP");
	else if (dsn < 0 && dsn >= -(int64_t)f->stream->side[from].syn_taken)
		event_add(&e, "in the SYN");
	else
		proof_first_dsn(&e, c, role, dsn, o && o->has & HAS_DATA_LEN);
	if (e.verdict == VERDICT_BAD)
		rule_broken(&w->log, RULE_FIRST_DSN, f, from, true, "DSN %" PRId64, dsn);
	event_say(&w->log, c, &e);
}

static void data_fin(struct watch *w, struct subflow *f, unsigned from)
{
	struct conn *c = f->conn;
	unsigned role = subflow_role(f, from);
	struct record_side *r = &record_of(c)->side[role];
	struct event e = event_of(&w->log, EVENT_DATA_FIN, f, from);

	r->data_fin = true;
	r->fin_dsn = c->side[role].fin_dsn;
	event_value(&e, "%" PRId64, r->fin_dsn);
	event_say(&w->log, c, &e);
}

static void infinite(struct watch *w, struct subflow *f, unsigned from,
		     const struct mptcp_option *o)
{
	struct record_side *r = &record_of(f->conn)->side[subflow_role(f, from)];
	struct event e = event_of(&w->log, EVENT_INFINITE_MAPPING, f, from);

	if (r->infinite)
		return;
	r->infinite = true;
	event_value(&e, "%" PRId64, o->map_dsn);
	event_add(&e, "from SSN %" PRIu32 " on", o->ssn);
	event_say(&w->log, f->conn, &e);
}

static void conflict(struct watch *w, struct subflow *f, unsigned from,
		     const struct mptcp_option *o)
{
	struct event e = event_of(&w->log, EVENT_MAPPING_CONFLICT, f, from);

	event_value(&e, "%" PRId64, o->map_dsn);
	event_check(&e, VERDICT_BAD, "SSN %" PRIu32 ", %u bytes: all or part was mapped "
		    "to other data before", o->ssn, o->data_len);
	event_say(&w->log, f->conn, &e);
}

/* Bytes that were acknowledged though no mapping that was captured covers them. */
static void find_unmapped(struct watch *w, struct subflow *f, unsigned from)
{
	const struct segment *seg = w->log.seg;
	const struct mapping_waits *waits = mapping_waits(&f->map[!from]);
	struct record_stream *s = record_of_stream(f->stream);

	if (!(seg->has & COLUMN(REL_ACK)) || f->conn->fallback || record_of(f->conn)->cut ||
	    !f->stream->side[!from].syn)
		return;
	for (uint32_t i = 0; i < waits->n; i++) {
		struct range r = waits->at[i].bytes;
		struct event e;

		if (r.to > seg->rel_ack || r.from < s->unmapped[!from])
			continue;
		e = event_of(&w->log, EVENT_MAPPING_GAP, f, !from);
		s->unmapped[!from] = r.to;
		event_value(&e, "%" PRId64, r.to - r.from);
		event_check(&e, VERDICT_UNKNOWN, "bytes %" PRId64 " to %" PRId64
			    " of the subflow were acknowledged, but no mapping of "
			    "them was captured", r.from, r.to - 1);
		event_say(&w->log, f->conn, &e);
		rule_broken(&w->log, RULE_MAPPING_GAP, f, !from, false,
			    "byte %" PRId64 " of the subflow", r.from);
	}
}

static void say_stall(struct watch *w, struct subflow *f, unsigned role,
		      const struct stall *s)
{
	struct event e = event_of_data(&w->log, EVENT_STALL, f->conn, role);

	e.at = s->since;
	event_value(&e, "%" PRId64, seq_minus(s->sent, s->acked));
	event_add(&e, "data ACK stays at %" PRId64 " from %.9f s on, with data up to %"
		  PRId64 " sent; threshold %.3f s", s->acked, seconds(s->moved.rel_ns),
		  s->sent, seconds(stall_threshold(s, w->options.stall_ns)));
	event_say(&w->log, f->conn, &e);
}

/* On which subflow, if that is known, or else on that of the data ACK. */
static struct subflow *carrier(struct subflow *f, const struct stall *s)
{
	for (struct subflow *g = f->conn->subflows; g && s->carried; g = g->next)
		if (g->stream->index == s->carrier)
			return g;
	return f;
}

static void resume(struct watch *w, struct subflow *f, unsigned role)
{
	const struct stall *s = &record_of(f->conn)->side[role].stall;
	struct subflow *by = carrier(f, s);
	struct event e = event_of(&w->log, EVENT_RESUME, by, end_of(by, role));
	int64_t ns = seq_minus(e.at.time_ns, s->since.time_ns);
	char text[END_TEXT_MAX];

	event_value(&e, "%.9f", seconds(ns));
	event_add(&e, "data ACK moved after it had not for %.3f s, %s the subflow of %s",
		  seconds(w->told.stood_ns[role]), s->carried ? "by data on" :
		  "the data was not captured, the ACK is on",
		  end_text(text, &e.addr, e.port));
	event_say(&w->log, f->conn, &e);
}

/* As TCP, data is acknowledged by the subflow alone. */
static void ack_fallback(struct watch *w, struct subflow *f, unsigned from)
{
	const struct segment *seg = w->log.seg;
	int64_t dsn = seq_minus(seg->rel_ack, 2);

	if (!f->conn->fallback || !(seg->has & COLUMN(REL_ACK)) || seg->flags & TCP_SYN)
		return;
	if (mapping_find(&f->map[!from], seg->rel_ack - 1, &dsn) || f->conn->plain)
		w->track.conns.hooks.acked(w, f->conn, !subflow_role(f, from), dsn + 1);
}

static void progress(struct watch *w, struct subflow *f, unsigned from)
{
	struct record *r = record_of(f->conn);
	int64_t now_ns = w->log.seg->time_ns;

	ack_fallback(w, f, from);
	for (unsigned role = 0; role < 2; role++) {
		struct stall *s = &r->side[role].stall;

		if (w->told.stalled >> role & 1)
			say_stall(w, f, role, &w->told.stood[role]);
		else if (stall_check(s, w->options.stall_ns, now_ns))
			say_stall(w, f, role, s);
		if (w->told.resumed >> role & 1)
			resume(w, f, role);
	}
}

static void fin_acked(struct watch *w, struct subflow *f, unsigned from)
{
	unsigned role = !subflow_role(f, from);
	const struct conn_side *side = &f->conn->side[role];
	struct record_side *r = &record_of(f->conn)->side[role];
	const struct segment *seg = w->log.seg;
	struct event e;

	/* an ACK of what was never sent is none of the DATA_FIN */
	if (!side->fin || r->fin_acked ||
	    (side->acked != side->fin_dsn + 1 &&
	     !(seg->has & COLUMN(DACK) && seg->dack == side->fin_dsn + 1)))
		return;
	r->fin_acked = true;
	e = event_of(&w->log, EVENT_DATA_FIN_ACKED, f, from);
	event_value(&e, "%" PRId64, side->fin_dsn + 1);
	event_say(&w->log, f->conn, &e);
}

void watch_data(struct watch *w, struct subflow *f, unsigned from)
{
	unsigned role = subflow_role(f, from);
	struct record_stream *s = record_of_stream(f->stream);

	/* places in the stream may have been other ones then */
	if (w->told.mappeds && !f->stream->side[from].syn)
		s->guessed |= (uint8_t)(1u << from);
	for (unsigned i = 0; i < w->told.mappeds; i++) {
		const struct mptcp_option *o = w->told.mapped[i].option;
		bool agrees = w->told.mapped[i].agrees || s->guessed >> from & 1;

		rules_of_mapping(&w->log, f, from, o, agrees);
		if (!agrees)
			conflict(w, f, from, o);
		if (o->data_len == 0)
			infinite(w, f, from, o);
	}
	for (unsigned i = 0; w->told.began && i < 2; i++)
		if (w->told.began >> i & 1)
			first_data(w, f, i);
	rules_of_ack(&w->log, f, from);
	rules_of_fourth(&w->log, f, from);
	watch_checksums(w, f, from);
	if (mapping_waits(&f->map[!from]))
		find_unmapped(w, f, from);
	progress(w, f, from);
	if (f->conn->side[role].fin && !record_of(f->conn)->side[role].data_fin)
		data_fin(w, f, from);
	fin_acked(w, f, from);
}
