/*
 * Kinds of plots of the receiver's queues: what came and has to wait for what is
 * missing before it, on its subflow and then in the data.
 *
 * A host hands data on from the queue of a subflow to that of the connection
 * once it is in order there, and from that to its user.
 */
#include "conn.h"
#include "flow.h"
#include "plot.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* What is handed on to the hooks of order.h. */
struct handing {
	struct plot *plot;
	const struct plot_now *now;
	struct plot_way *data;
};

static void put_wait(const struct handing *h, const struct order_run *run, int64_t dsn,
		     const char *where)
{
	const struct plot_now *n = h->now;
	struct point q = plot_point(n, seq_minus(n->seg->time_ns, run->time_ns));

	q.len = (uint64_t)(run->at.to - run->at.from);
	q.dsn = dsn;
	q.kind = where;
	q.has_len = q.has_dsn = true;
	/* what this segment brought, or filled, is blamed on its subflow */
	if (h->plot->kind == &plot_hol && q.y > 0)
		plot_put(h->plot, plot_sf(h->plot, plot_flow(n->flow), n->books, n->flow,
					  n->role, PLOT_MAIN), &q);
}

static void in_data_order(void *arg, const struct order_run *run)
{
	put_wait(arg, run, run->at.from, "data");
}

/* It is in order on its subflow: off to the data, where it waits from now on. */
static void in_flow_order(void *arg, const struct order_run *run)
{
	const struct handing *h = arg;
	struct order_run next = *run;

	next.at.from = seq_plus(run->at.from, run->shift);
	next.at.to = seq_plus(run->at.to, run->shift);
	put_wait(h, run, next.at.from, "subflow");
	next.time_ns = h->now->seg->time_ns;
	order_add(&h->data->order, &next, in_data_order, arg);
}

/* Where the subflow's first gap is, above what was acknowledged. */
static int64_t flow_edge(const struct plot_now *n)
{
	const struct seen *s = &flow_data(n->flow, n->from)->seen;
	const struct ranges *gaps = &seen_rest(s)->gaps;
	int64_t acked = n->flow->stream->side[n->from].acked;
	size_t i = ranges_find(gaps, acked - 1);

	if (i >= gaps->n)
		return s->to + 1;
	return gaps->range[i].from + 1 > acked ? gaps->range[i].from + 1 : acked;
}

static void order_piece(struct plot *p, const struct plot_now *n,
			const struct plot_piece *d)
{
	struct plot_way *w = &plot_flow(n->flow)->way[n->role];
	struct handing h = { p, n, &plot_books(n->books)->way[n->role] };
	struct order_run run = {
		.at = { seq_plus(d->run.data.from, d->run.shift),
			seq_plus(d->run.data.to, d->run.shift) },
		.time_ns = d->run.time_ns, .shift = seq_minus(0, d->run.shift),
		.sf = d->run.sf
	};

	if (run.at.from < w->order.next) {	/* in order already, and mapped only now */
		if (d->fresh)
			in_flow_order(&h, &run);
		return;
	}
	order_add(&w->order, &run, in_flow_order, &h);
}

/* What filled the gap was not captured. */
static void unseen(void *arg, const struct order_run *run)
{
	(void)arg;
	(void)run;
}

static void order_ack(struct plot *p, const struct plot_now *n, unsigned role,
		      int64_t before, int64_t dack)
{
	(void)p;
	(void)before;
	order_skip(&plot_books(n->books)->way[role].order, dack, unseen, NULL);
}

/* After the pieces of a segment: its bytes, mapped or not, are in order so far. */
static void order_settle(struct plot *p, const struct plot_now *n)
{
	struct plot_way *w = &plot_flow(n->flow)->way[n->role];
	struct handing h = { p, n, &plot_books(n->books)->way[n->role] };

	order_skip(&w->order, flow_edge(n), in_flow_order, &h);
	if (p->kind != &plot_ofo)
		return;
	if (w->order.bytes || w->value != PLOT_NONE)
		plot_change(p, n, plot_sf(p, plot_flow(n->flow), n->books, n->flow,
					  n->role, PLOT_MAIN),
			    &w->value, (int64_t)w->order.bytes);
	for (unsigned role = 0; role < 2; role++) {
		struct plot_way *all = &plot_books(n->books)->way[role];

		if (all->order.bytes || all->value != PLOT_NONE)
			plot_change(p, n, plot_named(p, n->books, role, PLOT_TOTAL, "data"),
				    &all->value, (int64_t)all->order.bytes);
	}
}

const struct plot_kind plot_ofo = {
	.name = "ofo", .text = "bytes that wait beyond a gap, of the data and of each subflow",
	.unit = UNIT_COUNT, .table = TABLE_PACKET,
	.piece = order_piece, .ack = order_ack, .settle = order_settle,
};

const struct plot_kind plot_hol = {
	.name = "hol", .text = "how long data waited for what was missing, by who brought that",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET,
	.piece = order_piece, .ack = order_ack, .settle = order_settle,
};
