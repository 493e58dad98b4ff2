/* What a capture shows before the other one has shown where it comes from. */
#include <stdlib.h>

#include "mem.h"
#include "seq.h"
#include "wire.h"

enum { RING_KEPT = 8 };	/* so many are not worth giving back */

/* What is so far behind what was read of the other capture can't come there any more. */
#define PAST_NS INT64_C(1000000000)

void wire_adopt(const struct wire *w, unsigned which, struct wire_held *held)
{
	struct passage *p = &held->p;
	unsigned from = held->from ^ w->cross;

	if (which == WIRE_A)
		return;
	held->from = (uint8_t)from;
	p->seq = seq_minus(p->seq, w->shift[from]);
	p->end = seq_minus(p->end, w->shift[from]);
	if (p->has_ack)
		p->ack = seq_minus(p->ack, w->shift[!from]);
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
		return read || !t->path.timed;	/* the original was: this may be sent again */
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

/* Whether what arrives need not wait. */
static bool may_arrive(struct wire *w, unsigned which, const struct wire_held *held)
{
	struct wire_owner *o = w->owner;
	const struct passage *p = &held->p;
	unsigned from = held->from;

	if (is_shown(&w->shown[from], p, &w->transit[from],
		     o->read_ns[!which] >= p->at_ns)) {
		w->loose[from] = false;
		return true;
	}
	if (w->loose[from] && w->loose_to[from] < p->end)
		w->loose_to[from] = p->end;
	if (w->loose[from] || (w->had[!which] && !w->half[!which]) ||
	    o->span[!which].last_ns != INT64_MAX)
		return true;
	if (!o->timed || !is_past(o, which, p))
		return false;
	o->trusted = true;
	return true;
}

static bool is_new(const struct wire_shown *s, const struct passage *p)
{
	return !s->any || s->end < p->end;
}

static void go(struct wire *w, unsigned which, const struct wire_held *held)
{
	const struct passage *p = &held->p;
	unsigned from = held->from;
	struct transit *t = &w->transit[from];

	if (!seq_is_sane(p->seq) || !seq_is_sane(p->ack))
		return;		/* tables may say anything */
	if (p->has_ack)
		transit_ack(&w->transit[!from], p->ack);
	if (wire_sender(w, from) == which) {
		w->full |= p->seq < w->loose_to[from] && is_new(&w->shown[from], p);
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

void wire_drop_first(struct wire_half *h)
{
	h->first = h->first + 1 == h->cap ? 0 : h->first + 1;
	if (--h->n || h->cap <= RING_KEPT)
		return;
	free(h->held);
	h->held = NULL;
	h->first = h->cap = 0;
}

void wire_forget_first(struct wire_half *h)
{
	h->forgot = true;
	h->forgot_ns = h->held[h->first].p.at_ns;
	wire_drop_first(h);
}

/* Let those go on that may. Returns whether any did. */
static bool advance(struct wire *w, unsigned which)
{
	struct wire_half *h = w->half[which];
	bool any = false;

	while (h && h->n) {
		const struct wire_held *held = &h->held[h->first];

		if (wire_sender(w, held->from) != which && !may_arrive(w, which, held))
			break;
		go(w, which, held);
		wire_drop_first(h);
		w->since[which] = w->owner->round;
		any = true;
	}
	return any;
}

static inline bool holds(const struct wire *w, unsigned which)
{
	return w->half[which] && w->half[which]->n;
}

static inline void count_waiting(struct wire *w, unsigned which)
{
	bool waits = holds(w, which);

	w->owner->waiting[which] += waits - w->waits[which];
	if (!w->waits[which])
		w->since[which] = w->owner->round;
	w->waits[which] = waits;
}

void wire_step(struct wire *w)
{
	bool moved;

	if (!w->located)
		return;
	do {
		moved = advance(w, WIRE_A);
		moved = advance(w, WIRE_B) || moved;
	} while (moved && (holds(w, WIRE_A) || holds(w, WIRE_B)));
	count_waiting(w, WIRE_A);
	count_waiting(w, WIRE_B);
}

/* What was sent is not held back: the other capture waits for it. */
void wire_let_send(struct wire *w, struct wire_half *h)
{
	uint32_t n = h->n;

	while (n--) {
		struct wire_held held = h->held[h->first];
		bool last = h->n == 1, sends = wire_sender(w, held.from) == h->which;

		if (sends)
			go(w, h->which, &held);
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
		w->loose[h->held[h->first].from] = true;
		wire_step(w);
	}
}

static void release(struct wire_owner *o, unsigned which, bool all)
{
	for (struct wire *w = o->first, *next; w && o->waiting[which]; w = next) {
		next = w->next;
		while (w->waits[which] && (all || w->since[which] != o->round))
			wire_release(w, which);
	}
}

void wire_release_all(struct wire_owner *o, unsigned which)
{
	release(o, which, true);
}

void wire_release_old(struct wire_owner *o, unsigned which)
{
	release(o, which, false);
	o->round++;
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

void wire_wait(struct wire *w, unsigned which, const struct wire_held *held)
{
	bool first = !w->half[which]->n;

	wire_hold(w->half[which], held);
	if (first && !w->waits[!which])
		count_waiting(w, which);	/* nothing else can go on now */
	else
		wire_step(w);
}

bool wire_go(struct wire *w, unsigned which, const struct wire_held *held)
{
	if (wire_sender(w, held->from) != which &&
	    (w->half[which]->n || !may_arrive(w, which, held)))
		return false;
	go(w, which, held);
	return true;
}
