#include "duet.h"

#include "firsts.h"
#include "seq.h"
#include "source.h"
#include "stream.h"

/*
 * STALLED_MAX: segments of a capture after which what has waited for that many does
 * so no longer, as the capture misses it. PUMPED_MAX: segments taken before looking
 * whether the other one has some again. AGAIN_MS: how often both are looked at.
 * HELD_FEW: segments of a stream that wait for it in the other, in any case.
 */
enum { STALLED_MAX = 20000, PUMPED_MAX = 64, AGAIN_MS = 20, HELD_FEW = 64 };

/* So far behind, a clock stepped back: frames come in order, if not at once. */
#define STEP_NS INT64_C(1000000000)

int64_t duet_on_a(const struct duet *d, int64_t b_ns)
{
	if (d->raw)
		return b_ns;
	return d->wires.timed ? clock_on_a(d->clock, b_ns, d->wires.read_ns[WIRE_B]) :
			         seq_minus(b_ns, d->ahead_ns);
}

static int64_t on_a(const struct duet *d, unsigned which, int64_t ns)
{
	return which == WIRE_A ? ns : duet_on_a(d, ns);
}

/* A stream without a plan is over: nothing more will tell which one of the other it is. */
static void leave(struct duet *d, unsigned which, struct stream *s)
{
	struct wire_half *h = s->data;
	struct print *print = s->print;

	if (h && !h->joined)
		duet_find_wire(d, which, h, print, true);
	if (h && !h->joined)
		d->single[which] += d->plain || (print && print->kind != PRINT_TCP);
	pairing_forget(&d->pairing, which, s);
}

static void stream_gone(void *arg, struct stream *s)
{
	struct duet_side *side = arg;
	struct duet *d = side->duet;
	unsigned which = side == &d->side[1];

	if (!d->plan)
		leave(d, which, s);
	if (s->data) {
		struct wire_half *h = s->data;
		struct plan_pair *x = d->plan ? plan_find(d->plan, which, s->index) : NULL;

		if (x && x->half[which] == h)
			x->half[which] = NULL;
		duet_unload(d, &h->load);
		wire_half_free(h);
	}
	s->data = NULL;
}

static void cover(struct duet *d, unsigned which)
{
	const struct duet_side *s = &d->side[which];
	struct transit_span *span = &d->wires.span[which];

	if (!d->stepped || span->first_ns == INT64_MIN ||
	    span->first_ns > on_a(d, which, s->first_ns))
		span->first_ns = on_a(d, which, s->first_ns);
	span->last_ns = s->over ? on_a(d, which, s->last_ns) : INT64_MAX;
}

/* The capture is over: what waits for it goes on. */
static void end_side(struct duet *d, unsigned which)
{
	struct duet_side *s = &d->side[which];

	s->over = true;
	if (!s->any)
		d->wires.span[which] = (struct transit_span){ INT64_MAX, INT64_MIN };
	else
		cover(d, which);
	wire_release_all(&d->wires, !which);
}

/* What waits for a stream in the other capture, if of many, has to be little. */
static void hold_few(const struct duet *d, unsigned which, struct wire_half *h)
{
	uint64_t all = d->side[which].budget.limit / sizeof(struct wire_held);
	uint64_t most = all / streams_count(&d->side[which].track.streams);

	while (h->n > HELD_FEW && h->n > most)
		wire_forget_first(h);
}

/* What was captured when. */
static void note_time(struct duet *d, unsigned which)
{
	struct duet_side *s = &d->side[which];

	if (!s->any) {
		s->first_ns = s->last_ns = s->seg.time_ns;
		if (which == WIRE_A)
			d->clock->given_at_ns = s->first_ns;
	}
	s->any = true;
	if (s->first_ns > s->seg.time_ns)
		s->first_ns = s->seg.time_ns;
	if (s->last_ns < s->seg.time_ns || seq_minus(s->last_ns, s->seg.time_ns) > STEP_NS)
		s->last_ns = s->seg.time_ns;
	if (!d->wires.timed || s->first_ns == s->seg.time_ns)
		cover(d, which);
}

static void take(struct duet *d, unsigned which)
{
	struct duet_side *s = &d->side[which];
	struct print *print = NULL;
	struct stream *stream;
	struct wire_half *h;

	if (!source_next(d->source[which], &s->seg)) {
		end_side(d, which);
		return;
	}
	note_time(d, which);
	stream = track_segment(&s->track, &s->seg);
	h = stream->data;
	if (!d->plan && !(h && h->wire))
		print = pairing_observe(&d->pairing, which, stream, &s->seg);
	if (!(s->seg.has & COLUMN(REL_SEQ)))
		return;	/* a table may say nonsense */
	d->wires.read_ns[which] = on_a(d, which, s->seg.time_ns);
	if (d->plan && !h && !plan_find(d->plan, which, stream->index))
		return;
	if (!h)
		stream->data = h = wire_half_new(stream, which, s->seg.time_ns);
	if (!h->wire && !h->given_up)
		duet_find_wire(d, which, h, print, false);
	if (h->given_up)
		return;
	wire_pass(h, &s->seg, d->wires.read_ns[which]);
	if (!h->wire)
		hold_few(d, which, h);
	if (stream_is_due(stream))
		duet_weigh(d, h);
}

/* The capture that is behind. */
static unsigned behind(struct duet *d)
{
	const struct wire_owner *o = &d->wires;

	for (unsigned i = 0; i < 2; i++)
		if (d->side[i].over)
			return !i;
	if (!o->waiting[0] == !o->waiting[1]) {
		d->stalled = 0;
		return o->read_ns[0] > o->read_ns[1];
	}
	if (++d->stalled > STALLED_MAX) {
		d->stalled = 0;
		wire_release_old(&d->wires, !o->waiting[0]);
	}
	return o->waiting[0] ? WIRE_B : WIRE_A;
}

static bool ready(const struct duet *d, unsigned which)
{
	return !d->side[which].over && source_ready(d->source[which]);
}

/* It is a pipe, and has something: what is left there may be lost, or hold up others. */
static bool presses(const struct duet *d, unsigned which)
{
	return d->side[which].waits && ready(d, which);
}

int duet_wait(void *duet)
{
	struct duet *d = duet;
	unsigned other = !d->side[1].reading;

	/* nothing is done before both are open */
	if (d->inside || !d->side[!other].reading || d->side[other].over || !d->side[other].waits)
		return -1;
	d->inside = true;
	for (int i = 0; i < PUMPED_MAX && presses(d, other); i++)
		take(d, other);
	d->inside = false;
	return presses(d, other) ? 0 : AGAIN_MS;
}

/* Of pipes that which has something to read, and best that which is behind. */
static unsigned choose(struct duet *d)
{
	unsigned which = behind(d);

	if (d->live && !ready(d, which) && presses(d, !which))
		return !which;
	return which;
}

/* What is joined may have to be joined again; of too much of it that is to be found out anew. */
static void keep_wire(struct duet *d, const struct wire *w)
{
	plan_add_wire(d->learned, w);
	if (plan_weight(d->learned) <= budget_part(d->budget, PARTS_PLAN).limit)
		return;
	plan_free(d->learned);
	d->learned = NULL;
	d->doubtful = true;
}

static void ended(void *arg, struct wire *w)
{
	struct duet *d = arg;
	unsigned which = !w->had[WIRE_A];
	struct plan_pair *x = d->plan ? plan_find(d->plan, which, w->about.stream[which]) : NULL;

	if (x)
		x->wire = NULL;	/* rows of TSV may say that a stream goes on */
	duet_unload(d, &w->load);
	d->wires_ended++;
	d->at_server += w->located && w->home != w->about.client;
	firsts_leave(&d->firsts, w);
	if (d->learned)
		keep_wire(d, w);
	if (d->over)
		d->over(d->arg, &w->about);
}

/* How moments of the two are compared; across a step not at all. */
static void start_clock(struct duet *d)
{
	const struct clock *c = d->clock;

	d->stepped = c->finished && (c->n > 1 || c->dropped);
	d->wires.timed = c->mode == CLOCK_NONE || c->mode == CLOCK_GIVEN || d->raw ||
			 (c->finished && !d->stepped);
	for (size_t i = d->stepped ? c->n : 0; i--;) {
		struct clock_estimate e = clock_summary(&c->segment[i]);

		if (e.bounded)
			d->ahead_ns = e.ahead_ns;
	}
}

static void start(struct duet *d)
{
	wire_owner_init(&d->wires);
	d->wires.cross = duet_crossed;
	d->wires.over = ended;
	d->wires.passed = d->data && d->row ? duet_passed : NULL;
	d->wires.arg = d;
	map_init(&d->firsts);
	start_clock(d);
	d->wires_budget = budget_part(d->budget, BUDGET_PARTS - PARTS_PLAN);
	for (unsigned i = 0; i < 2; i++) {
		struct conn_hooks hooks = { .arg = &d->side[i], .stream_gone = stream_gone };

		d->side[i].duet = d;
		d->side[i].waits = source_waits(d->source[i]);
		d->side[i].budget = budget_of_capture(d->budget);
		track_init(&d->side[i].track, &hooks, &d->side[i].budget);
	}
	if (!d->plan)
		pairing_init(&d->pairing, true);
}

void duet_run(struct duet *d)
{
	start(d);
	while (!d->refuted && (!d->side[0].over || !d->side[1].over)) {
		unsigned which = choose(d);

		d->side[which].reading = true;
		take(d, which);
		d->side[which].reading = false;
		d->refuted |= d->raw && d->wires.trusted;
	}
	while (d->wires.first)
		wire_free(d->wires.first);
	for (unsigned i = 0; i < 2; i++) {
		if (!d->plan)
			pairing_end(&d->pairing, i);
		track_end(&d->side[i].track);
	}
	budget_gave_up(d->budget, d->side[0].budget.given_up + d->side[1].budget.given_up +
		       d->wires_budget.given_up,
		       d->side[0].budget.cut + d->side[1].budget.cut + d->wires_budget.cut);
	if (!d->plan)
		pairing_free(&d->pairing);
	map_free(&d->firsts);
}
