#include "wire.h"

#include <stdlib.h>

#include "budget.h"
#include "conn.h"
#include "mem.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

enum { GUESS_AFTER = 256 };	/* passages in both after which A is taken to be at the client */

void wire_owner_init(struct wire_owner *o)
{
	*o = (struct wire_owner){ .span = { { INT64_MIN, INT64_MAX },
					    { INT64_MIN, INT64_MAX } } };
	o->read_ns[0] = o->read_ns[1] = INT64_MIN;
}

struct wire_half *wire_half_new(const struct stream *s, unsigned which, int64_t first_ns)
{
	struct wire_half *h = mem_zero(sizeof(*h));

	h->stream = s;
	h->which = (uint8_t)which;
	h->first_ns = first_ns;
	return h;
}

struct wire *wire_new(struct wire_owner *o, bool cross, const int64_t shift[2])
{
	struct wire *w = mem_zero(sizeof(*w));

	w->load.is_wire = true;
	w->owner = o;
	w->cross = cross;
	w->shift[0] = shift[0];
	w->shift[1] = shift[1];
	w->loose_to[0] = w->loose_to[1] = INT64_MIN;
	w->prev = o->last;
	*(o->last ? &o->last->next : &o->first) = w;
	o->last = w;
	return w;
}

static void crossed(void *arg, const struct crossing *c)
{
	struct transit *t = arg;
	struct wire *w = t->user;

	w->owner->cross(w->owner->arg, w, t == &w->transit[1], c);
}

void wire_locate(struct wire *w, unsigned home)
{
	const struct transit_span *span = w->owner->span;

	w->home = (uint8_t)home;
	w->located = true;
	for (unsigned i = 0; i < 2; i++) {
		unsigned at = wire_sender(w, i);

		transit_init(&w->transit[i], &span[at], &span[!at], crossed,
			     &w->transit[i]);
		w->transit[i].user = w;
	}
	w->owner->late = true;
	for (unsigned i = 0; i < 2; i++)
		if (w->half[i])
			wire_let_send(w, w->half[i]);
	wire_step(w);
	w->owner->late = false;
}

/* What the answers so far say, or, if they say nothing for long, what is usual. */
static void find_home(struct wire *w)
{
	const struct wire_half *a = w->half[WIRE_A], *b = w->half[WIRE_B];
	int near;

	if (w->located || !a || !b)
		return;
	near = wire_nearness(a->answer, b->answer, w->cross);
	if (wire_answered(a->answer, b->answer, w->cross) ||
	    (a->n >= GUESS_AFTER && b->n >= GUESS_AFTER))
		wire_locate(w, near ? near < 0 : w->about.client);
}

/* Where its stream belongs in A. */
static void describe(struct wire *w, const struct wire_half *h)
{
	const struct stream *s = h->stream;
	const struct subflow *f = s->subflow;

	w->about.client = f ? f->client : s->client;
	w->about.has_conn = f;
	w->about.first_ns = f ? f->conn->first_ns : h->first_ns;
	if (!f)
		return;
	w->about.conn = f->conn->index;
	w->about.number = f->number;
}

void wire_attach(struct wire *w, struct wire_half *h)
{
	h->wire = w;
	h->joined = true;
	for (uint32_t i = 0; i < h->n; i++)
		wire_adopt(w, h->which, &h->held[(h->first + i) % h->cap]);
	w->half[h->which] = h;
	w->had[h->which] = true;
	w->about.stream[h->which] = h->stream->index;
	w->full |= h->forgot && h->forgot_ns >= w->owner->span[!h->which].first_ns;
	if (h->which == WIRE_A) {
		w->about.addr[0] = h->stream->addr[0];
		w->about.addr[1] = h->stream->addr[1];
		describe(w, h);
	}
	find_home(w);
	if (w->located)
		wire_let_send(w, h);
	wire_step(w);
}

void wire_pass(struct wire_half *h, const struct segment *seg, int64_t at_ns)
{
	struct wire_held held = { .p = passage_of(seg),
				  .from = (uint8_t)stream_sender(h->stream, seg) };
	struct wire *w = h->wire;

	held.p.at_ns = at_ns;
	if (w && h->which == WIRE_A)
		describe(w, h);
	if (!w || !w->located)
		wire_answer(h->answer, &held.p, held.from);
	if (w)
		wire_adopt(w, h->which, &held);
	if (w && w->located) {
		if (!wire_go(w, h->which, &held))
			wire_wait(w, h->which, &held);
		else if (w->waits[!h->which])
			wire_step(w);
		if (h->n > WIRE_HELD_MAX)
			wire_release(w, h->which);
		return;
	}
	wire_hold(h, &held);
	if (!w && h->n > WIRE_HELD_MAX) {
		wire_forget_first(h);
	} else if (w) {
		find_home(w);
		if (h->n > WIRE_HELD_MAX)
			wire_release(w, h->which);
		wire_step(w);
	}
}

uint64_t wire_half_weight(const struct wire_half *h)
{
	return sizeof(*h) + h->cap * sizeof(*h->held);
}

uint64_t wire_weight(const struct wire *w)
{
	uint64_t n = sizeof(*w) + (w->full ? BUDGET_FULL : 0);

	for (unsigned i = 0; i < 2; i++) {
		n += w->half[i] ? wire_half_weight(w->half[i]) : 0;
		n += w->located ? transit_weight(&w->transit[i]) : 0;
	}
	return n;
}

void wire_half_give_up(struct wire_half *h)
{
	free(h->held);
	h->held = NULL;
	h->first = h->n = h->cap = 0;
	h->given_up = true;
}

void wire_free(struct wire *w)
{
	struct wire_owner *o = w->owner;

	for (unsigned i = 0; i < 2; i++)
		while (w->half[i] && w->half[i]->n)
			wire_release(w, i);
	for (unsigned i = 0; i < 2 && w->located; i++)
		transit_end(&w->transit[i]);
	o->over(o->arg, w);
	for (unsigned i = 0; i < 2; i++) {
		if (w->located)
			transit_free(&w->transit[i]);
		if (w->half[i])
			w->half[i]->wire = NULL;
	}
	*(w->prev ? &w->prev->next : &o->first) = w->next;
	*(w->next ? &w->next->prev : &o->last) = w->prev;
	free(w);
}

void wire_half_free(struct wire_half *h)
{
	struct wire *w = h->wire;

	while (w && h->n)
		wire_release(w, h->which);
	if (w) {
		unsigned other = !h->which;

		for (unsigned i = 0; i < 2 && w->located && w->half[other] &&
		     !w->half[other]->n; i++)
			transit_end(&w->transit[i]);
		w->half[h->which] = NULL;
		if (!w->half[other] && w->had[other])
			wire_free(w);
		else
			wire_step(w);
	}
	free(h->held);
	free(h);
}
