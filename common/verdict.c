#include "verdict.h"

#include <stdlib.h>

#include "clock.h"
#include "compare.h"
#include "conn.h"
#include "duet.h"
#include "mem.h"
#include "plan.h"
#include "source.h"
#include "stop.h"
#include "wire.h"

void verdicts_init(struct verdicts *v, bool each, struct source *near, struct source *far,
		   struct budget *budget)
{
	*v = (struct verdicts){ .each = each, .near = near, .far = far, .budget = budget,
				.sure = UINT32_MAX };
	arrivals_init(&v->arrivals);
	arrivals_init(&v->data);
	verdicts_room_init(v);
}

void verdicts_free(struct verdicts *v)
{
	free(v->row);
	arrivals_free(&v->arrivals);
	arrivals_free(&v->data);
	verdicts_room_free(v);
}

/* The bytes of a subflow that the data of `r` was in this run. */
static void want(struct verdicts *v, struct verdict_conn *c, const struct resent *r,
		 const struct ledger_run *run)
{
	struct arrivals_side *s;

	s = arrivals_want(&v->arrivals, run->stream, r->role, r->data.from + run->shift,
			  r->data.to + run->shift);
	if (!s->owner)
		s->owner = c;
	if (run->pkt)
		arrivals_name(s, run->pkt);
	verdicts_weigh(v, s);
}

void verdicts_add(struct verdicts *v, const struct resent *r)
{
	struct verdict_conn *c = verdicts_conn(v, r->conn);

	if (!c) {
		v->tell(v->arg, r, &(struct verdict){ .kind = VERDICTS });
		return;
	}
	v->row = mem_grow(v->row, &v->cap, v->n + 1, sizeof(*v->row));
	v->row[v->n++] = *r;
	if (r->cell)
		r->cell->waits++;
	verdicts_weigh_row(v, c, r);
	want(v, c, r, &r->sent);
	if (r->has_first && r->first.pkt)
		want(v, c, r, &r->first);
	verdicts_make_room(v, 0);
}

/* ---- reading ---- */

static void crossed(void *arg, struct duet_row *row)
{
	struct verdicts *v = arg;
	const struct crossing *c = row->crossing;
	const struct passage *own = row->from_a ? c->tx : c->rx;
	struct arrivals_side *s;

	s = arrivals_side(&v->arrivals, row->about->stream[WIRE_A],
			  row->c2s ? CLIENT : SERVER);
	if (!s)
		return;
	if (own)
		arrivals_meet(s, own->pkt);
	if (c->rx)
		arrivals_add(s, &(struct arrival){ { c->from, c->to }, c->rx->time_ns,
						   c->rx->pkt, own ? own->pkt : 0 });
	else
		arrivals_miss(s, c->fate == FATE_UNSEEN, c->from, c->to);
	verdicts_weigh(v, s);
	verdicts_make_room(v, 0);
}

/* In one reading of `near` streams were given up: see side_of(). */
static void lose_sure(struct verdicts *v, const struct budget *b)
{
	if (b && b->unsure && b->sure < v->sure)
		v->sure = b->sure;
}

static void join(struct verdicts *v, struct plan *plan, struct budget *budget)
{
	struct clock clock;
	struct duet d = {
		.source = { v->near, v->far }, .plan = plan, .clock = &clock,
		.budget = budget, .fits = true,
		.row = crossed, .arg = v,
	};

	clock_init(&clock, CLOCK_AUTO);
	duet_run(&d);
	lose_sure(v, &d.side[WIRE_A].budget);
	v->found = d.wires_ended || stop_asked();
	clock_free(&clock);
}

static void find_firsts(struct verdicts *v);

void verdicts_read(struct verdicts *v)
{
	struct budget rest = verdicts_rest(v);
	struct plan plan = { .n = 0 };

	lose_sure(v, v->budget);
	source_rewind(v->near, true);
	compare(&plan, v->near, v->far, false, &rest);
	source_rewind(v->near, true);
	source_rewind(v->far, true);
	join(v, &plan, &rest);
	plan_free(&plan);
	budget_gave_up(v->budget, rest.given_up, rest.cut);
	find_firsts(v);
}

/* ---- judging ---- */

/* What there is to be known of the data from `at` to `end`, all of it alike. */
struct piece {
	int64_t at, end;
	const struct arrival *own;	/* this copy; NULL: no arrival */
	const struct arrival *earlier;	/* of the same bytes, sent before it */
	const struct arrival *orig;	/* the first sending's */
	bool others;		/* these bytes arrived, whoever sent them */
	bool lost, unseen;	/* this copy */
	bool has_orig, orig_unseen;
};

static bool is_in(const struct ranges *r, int64_t at, int64_t *end)
{
	size_t i = ranges_find(r, at);
	bool in = i < r->n && r->range[i].from <= at;

	if (i < r->n) {
		int64_t to = in ? r->range[i].to : r->range[i].from;

		*end = *end < to ? *end : to;
	}
	return in;
}

/*
 * The direction of this stream that something is wanted of. A stream that was given up
 * and goes on has another number then, as have all after it, and not in each reading:
 * nothing is known of those that were not met again.
 */
static const struct arrivals_side *side_of(const struct verdicts *v, uint32_t stream,
					   unsigned role)
{
	const struct arrivals_side *s = arrivals_side(&v->arrivals, stream, role);

	return s && (stream < v->sure || s->met) ? s : NULL;
}

/* Which of the arrivals of its bytes was this copy's. */
static void find_own(const struct verdicts *v, const struct resent *r, struct piece *p)
{
	const struct arrivals_side *s = side_of(v, r->sent.stream, r->role);
	int64_t at = p->at + r->sent.shift, end = p->end + r->sent.shift;
	const struct arrival *x;

	p->unseen = !s;		/* or it was given up with another connection */
	if (!s)
		return;
	for (unsigned k = 0; (x = arrivals_find(s, k, at, &end)); k++) {
		p->others = true;
		if (!p->own && (!v->each || !r->sent.pkt || x->own_pkt == r->sent.pkt))
			p->own = x;
		if (!p->earlier && x->own_pkt < r->sent.pkt)
			p->earlier = x;
	}
	p->lost = is_in(&s->lost, at, &end);
	p->unseen = is_in(&s->unseen, at, &end);
	p->end = end - r->sent.shift;
}

static void find_orig(const struct verdicts *v, const struct resent *r, struct piece *p)
{
	const struct arrivals_side *s;
	int64_t at, end;

	p->has_orig = r->has_first && r->first.pkt;
	if (!p->has_orig)
		return;
	if (r->first.stream == r->sent.stream && r->first.shift == r->sent.shift) {
		p->orig = p->earlier;
		return;
	}
	s = side_of(v, r->first.stream, r->role);
	p->orig_unseen = !s;
	if (!s)
		return;
	at = p->at + r->first.shift;
	end = p->end + r->first.shift;
	p->orig = arrivals_find(s, 0, at, &end);
	p->orig_unseen = !p->orig & is_in(&s->unseen, at, &end);
	p->end = end - r->first.shift;
}

static struct piece look(const struct verdicts *v, const struct resent *r, int64_t at)
{
	struct piece p = { .at = at, .end = r->data.to };

	find_own(v, r, &p);
	find_orig(v, r, &p);
	return p;
}

/* Which arrival of its data was the first, of any sending that there is a row for. */
static void find_first(struct verdicts *v, const struct resent *r, struct arrivals_side *s)
{
	struct piece p;

	for (int64_t at = r->data.from; at < r->data.to; at = p.end) {
		p = look(v, r, at);
		for (unsigned k = 0; k < 2; k++) {
			struct arrival x;

			if (!(k ? p.orig : p.own))
				continue;
			x = k ? *p.orig : *p.own;
			x.bytes = (struct range){ at, p.end };
			arrivals_first(s, &x);
		}
	}
	verdicts_weigh(v, s);
}

static void find_firsts(struct verdicts *v)
{
	verdicts_room_all(v);
	for (size_t i = 0; i < v->n; i++) {
		const struct resent *r = &v->row[i];
		struct arrivals_side *s = arrivals_make(&v->data, r->conn, r->role);

		s->owner = verdicts_conn(v, r->conn);
		find_first(v, r, s);
		i -= verdicts_make_room(v, i + 1);
	}
}

static enum verdict_kind judge(const struct verdicts *v, const struct resent *r,
			       struct piece *p)
{
	const struct arrival *first;

	if (!p->own && p->unseen)
		return VERDICTS;
	if (!p->own)
		return p->lost || p->others ? VERDICT_LOST : VERDICTS;
	first = arrivals_find(arrivals_side(&v->data, r->conn, r->role), 0, p->at, &p->end);
	/* what a data ACK covered had arrived, whether it was captured or not */
	if (r->acked || (first && first->pkt != p->own->pkt))
		return VERDICT_REDUNDANT;
	return p->has_orig && !p->orig_unseen ? VERDICT_USEFUL : VERDICTS;
}

void verdicts_tell(struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct resent r = v->row[i];
		int64_t to = r.data.to;

		while (r.data.from < to) {
			struct piece p;
			struct verdict verdict;

			r.data.to = to;
			p = look(v, &r, r.data.from);
			verdict.kind = judge(v, &r, &p);
			verdict.arrival = p.own;
			verdict.first = p.orig;
			r.data.to = p.end;
			v->tell(v->arg, &r, &verdict);
			r.data.from = p.end;
		}
	}
}
