#include "clock.h"

#include <math.h>
#include <stdlib.h>

#include "mem.h"
#include "seq.h"

enum {
	ENOUGH = 16,		/* pairs that settle whether a clock stepped */
	ENOUGH_AT_END = 2,	/* and at the end of all */
	MAJORITY = 4,		/* and so many times those that speak against it */
	FEW = 16		/* segments that are all looked at */
};

/* So near to where a segment ends, its neighbour may be the right one. */
static const int64_t beside_ns = INT64_C(2000000000);

void clock_init(struct clock *c, enum clock_mode mode)
{
	*c = (struct clock){ .mode = mode };
}

void clock_free(struct clock *c)
{
	for (size_t i = 0; i < c->n; i++)
		strip_free(&c->segment[i].strip);
	free(c->segment);
	strip_free(&c->other.strip);
	strip_free(&c->before.strip);
	clock_init(c, c->mode);
}

static double steepest(const struct clock *c)
{
	return c->mode == CLOCK_OFFSET ? 0 : CLOCK_STEEPEST;
}

static bool splits(const struct clock *c)
{
	return c->mode == CLOCK_AUTO || c->mode == CLOCK_PIECEWISE;
}

static struct clock_segment *push(struct clock *c)
{
	c->segment = mem_grow(c->segment, &c->cap, c->n + 1, sizeof(*c->segment));
	c->segment[c->n] = (struct clock_segment){ 0 };
	return &c->segment[c->n++];
}

static void clear(struct clock_segment *s)
{
	strip_free(&s->strip);
	*s = (struct clock_segment){ 0 };
}

/* The other pairs are a segment of their own: the clock stepped before them. */
static void accept(struct clock *c)
{
	struct clock_segment *s = &c->segment[c->n - 1];

	strip_free(&s->strip);
	*s = c->before;
	c->before = (struct clock_segment){ 0 };
	s = push(c);
	*s = c->other;
	c->other = (struct clock_segment){ 0 };
	c->others = c->against = 0;
}

/* They were no packets of the same stream, or stamped wrongly. */
static void reject(struct clock *c)
{
	c->dropped += c->others;
	clear(&c->other);
	clear(&c->before);
	c->others = c->against = 0;
}

/* A pair for which the segment under way has no room, or one while there are such. */
static void add_other(struct clock *c, bool fits, bool upper, int64_t t, int64_t v)
{
	struct clock_segment *s = &c->segment[c->n - 1];
	bool other = clock_segment_allows(&c->other, upper, t, v, steepest(c));

	if (!fits && !other && c->others < ENOUGH_AT_END) {
		reject(c);
		other = true;
	}
	if (!c->others)
		clock_segment_copy(&c->before, s);
	if (fits)
		clock_segment_add(s, upper, t, v);
	if (other)
		clock_segment_add(&c->other, upper, t, v);
	c->others += other && !fits;
	c->against += fits && !other;
	c->dropped += !fits && !other;
	if (c->others >= ENOUGH && c->others >= MAJORITY * c->against &&
	    strip_is_bounded(&c->other.strip))
		accept(c);
	else if (c->against >= ENOUGH && c->against >= c->others)
		reject(c);
}

void clock_pair(struct clock *c, bool forward, int64_t a_ns, int64_t b_ns)
{
	int64_t v = seq_minus(b_ns, a_ns);
	struct clock_segment *s;
	bool fits = true;

	if (c->mode == CLOCK_NONE || c->mode == CLOCK_GIVEN)
		return;
	s = c->n ? &c->segment[c->n - 1] : push(c);
	if (splits(c))
		fits = clock_segment_allows(s, forward, a_ns, v, steepest(c));
	if (!fits || c->others)
		add_other(c, fits, forward, a_ns, v);
	else
		clock_segment_add(s, forward, a_ns, v);
}

bool clock_corrects(const struct clock *c)
{
	if (c->mode == CLOCK_NONE)
		return false;
	if (c->mode != CLOCK_AUTO)
		return true;
	for (size_t i = 0; i < c->n; i++)
		if (c->segment[i].corrects)
			return true;
	return false;
}

static void fit(struct clock *c, struct clock_segment *s)
{
	clock_segment_fit(s, steepest(c), !clock_corrects(c));
}

void clock_finish(struct clock *c)
{
	if (c->others >= ENOUGH_AT_END && c->others > c->against &&
	    strip_is_bounded(&c->other.strip))
		accept(c);
	else
		reject(c);
	for (size_t i = 0; i < c->n; i++)
		fit(c, &c->segment[i]);
	c->finished = true;
}

/* While pairs come, a fit is good for some more of them. */
static bool is_stale(const struct clock *c, const struct clock_segment *s)
{
	return !s->fitted || s->raw == clock_corrects(c) ||
	       (!s->has_line && !s->raw && isfinite(s->height)) ||
	       s->pairs > s->fitted + s->fitted / 8 + 1;
}

static void refresh(struct clock *c)
{
	for (size_t i = c->n > 2 ? c->n - 2 : 0; i < c->n; i++)
		if (is_stale(c, &c->segment[i]))
			fit(c, &c->segment[i]);
}

/* The last segment that began by then; the first if none had. */
static size_t find(const struct clock *c, int64_t a_ns)
{
	size_t low = 0, high = c->n;

	while (low + 1 < high) {
		size_t mid = (low + high) / 2;

		if (c->segment[mid].start_ns <= a_ns)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/*
 * What was under way when a clock stepped may belong to the segment on either
 * side, depending on whose clock it was: of the delays that can be, the
 * smaller one is right.
 */
static size_t choose(const struct clock *c, size_t i, bool forward, int64_t a_ns,
		     int64_t raw)
{
	bool all = c->n <= FEW;		/* A's clock may have stepped back, too */
	int64_t best_ns = INT64_MAX;
	size_t best = i;

	for (size_t k = all || !i ? 0 : i - 1; k < c->n && (all || k <= i + 1); k++) {
		const struct clock_segment *s = &c->segment[k];
		struct clock_estimate e = clock_segment_at(s, a_ns);
		int64_t delay = forward ? seq_minus(raw, e.ahead_ns) :
					seq_minus(e.ahead_ns, raw);

		if (seq_minus(s->start_ns, a_ns) > beside_ns ||
		    seq_minus(a_ns, s->end_ns) > beside_ns)
			continue;
		if (delay >= -e.error_ns - CLOCK_SLACK_NS && delay < best_ns) {
			best = k;
			best_ns = delay;
		}
	}
	return best;
}

static struct clock_estimate given(const struct clock *c, int64_t a_ns)
{
	double grown = c->given_slope * (double)seq_minus(a_ns, c->given_at_ns);
	struct clock_estimate e = { .ahead_ns = c->given_ns };

	if (fabs(grown) < 1e18)
		e.ahead_ns = seq_plus(e.ahead_ns, (int64_t)llrint(grown));
	return e;
}

struct clock_estimate clock_estimate(struct clock *c, bool forward,
				     int64_t a_ns, int64_t b_ns)
{
	size_t i;

	if (c->mode == CLOCK_GIVEN)
		return given(c, a_ns);
	if (!c->n)
		return (struct clock_estimate){ 0 };
	if (!c->finished)
		refresh(c);
	i = find(c, a_ns);
	if (c->n > 1)
		i = choose(c, i, forward, a_ns, seq_minus(b_ns, a_ns));
	return clock_segment_at(&c->segment[i], a_ns);
}

/* How far a moment is outside a segment, and from another moment. */
static double outside(const struct clock_segment *s, int64_t a_ns, int64_t near_ns)
{
	int64_t before = seq_minus(s->start_ns, a_ns), after = seq_minus(a_ns, s->end_ns);
	double away = near_ns == INT64_MIN ? 0 : fabs((double)seq_minus(a_ns, near_ns));

	return away + (double)(before > 0 ? before : after > 0 ? after : 0);
}

int64_t clock_on_a(const struct clock *c, int64_t b_ns, int64_t near_ns)
{
	int64_t best = seq_minus(b_ns, given(c, b_ns).ahead_ns);
	double least = INFINITY;

	if (c->mode == CLOCK_GIVEN)
		return seq_minus(b_ns, given(c, best).ahead_ns);
	for (size_t i = 0; i < c->n; i++) {
		const struct clock_segment *s = &c->segment[i];
		int64_t a = seq_minus(b_ns, s->origin_v);
		double d;

		a = seq_minus(b_ns, clock_segment_at(s, a).ahead_ns);
		d = outside(s, a, near_ns);
		if (d < least) {
			least = d;
			best = a;
		}
	}
	return best;
}

const char *clock_method(const struct clock *c, const struct clock_segment *s)
{
	if (s->raw)
		return "raw";
	if (isinf(s->height))
		return "unbounded";
	if (s->height < -2 * CLOCK_SLACK_NS)
		return "contradiction";
	return c->mode == CLOCK_OFFSET ? "offset" : "linear";
}
