/* One segment of a clock: a strip, the line in it, and how far it can be off. */
#include <math.h>

#include "clock.h"
#include "seq.h"

/*
 * SEGMENT_LIMIT_BITS: what a double holds exactly. AS_GOOD: a strip lower by this
 * part is as good as the highest, since shortest delays themselves vary by more.
 */
enum { SEGMENT_LIMIT_BITS = 52, AS_GOOD = 2048 };

static bool in_reach(int64_t v)
{
	return v < INT64_C(1) << SEGMENT_LIMIT_BITS &&
	       v > -(INT64_C(1) << SEGMENT_LIMIT_BITS);
}

/* Whether a line is on the right side of a bound. */
static bool keeps(const struct line *line, bool upper, double t, double v)
{
	double at = line->at0 + line->slope * t;

	return upper ? at <= v : at >= v;
}

/* Bring the line up to date with the strip. */
static void find_line(struct clock_segment *s, double steepest)
{
	if (s->has_line || !strip_is_bounded(&s->strip))
		return;
	s->height = strip_fit(&s->strip, steepest, 0, &s->line);
	if (s->height > 0)	/* no skew for the sake of some microseconds */
		s->height = strip_fit(&s->strip, steepest, s->height / AS_GOOD, &s->line);
	s->slopes = strip_slopes(&s->strip, steepest, &s->line);
	s->has_line = true;
}

bool clock_segment_allows(struct clock_segment *s, bool upper, int64_t t, int64_t v,
			  double steepest)
{
	struct strip_range any = { -steepest, steepest };
	double x, y;

	if (!s->pairs)
		return true;
	t = seq_minus(t, s->origin_ns);
	v = seq_minus(v, s->origin_v);
	if (!in_reach(t) || !in_reach(v))
		return false;
	x = (double)t;
	y = (double)v + (upper ? CLOCK_SLACK_NS : -CLOCK_SLACK_NS);
	if (!strip_is_bounded(&s->strip))
		return strip_reaches(&s->strip, &any, upper, x, y);
	find_line(s, steepest);
	if (keeps(&s->line, upper, x, y))
		return true;
	s->has_line = false;	/* its slopes may be from before the last bounds */
	find_line(s, steepest);
	return strip_reaches(&s->strip, &s->slopes, upper, x, y);
}

void clock_segment_add(struct clock_segment *s, bool upper, int64_t t, int64_t v)
{
	if (!s->pairs++) {
		s->start_ns = s->end_ns = s->origin_ns = t;
		s->origin_v = v;
	}
	if (s->start_ns > t)
		s->start_ns = t;
	if (s->end_ns < t)
		s->end_ns = t;
	if (upper ? v < -CLOCK_SLACK_NS : v > CLOCK_SLACK_NS)
		s->corrects = true;
	t = seq_minus(t, s->origin_ns);
	v = seq_minus(v, s->origin_v);
	if (!in_reach(t) || !in_reach(v))
		return;
	strip_bound(&s->strip, upper, t, v);
	if (s->has_line && !keeps(&s->line, upper, (double)t, (double)v))
		s->has_line = false;
}

void clock_segment_copy(struct clock_segment *into, const struct clock_segment *from)
{
	struct strip strip = into->strip;

	strip_copy(&strip, &from->strip);
	*into = *from;
	into->strip = strip;
}

/* What is known of one side only: as near to the clocks as they are as it allows. */
static void fit_open(struct clock_segment *s, bool raw)
{
	double low = -INFINITY, high = INFINITY, at = -(double)s->origin_v;

	if (s->strip.above.n)
		high = hull_value(&s->strip.above, hull_touch(&s->strip.above, 0), 0);
	if (s->strip.below.n)
		low = -hull_value(&s->strip.below, hull_touch(&s->strip.below, 0), 0);
	s->height = INFINITY;
	s->line = (struct line){ raw ? at : fmax(low, fmin(high, at)), 0 };
	s->raw = raw;
}

void clock_segment_fit(struct clock_segment *s, double steepest, bool raw)
{
	double span = (double)seq_minus(s->end_ns, s->start_ns);
	double from = (double)seq_minus(s->start_ns, s->origin_ns);

	s->fitted = s->pairs;
	if (!strip_is_bounded(&s->strip)) {
		fit_open(s, raw);
		return;
	}
	s->has_line = false;	/* the hulls have more corners now */
	find_line(s, steepest);
	s->raw = raw;
	if (raw)
		s->line = (struct line){ -(double)s->origin_v, 0 };
	for (int i = 0; i < CLOCK_KNOTS; i++)
		s->error[i] = strip_error(&s->strip, &s->slopes, &s->line,
					  from + span * i / (CLOCK_KNOTS - 1));
	s->has_line = !raw;
}

/*
 * Between two knots the error is below the straight line between theirs, as the
 * most that any line reaches is convex; beyond the ends it grows by the slopes.
 */
static double error_at(const struct clock_segment *s, int64_t a_ns)
{
	double span = (double)seq_minus(s->end_ns, s->start_ns);
	double at = (double)seq_minus(a_ns, s->start_ns), part;
	double drift = fmax(s->slopes.high - s->line.slope,
			    s->line.slope - s->slopes.low);
	int i;

	if (at <= 0 || span <= 0)
		return s->error[0] - at * drift * (at < 0 ? 1 : -1);
	if (at >= span)
		return s->error[CLOCK_KNOTS - 1] + (at - span) * drift;
	part = at / span * (CLOCK_KNOTS - 1);
	i = (int)part;
	return s->error[i] + (part - i) * (s->error[i + 1] - s->error[i]);
}

struct clock_estimate clock_segment_at(const struct clock_segment *s, int64_t a_ns)
{
	double t = (double)seq_minus(a_ns, s->origin_ns);
	double v = s->line.at0 + s->line.slope * t, error;
	struct clock_estimate e = { 0 };

	/* a double holds what a segment can have; stamps may be anything */
	if (!s->pairs || fabs(v) > 1e18)
		return e;
	e.ahead_ns = seq_plus(s->origin_v, (int64_t)llrint(v));
	if (s->raw)
		e.ahead_ns = 0;
	error = isfinite(s->height) ? error_at(s, a_ns) : INFINITY;
	e.bounded = s->height >= -2 * CLOCK_SLACK_NS && error < 1e18;
	if (e.bounded)
		e.error_ns = (int64_t)ceil(error) + 1;
	return e;
}

struct clock_estimate clock_summary(const struct clock_segment *s)
{
	struct clock_estimate e = clock_segment_at(s, s->start_ns);
	struct clock_estimate end = clock_segment_at(s, s->end_ns);

	if (e.error_ns < end.error_ns)
		e.error_ns = end.error_ns;
	return e;
}
