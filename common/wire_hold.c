/* What a capture shows before the other one has shown where it comes from. */
#include <stdlib.h>

#include "mem.h"
#include "seq.h"
#include "wire.h"

enum { RING_KEPT = 8 };	/* so many are not worth giving back */

/* What is so far behind what was read of the other capture can't come there any more. */
#define PAST_NS INT64_C(1000000000)

static unsigned end_a(const struct wire *w, unsigned which, unsigned end)
{
	return which == WIRE_A ? end : end ^ w->cross;
}

/* What one passage says, in A's numbers. */
static struct passage in_a(const struct wire *w, const struct wire_held *h,
			   unsigned which, unsigned from)
{
	struct passage p = h->p;

	if (which == WIRE_B) {
		p.seq = seq_minus(p.seq, w->shift[from]);
		p.end = seq_minus(p.end, w->shift[from]);
		if (p.has_ack)
			p.ack = seq_minus(p.ack, w->shift[!from]);
	}
	return p;
}

static void show(struct wire_shown *s, const struct passage *p)
{
	if (!s->any || s->end < p->end)
		s->end = p->end;
	s->any = true;
	if (p->has_ack && (!s->any_ack || s->ack < p->ack)) {
		s->ack = p->ack;
		s->any_ack = true;
	}
	if (p->has_tsval && (!s->any_tsval || seq_ahead(s->tsval, p->tsval) > 0)) {
		s->tsval = p->tsval;
		s->any_tsval = true;
	}
}

/*
 * Whether what can be this very segment was sent, if others bear the same numbers:
 * as the IP identification tells, or time.
 */
static bool is_there(const struct transit *t, const struct passage *p, bool read)
{
	bool by_id = t->path.id_kept && p->has_ip_id;

	if (!by_id && t->path.timed && !read)
		return false;
	if (p->seq < p->end)
		return transit_has_stamp(t, p, by_id);
	return !by_id || transit_has_id(t, p);
}

/*
 * Whether the sender's capture has shown all that this one bears: bytes, ACK
 * and time stamp, and has gone on since or has what can be this very one.
 */
static bool is_shown(const struct wire_shown *s, const struct passage *p,
		     const struct transit *t, bool read)
{
	if (!s->any || s->end < p->end || (p->has_ack && !(s->any_ack && s->ack >= p->ack)))
		return false;
	if (p->has_tsval && (t->path.ts_kept || !t->has_delay)) {
		int32_t since = s->any_tsval ? seq_ahead(p->tsval, s->tsval) : -1;

		if (since)
			return since > 0;
	} else if (p->seq < p->end || s->end > p->end || s->ack > p->ack) {
		return true;
	}
	return is_there(t, p, read);
}

/* By the clocks, the other capture can't show any more that it was sent. */
static bool is_past(const struct wire_owner *o, unsigned which, const struct passage *p)
{
	return p->at_ns < o->span[!which].first_ns ||
	       (o->read_ns[!which] != INT64_MIN &&
		seq_minus(o->read_ns[!which], p->at_ns) > PAST_NS);
}

/* Whether a passage need not wait. */
static bool may_go(struct wire *w, unsigned which, const struct passage *p, unsigned from)
{
	struct wire_owner *o = w->owner;
	bool gone = w->had[!which] && !w->half[!which];

	if (wire_sender(w, from) == which)
		return true;
	if (is_shown(&w->shown[from], p, &w->transit[from],
		     o->read_ns[!which] >= p->at_ns)) {
		w->loose[from] = false;
		return true;
	}
	if (w->loose[from] || gone || o->span[!which].last_ns != INT64_MAX)
		return true;
	if (!o->timed || !is_past(o, which, p))
		return false;
	o->trusted = true;
	return true;
}

static void go(struct wire *w, unsigned which, const struct passage *p, unsigned from)
{
	struct transit *t = &w->transit[from];

	if (!seq_is_sane(p->seq) || !seq_is_sane(p->ack))
		return;		/* tables may say anything */
	if (p->has_ack)
		transit_ack(&w->transit[!from], p->ack);
	if (wire_sender(w, from) == which) {
		show(&w->shown[from], p);
		transit_send(t, p);
	} else {
		t->path.timed = w->owner->timed;
		transit_arrive(t, p);
		transit_pass(t, p->at_ns);
	}
	if (w->owner->passed)
		w->owner->passed(w->owner->arg, w, which, from, p);
}

/* The first one held, in A's numbers. */
static struct passage first(const struct wire *w, const struct wire_half *h, unsigned *from)
{
	const struct wire_held *held = &h->held[h->first];

	*from = end_a(w, h->which, held->from);
	return in_a(w, held, h->which, *from);
}

void wire_drop_first(struct wire_half *h)
{
	h->first = h->first + 1 == h->cap ? 0 : h->first + 1;
	if (--h->n || h->cap <= RING_KEPT)
		return;
	free(h->held);
	h->held = NULL;
	h->first = h->cap = 0;
}

/* Let those go on that may. Returns whether any did. */
static bool advance(struct wire *w, unsigned which)
{
	struct wire_half *h = w->half[which];
	bool any = false;

	while (h && h->n) {
		unsigned from;
		struct passage p = first(w, h, &from);

		if (!may_go(w, which, &p, from))
			break;
		wire_drop_first(h);
		go(w, which, &p, from);
		any = true;
	}
	return any;
}

void wire_step(struct wire *w)
{
	bool moved;

	if (!w->located)
		return;
	do {
		moved = advance(w, WIRE_A);
		moved = advance(w, WIRE_B) || moved;
	} while (moved);
	for (unsigned i = 0; i < 2; i++) {
		bool waits = w->half[i] && w->half[i]->n;

		w->owner->waiting[i] += waits - w->waits[i];
		w->waits[i] = waits;
	}
}

/* What was sent is not held back: the other capture waits for it. */
void wire_let_send(struct wire *w, struct wire_half *h)
{
	uint32_t n = h->n;

	while (n--) {
		struct wire_held held = h->held[h->first];
		unsigned from = end_a(w, h->which, held.from);
		struct passage p = in_a(w, &held, h->which, from);
		bool last = h->n == 1, sends = wire_sender(w, from) == h->which;

		if (sends)
			go(w, h->which, &p, from);
		if (sends || !last)
			wire_drop_first(h);
		if (!sends && !last)
			wire_hold(h, &held);
	}
}

void wire_release(struct wire *w, unsigned which)
{
	struct wire_half *h = w->half[which];

	if (!w->located)
		wire_locate(w, w->about.client);
	if (h && h->n) {
		unsigned from;

		first(w, h, &from);
		w->loose[from] = true;
		wire_step(w);
	}
}

void wire_release_all(struct wire_owner *o, unsigned which)
{
	for (struct wire *w = o->first, *next; w && o->waiting[which]; w = next) {
		next = w->next;
		while (w->waits[which])
			wire_release(w, which);
	}
}

void wire_hold(struct wire_half *h, const struct wire_held *held)
{
	uint32_t at;

	if (h->n == h->cap) {
		uint32_t cap = h->cap ? 2 * h->cap : 4;
		struct wire_held *ring = mem_resize(NULL, cap * sizeof(*ring));

		for (uint32_t i = 0; i < h->n; i++)
			ring[i] = h->held[(h->first + i) % h->cap];
		free(h->held);
		h->held = ring;
		h->first = 0;
		h->cap = cap;
	}
	at = h->first + h->n++;
	h->held[at >= h->cap ? at - h->cap : at] = *held;
}

bool wire_go(struct wire *w, unsigned which, const struct wire_held *held)
{
	unsigned from = end_a(w, which, held->from);
	struct passage p = in_a(w, held, which, from);

	if ((w->half[which]->n && wire_sender(w, from) != which) ||
	    !may_go(w, which, &p, from))
		return false;
	go(w, which, &p, from);
	return true;
}
