#include "tally.h"

#include <stdlib.h>

#include "budget.h"
#include "mem.h"
#include "segment.h"

static struct books *add_books(struct tally *t, struct conn *c)
{
	c->data = books_new(c, &t->options.books);
	return c->data;
}

static inline struct books *books_of(struct tally *t, struct conn *c)
{
	return c->data ? c->data : add_books(t, c);
}

static void tell_gone(const struct tally *t, struct flow *f)
{
	if (!f->user || !*flow_user(f))
		return;
	t->options.flow_gone(t->options.arg, f);
	*flow_user(f) = NULL;
}

/* A stream counts as a subflow from when it is known to be one. */
static struct flow *flow_anew(const struct tally *t, struct stream *s)
{
	struct flow *f = s->data;

	if (f) {
		tell_gone(t, f);
		if (f->active)
			flow_settle(f);		/* to be shown as what it was */
		else
			flow_free(f);
	}
	f = s->data = flow_new(s, t->options.paths, t->options.flow_gone);
	f->bound = s->subflow;
	return f;
}

static struct flow *flow_of(const struct tally *t, struct stream *s)
{
	struct flow *f = s->data;

	return f && (f->bound || !s->subflow) ? f : flow_anew(t, s);
}

static void sent(void *arg, struct subflow *sub, unsigned from, int64_t seq,
		 int64_t dsn, int64_t len, const struct mapping_wait *late)
{
	struct tally *t = arg;

	books_send(books_of(t, sub->conn), flow_of(t, sub->stream), t->seg, from,
		   seq, dsn, len, late);
}

static void acked(void *arg, struct conn *c, unsigned role, int64_t dack)
{
	struct tally *t = arg;

	books_ack(books_of(t, c), t->seg, role, dack);
}

static void renumbered(void *arg, struct conn *c, unsigned role, int64_t by)
{
	struct tally *t = arg;

	books_renumber(books_of(t, c), role, by);
	if (t->options.renumbered)
		t->options.renumbered(t->options.arg, books_of(t, c), role, by);
}

static void absorbed(void *arg, struct conn *into, struct conn *from, bool flip)
{
	struct tally *t = arg;
	struct books *b = from->data;

	if (!b)
		return;
	if (t->options.absorbed)
		t->options.absorbed(t->options.arg, books_of(t, into), b, flip);
	books_merge(books_of(t, into), b, flip);
	from->data = NULL;
	tally_drop_books(t, b);
}

static void moved(void *arg, struct subflow *sub)
{
	const struct flow *f = sub->stream->data;

	if (f && f->bound)
		books_take(books_of(arg, sub->conn), f, sub);
}

/*
 * Whether what is no more stays to the end of the interval: not what is given up
 * and never came about, and so much of all else as a part of the budget holds.
 */
static bool stays(struct tally *t, bool came_about, uint64_t weight)
{
	struct budget *b = t->options.budget;

	if (!b)
		return true;
	if (b->giving_up && !came_about)
		return false;	/* it counts as given up */
	weight = budget_bytes(weight);
	if (t->kept + weight > b->limit / 4) {
		b->unkept++;
		return false;
	}
	t->kept += weight;
	b->used += weight;
	return true;
}

/*
 * The stream of a subflow is forgotten. If it is given up and never came about, and
 * its connection goes on, only what counts for that is kept.
 */
static void subflow_gone(struct tally *t, struct stream *s)
{
	struct books *b = books_of(t, s->subflow->conn);
	bool one_of_many = s->subflow->prev || s->subflow->next;
	bool keep = t->options.intervals ?
		    b->active && stays(t, s->established, flow_settled_weight(s->data)) :
		    t->options.keep && (s->established || !one_of_many ||
					!budget_gives_up(t->options.budget));

	books_forget(b, s->data, s->subflow, keep);
}

static void plain_gone(struct tally *t, struct stream *s, struct flow *f)
{
	if (t->options.intervals && f->active &&
	    stays(t, s->established, flow_settled_weight(f))) {
		flow_settle(f);
	} else if (t->options.intervals) {
		tally_drop_flow(t, f);
	} else if (t->ending) {
		flow_settle(f);
		tally_push_flow(t, f);
	} else {
		t->options.stream(t->options.arg, f);
		flow_free(f);
	}
}

static void stream_gone(void *arg, struct stream *s)
{
	struct tally *t = arg;

	if (!s->data)
		return;
	tell_gone(t, s->data);
	if (s->subflow)
		subflow_gone(t, s);
	else
		plain_gone(t, s, s->data);
	s->data = NULL;
}

static void gone(void *arg, struct conn *c)
{
	struct tally *t = arg;
	struct books *b = books_of(t, c);

	books_settle(b);
	if (!t->options.intervals)
		t->options.conn(t->options.arg, b);
	for (struct subflow *s = c->subflows; s; s = s->next) {
		if (s->stream->data) {
			tell_gone(t, s->stream->data);
			flow_free(s->stream->data);
		}
		s->stream->data = NULL;
	}
	c->data = NULL;
	if (b->active && stays(t, c->established || c->has_synack, books_weight(b)))
		books_close(b);
	else
		tally_drop_books(t, b);
}

static uint64_t weigh_user(const struct tally *t, const void *user)
{
	return user && t->options.weigh ? t->options.weigh(t->options.arg, user) : 0;
}

static uint64_t weigh_stream(void *arg, const struct stream *s)
{
	const struct tally *t = arg;
	struct flow *f = s->data;

	return flow_weight(f) + (f->user ? weigh_user(t, *flow_user(f)) : 0);
}

static uint64_t weigh_conn(void *arg, const struct conn *c)
{
	const struct tally *t = arg;
	const struct books *b = c->data;

	return books_weight(b) + weigh_user(t, b->user);
}

void tally_init(struct tally *t, const struct tally_options *o)
{
	struct conn_hooks hooks = {
		.arg = t, .sent = sent, .acked = acked, .renumbered = renumbered,
		.absorbed = absorbed, .moved = moved, .stream_gone = stream_gone,
		.gone = gone,
		.weigh_stream = weigh_stream, .weigh_conn = weigh_conn,
	};

	*t = (struct tally){ .options = *o };
	track_init(&t->track, &hooks, o->budget);
	if (o->linger_ns)
		t->track.streams.linger_ns = o->linger_ns;
}

void tally_segment(struct tally *t, struct segment *seg)
{
	struct flow *f;
	struct stream *s;
	struct books *b;
	struct tally_told told = { 0, RTT_NONE };
	unsigned from;

	t->seg = seg;
	s = track_segment(&t->track, seg);
	if (!s->subflow && !t->options.plain)
		return;
	f = flow_of(t, s);
	from = stream_sender(s, seg);
	if (t->options.paths)
		told.rtt_ns = flow_observe_path(f, seg, from);
	told.again = flow_observe(f, seg, from);
	b = s->subflow ? books_of(t, s->subflow->conn) : NULL;
	if (b) {
		books_observe(b, s->subflow, seg, from);
		tally_push_books(t, b);
	} else if (t->options.intervals) {
		tally_push_flow(t, f);
	}
	if (t->options.segment)
		t->options.segment(t->options.arg, b, f, from, &told);
}

/* Streams of plain TCP that lasted to the end, in order. */
static void end_flows(struct tally *t)
{
	tally_sort(t);
	for (size_t i = 0; i < t->flows_n; i++) {
		t->options.stream(t->options.arg, t->flows[i]);
		flow_free(t->flows[i]);
	}
}

void tally_end(struct tally *t)
{
	tally_reset(t);
	t->ending = true;
	track_end(&t->track);
	end_flows(t);
	free(t->books);
	free(t->flows);
}
