#include "watch.h"

#include "dss.h"
#include "record.h"
#include "rules.h"
#include "seq.h"

static void sent(void *arg, struct subflow *f, unsigned from, int64_t seq,
		 int64_t dsn, int64_t len, const struct mapping_wait *late)
{
	struct watch *w = arg;
	unsigned role = subflow_role(f, from);
	struct record_side *side = &record_of(f->conn)->side[role];
	struct moment now = moment_of(w->log.seg);

	(void)seq;
	(void)late;
	if (!side->first_data) {
		side->first_data = true;
		w->told.began |= (uint8_t)(1u << role);
		w->told.first_dsn[role] = dsn;
	}
	stall_send(&side->stall, dsn, dsn + len, f->stream->index, &now);
}

static void acked(void *arg, struct conn *c, unsigned role, int64_t dack)
{
	struct watch *w = arg;
	struct stall *s = &record_of(c)->side[role].stall;
	struct moment now = moment_of(w->log.seg);

	if (dack <= s->acked)
		return;
	if (stall_check(s, w->options.stall_ns, now.time_ns)) {
		w->told.stalled |= (uint8_t)(1u << role);
		w->told.stood[role] = *s;
	}
	if (s->stalled)
		w->told.stood_ns[role] = seq_minus(now.time_ns, s->moved.time_ns);
	if (stall_ack(s, dack, &now))
		w->told.resumed |= (uint8_t)(1u << role);
}

static void mapped(void *arg, struct subflow *f, unsigned from,
		   const struct mptcp_option *o, bool agrees)
{
	struct watch *w = arg;
	unsigned n = w->told.mappeds;

	(void)f;
	(void)from;
	if (n == MPTCP_OPTIONS_MAX)
		return;
	w->told.mapped[n].option = o;
	w->told.mapped[n].agrees = agrees;
	w->told.mappeds++;
}

static void renumbered(void *arg, struct conn *c, unsigned role, int64_t by)
{
	struct record_side *side = &record_of(c)->side[role];

	(void)arg;
	stall_renumber(&side->stall, by);
	side->fin_dsn = seq_plus(side->fin_dsn, by);
	side->mapped = seq_plus(side->mapped, by);
}

static void absorbed(void *arg, struct conn *into, struct conn *from, bool flip)
{
	struct watch *w = arg;

	record_merge(record_of(into), record_of(from), flip);
	if (w->options.absorbed)
		w->options.absorbed(w->options.arg, into, from);
	record_free(from);
}

static void subflow_over(struct watch *w, struct subflow *f)
{
	watch_keys_over(w, f);
	watch_stream_over(w, f);
}

static void stream_gone(void *arg, struct stream *s)
{
	struct watch *w = arg;

	if (s->subflow && s->data)
		subflow_over(w, s->subflow);
	record_free_stream(s);
}

static void gone(void *arg, struct conn *c)
{
	struct watch *w = arg;

	for (struct subflow *f = c->subflows; f; f = f->next) {
		if (f->stream->data)
			subflow_over(w, f);
		record_free_stream(f->stream);
	}
	if (c->data)
		watch_conn_over(w, c);
	if (w->options.gone)
		w->options.gone(w->options.arg, c);
	record_free(c);
}

static uint64_t weigh_stream(void *arg, const struct stream *s)
{
	(void)arg;
	return record_stream_weight(s->data);
}

static uint64_t weigh_conn(void *arg, const struct conn *c)
{
	(void)arg;
	return record_weight(c->data);
}

void watch_init(struct watch *w, const struct watch_options *o)
{
	struct conn_hooks hooks = {
		.arg = w, .sent = sent, .acked = acked, .mapped = mapped,
		.renumbered = renumbered, .absorbed = absorbed,
		.stream_gone = stream_gone, .gone = gone,
		.weigh_stream = weigh_stream, .weigh_conn = weigh_conn,
	};

	*w = (struct watch){ .options = *o,
			     .log = { .arg = o->arg, .event = o->event } };
	track_init(&w->track, &hooks, o->budget);
	w->track.sums = true;
	if (o->linger_ns)
		w->track.streams.linger_ns = o->linger_ns;
}

uint64_t watch_columns(void)
{
	return track_columns() | track_columns_also() | COLUMN(PKT) | COLUMN(REL_S) |
	       COLUMN(BACKUP) | COLUMN(DSS_SSN) | COLUMN(ADD_ECHO) |
	       COLUMN(RM_ADDR_IDS) | COLUMN(FAIL_DSN) | COLUMN(RST_REASON) | COLUMN(RST_TRANSIENT);
}

uint64_t watch_columns_later(void)
{
	return STREAM_COLUMNS;
}

/*
 * Whether the capture lacks segments: bytes that were acknowledged, or between
 * others. Options that it cut are as good as none.
 */
static void find_gaps(struct record *r, struct record_stream *s,
		      const struct subflow *f, const struct segment *seg, unsigned from)
{
	if (seg->opt.errors & OPTION_CUT)
		r->gaps = r->cut = true;
	if (!(seg->has & COLUMN(REL_SEQ)) || seg->flags & TCP_RST)
		return;
	if (seg->rel_seq > s->next[from] ||
	    (seg->has & COLUMN(REL_ACK) && seg->rel_ack > s->next[!from]) ||
	    (!f->stream->side[from].syn && !(seg->flags & TCP_SYN)))
		r->gaps = true;
	if (segment_end(seg) > s->next[from])
		s->next[from] = segment_end(seg);
}

void watch_segment(struct watch *w, struct segment *seg)
{
	struct record_stream *s;
	struct record *r;
	struct stream *stream;
	struct subflow *f;
	unsigned from;

	w->log.seg = seg;
	w->told.mappeds = 0;
	w->told.began = w->told.resumed = w->told.stalled = 0;
	stream = track_segment(&w->track, seg);
	from = stream_sender(stream, seg);
	f = stream->subflow;
	if (!f) {
		if (seg->opt.mptcps)
			rules_of_stray(&w->log, stream, from);
		return;
	}
	r = record_of(f->conn);
	s = record_of_stream(stream);
	find_gaps(r, s, f, seg, from);
	r->last = s->last = moment_of(seg);
	if (seg->flags & TCP_RST)
		r->reset = r->last;
	watch_options_of(w, f, from);
	watch_keys(w, f);
	watch_data(w, f, from);
	watch_states(w, f, from);
	s->over = stream_closed(stream);
}

void watch_end(struct watch *w)
{
	track_end(&w->track);
}
