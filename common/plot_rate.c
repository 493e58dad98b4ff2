/* Kinds of plots by intervals of time: how much is carried, by whom. */
#include "conn.h"
#include "flow.h"
#include "plot.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* Empty intervals that are drawn one by one, before the rest is left out. */
enum { EMPTY_MAX = 10000 };

static void put(struct plot *p, struct series *s, const struct flow *f, int64_t at_ns,
		int64_t y, uint64_t bytes)
{
	struct point q = {
		/* a sum is that of what was until the end */
		.time_ns = p->sink.cumulate ? seq_plus(at_ns, p->bin_ns) : at_ns, .y = y, .len = bytes, .has_len = true,
		.stream = f ? f->stream->index : 0, .has_stream = f
	};

	plot_put(p, s, &q);
}

/* The value of an interval: a share of `all`, a rate, or bytes to be summed up. */
static bool value(const struct plot *p, uint64_t bytes, uint64_t all, int64_t *y)
{
	if (p->kind == &plot_share) {
		if (!all)
			return false;
		*y = (int64_t)((double)bytes / (double)all * RATIO_ONE + 0.5);
	} else if (p->sink.cumulate) {
		*y = (int64_t)bytes;
	} else {
		*y = (int64_t)((double)bytes * 8e9 / (double)p->bin_ns + 0.5);
	}
	return true;
}

static void flow_interval(struct plot *p, const struct books *b, struct flow *f,
			  unsigned role, uint64_t all, int64_t at_ns)
{
	struct plot_view *v = *flow_user(f);
	int64_t y;

	if (!v || !v->way[role].any)
		return;
	if (value(p, v->way[role].bytes, all, &y))
		put(p, plot_sf(p, v, b, f, role, PLOT_MAIN), f, at_ns, y,
		    v->way[role].bytes);
	v->way[role].bytes = 0;
}

/* What the interval under way of a connection came to. */
static void books_interval(struct plot *p, struct books *b, int64_t at_ns)
{
	struct plot_view *v = plot_books(b);

	for (unsigned role = 0; role < 2; role++) {
		struct plot_way *w = &v->way[role];
		int64_t y;

		if (!w->any)
			continue;
		for (struct subflow *s = b->conn->subflows; s; s = s->next)
			if (s->stream->data)
				flow_interval(p, b, s->stream->data, role, w->bytes, at_ns);
		if (p->kind != &plot_share && value(p, w->bytes, 0, &y))
			put(p, plot_named(p, b, role, PLOT_TOTAL, "total"), NULL,
			    at_ns, y, w->bytes);
		w->bytes = 0;
	}
}

static int64_t interval_ns(const struct plot *p, const struct plot_view *v,
			   int64_t start_ns)
{
	return seq_plus(start_ns, (int64_t)((uint64_t)v->bin * (uint64_t)p->bin_ns));
}

static void interval(struct plot *p, struct books *b, struct flow *f,
		     struct plot_view *v, int64_t start_ns)
{
	int64_t at_ns = interval_ns(p, v, start_ns);

	if (b)
		books_interval(p, b, at_ns);
	else
		for (unsigned role = 0; role < 2; role++)
			flow_interval(p, NULL, f, role, 0, at_ns);
}

static int64_t start_of(const struct books *b, const struct flow *f)
{
	return b ? books_start(b) : flow_first(f);
}

/*
 * Let time pass to the segment's. One that is late belongs to the interval
 * under way; one that is very late shows that the clock stepped back.
 */
static void pass_time(struct plot *p, const struct plot_now *n, struct plot_view *v)
{
	int64_t start_ns = start_of(n->books, n->flow);
	int64_t ns = seq_minus(n->seg->time_ns, start_ns), now = ns / p->bin_ns;
	int64_t behind = v->bin * p->bin_ns;

	now -= ns % p->bin_ns < 0;
	if (v->started && now <= v->bin &&
	    seq_minus(ns, behind) > -STREAM_STEP_BACK_NS)
		return;
	for (int k = 0; v->started && v->bin < now && k < EMPTY_MAX; k++, v->bin++)
		interval(p, n->books, n->flow, v, start_ns);
	if (v->started && v->bin > now)
		interval(p, n->books, n->flow, v, start_ns);
	v->bin = now;
	v->started = true;
}

/* So many bytes were carried in the interval under way. */
static void count(struct plot *p, const struct plot_now *n, uint64_t bytes)
{
	struct plot_view *v = plot_flow(n->flow);
	struct plot_view *all = n->books ? plot_books(n->books) : v;

	(void)p;
	if (!bytes)
		return;
	v->way[n->role].any = all->way[n->role].any = true;
	v->way[n->role].bytes += bytes;
	if (all != v)
		all->way[n->role].bytes += bytes;
}

static void pass(struct plot *p, const struct plot_now *n)
{
	pass_time(p, n, n->books ? plot_books(n->books) : plot_flow(n->flow));
}

static void throughput_segment(struct plot *p, const struct plot_now *n)
{
	pass(p, n);
	count(p, n, n->seg->len);
}

static void goodput_segment(struct plot *p, const struct plot_now *n)
{
	pass(p, n);
	if (!n->books)
		count(p, n, n->seg->len - n->again);
}

static void goodput_piece(struct plot *p, const struct plot_now *n,
			  const struct plot_piece *d)
{
	if (d->fresh)
		count(p, n, (uint64_t)(d->run.data.to - d->run.data.from));
}

/* The last interval of what is over; a subflow can be before its connection. */
static void rate_over(struct plot *p, struct books *b, struct flow *f)
{
	struct books *of = b || !f->bound ? b : f->stream->subflow->conn->data;
	struct plot_view *v = of ? plot_books(of) : plot_flow(f);
	int64_t at_ns = interval_ns(p, v, start_of(of, f));

	if (v->started && b)
		books_interval(p, b, at_ns);
	for (unsigned role = 0; v->started && !b && role < 2; role++)
		flow_interval(p, of, f, role, of ? v->way[role].bytes : 0, at_ns);
}

const struct plot_kind plot_throughput = {
	.name = "throughput", .text = "bits per second by intervals, what is sent again included",
	.unit = UNIT_BPS, .table = TABLE_BIN, .plain = true,
	.segment = throughput_segment, .over = rate_over,
};

const struct plot_kind plot_goodput = {
	.name = "goodput", .text = "bits per second of new data by intervals",
	.unit = UNIT_BPS, .table = TABLE_BIN, .plain = true,
	.segment = goodput_segment, .piece = goodput_piece, .over = rate_over,
};

const struct plot_kind plot_share = {
	.name = "share", .text = "each subflow's fraction of the new data by intervals",
	.unit = UNIT_RATIO, .table = TABLE_BIN,
	.segment = goodput_segment, .piece = goodput_piece, .over = rate_over,
};
