#include "plot.h"

#include <stdlib.h>

#include "conn.h"
#include "flow.h"
#include "mem.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"
#include "watch.h"

const struct plot_kind *const plot_kinds[PLOT_KINDS] = {
	&plot_dsn, &plot_seq, &plot_ack, &plot_win, &plot_attr, &plot_rtt,
	&plot_data_rtt, &plot_inflight, &plot_throughput, &plot_goodput,
	&plot_share, &plot_reinject, &plot_ofo, &plot_hol, &plot_interarrival,
	&plot_acksize, &plot_blocks, &plot_owd, &plot_events,
};

struct point plot_point(const struct plot_now *n, int64_t y)
{
	return (struct point){
		.time_ns = n->seg->time_ns, .y = y, .pkt = n->seg->pkt,
		.stream = n->seg->stream, .has_stream = true
	};
}

void plot_change(struct plot *p, const struct plot_now *n, struct series *s,
		 int64_t *last, int64_t y)
{
	struct point q = plot_point(n, y);

	if (*last == y)
		return;
	*last = y;
	plot_put(p, s, &q);
}

static void view_free(struct plot *p, struct plot_view *v)
{
	for (unsigned role = 0; role < 2; role++) {
		plot_way_end(p, &v->way[role]);
		order_free(&v->way[role].order);
	}
	free(v);
}

/*
 * A rate is drawn when its interval is over, and the first one makes its series: the
 * stream may be silent by then, and isn't weighed again.
 */
static uint64_t series_to_come(const struct plot_way *w)
{
	return w->any && !w->series ? MAP_PLACE + sizeof(struct series) + PLOT_PATH_MAX : 0;
}

static uint64_t view_weight(void *arg, const void *view)
{
	const struct plot_view *v = view;
	uint64_t n = sizeof(*v);

	(void)arg;
	for (unsigned role = 0; role < 2; role++)
		n += v->way[role].weight + series_to_come(&v->way[role]) +
		     order_weight(&v->way[role].order);
	return n;
}

static void piece_add(struct plot *p, const struct plot_piece *d)
{
	p->piece = mem_grow(p->piece, &p->piece_cap, p->pieces + 1, sizeof(*p->piece));
	p->piece[p->pieces++] = *d;
}

/* The hooks of books.h: what it is about is known once the segment was taken in. */
static void fresh(void *arg, struct books *b, unsigned role, const struct ledger_run *run)
{
	(void)b;
	(void)role;
	piece_add(arg, &(struct plot_piece){ .kind = "new", .run = *run, .fresh = true });
}

static void again(void *arg, const struct books_copy *c)
{
	static const char *const way[] = {
		[WAY_REINJECT] = "reinject", [WAY_DUP_SF] = "dup_sf",
		[WAY_RETRANS] = "retrans"
	};
	struct plot_piece d = { .kind = way[c->way], .run = *c->sent };
	struct plot *p = arg;

	if (p->far) {
		plot_far_add(p, c);
		return;
	}

	d.run.data = c->copy->data;
	d.has_first = c->copy->first && c->copy->first->pkt;
	if (d.has_first)
		d.first = *c->copy->first;
	piece_add(arg, &d);
}

static void acked(void *arg, struct books *b, unsigned role, int64_t dack)
{
	struct plot *p = arg;
	const struct ledger *l = &books_data(b, role)->ledger;
	int64_t before = p->acked[role].any ? p->acked[role].dack : l->acked;

	if (l->has_ack && dack <= before)
		return;
	if (p->kind->acked)
		p->kind->acked(p, b, role, before, dack);
	/* the first one of a capture that began in its midst acknowledges no size */
	if (dack <= before || (!l->has_ack && conn_is_guess(b->conn)))
		return;
	if (!p->acked[role].any)
		p->acked[role].before = before;
	p->acked[role].any = true;
	p->acked[role].dack = dack;
}

static bool wants(const struct plot *p, const struct books *b)
{
	return !p->only_conn || (b && books_index(b) == p->conn);
}

static void segment(void *arg, struct books *b, struct flow *f, unsigned from,
		    const struct tally_told *told)
{
	struct plot *p = arg;
	const struct plot_kind *k = p->kind;
	struct plot_now n = {
		p->tally.seg, b, f, from, plot_role(f, from), told->again, told->rtt_ns
	};
	bool wanted = wants(p, b) && (b || k->plain);

	if (wanted && k->segment)
		k->segment(p, &n);
	for (size_t i = 0; wanted && k->piece && i < p->pieces; i++)
		k->piece(p, &n, &p->piece[i]);
	for (unsigned role = 0; wanted && k->ack && role < 2; role++)
		if (p->acked[role].any)
			k->ack(p, &n, role, p->acked[role].before, p->acked[role].dack);
	if (wanted && k->settle)
		k->settle(p, &n);
}

static void renumbered(void *arg, struct books *b, unsigned role, int64_t by)
{
	struct plot *p = arg;
	struct plot_view *v = b->user;

	for (size_t i = 0; i < p->pieces; i++) {
		p->piece[i].run.data.from = seq_plus(p->piece[i].run.data.from, by);
		p->piece[i].run.data.to = seq_plus(p->piece[i].run.data.to, by);
	}
	p->acked[role].any = false;
	if (v)
		order_shift(&v->way[role].order, by);
}

static void absorbed(void *arg, struct books *into, struct books *from, bool flip)
{
	(void)into;
	(void)flip;
	if (from->user)
		view_free(arg, from->user);
	from->user = NULL;
}

static void flow_gone(void *arg, struct flow *f)
{
	struct plot *p = arg;

	struct books *b = f->stream->subflow ? f->stream->subflow->conn->data : NULL;

	if (p->kind->over && wants(p, b))
		p->kind->over(p, NULL, f);
	view_free(p, *flow_user(f));
}

static void conn_over(void *arg, struct books *b)
{
	struct plot *p = arg;

	if (p->kind->over && wants(p, b))
		p->kind->over(p, b, NULL);
	for (struct subflow *s = b->conn->subflows; s; s = s->next) {
		struct flow *f = s->stream->data;

		if (f && *flow_user(f)) {
			view_free(p, *flow_user(f));
			*flow_user(f) = NULL;
		}
	}
	if (b->user)
		view_free(p, b->user);
	b->user = NULL;
}

static void stream_over(void *arg, struct flow *f)
{
	(void)arg;
	(void)f;
}

void plot_init(struct plot *p)
{
	struct tally_options o = {
		.plain = p->plain && p->kind->plain,
		.paths = p->kind->paths || (p->plain && p->kind->plain),
		.linger_ns = p->linger_ns, .budget = p->budget, .arg = p, .conn = conn_over,
		.absorbed = absorbed, .renumbered = renumbered, .segment = segment,
		.flow_gone = flow_gone, .stream = stream_over, .weigh = view_weight,
		.books = { .figures = true, .arg = p, .again = again, .fresh = fresh, .ack = acked },
	};

	map_init(&p->series);
	if (p->kind == &plot_reinject)
		o.books.keep = 1 << 16;
	if (p->kind == &plot_events)
		plot_events_init(p);
	else
		tally_init(&p->tally, &o);
}

void plot_segment(struct plot *p, struct segment *seg)
{
	if (p->kind == &plot_events) {
		watch_segment(p->watch, seg);
		return;
	}
	p->pieces = 0;
	p->acked[0].any = p->acked[1].any = false;
	tally_segment(&p->tally, seg);
}

void plot_end(struct plot *p)
{
	if (p->kind == &plot_events)
		watch_end(p->watch);
	else
		tally_end(&p->tally);
	free(p->watch);
	map_free(&p->series);
	free(p->piece);
}

uint64_t plot_columns(void)
{
	return track_columns() | FLOW_COLUMNS | COLUMN(PKT) | COLUMN(WIN) |
	       COLUMN(WIN_BYTES);
}
