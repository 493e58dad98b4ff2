/*
 * How far the clock of capture B is ahead of that of capture A: what causality
 * says about it.
 *
 * What left A at a, by A's clock, and came to B at b, by B's, says that B's
 * clock was ahead by at most b - a at a, since nothing arrives before it left.
 * What left B at b and came to A at a says that it was ahead by at least b - a
 * at a. All pairs of all paths bound the same difference: that is to intersect
 * the strips of the paths, so the path with the shortest round trip decides
 * for all. The estimate is the line in the middle of the highest strip, or of
 * one that is as good and less steep. No path is taken to be symmetric; the error given is the most by which any
 * other line in the strip differs: half its height, or more where the slope
 * may be another one.
 *
 * Where no line fits any more, a clock stepped, or packets were taken for one
 * another. If what follows agrees on another line, it is a step: a new segment
 * begins. If not, the pairs that don't fit are dropped.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strip.h"

enum clock_mode {
	CLOCK_NONE,		/* as they are */
	CLOCK_GIVEN,		/* offset and skew are given */
	CLOCK_AUTO,		/* as they are if no pair speaks against it, else piecewise */
	CLOCK_OFFSET,		/* a constant */
	CLOCK_LINEAR,		/* a line */
	CLOCK_PIECEWISE		/* lines, a new one where a clock stepped */
};

/* Clocks run at most so much faster than others (RFC 5905, MAXFREQ): 500 ppm. */
#define CLOCK_STEEPEST 500e-6

/* Stamps are cut to microseconds in many captures: so much is no contradiction. */
#define CLOCK_SLACK_NS 1000

enum { CLOCK_KNOTS = 33 };

/* A stretch of time in which the difference is a line. */
struct clock_segment {
	int64_t start_ns, end_ns;	/* A's clock: the first and last pair */
	int64_t origin_ns, origin_v;	/* where the strip's and line's t and values are 0 */
	uint64_t pairs;
	struct strip strip;
	bool corrects;		/* the clocks as they are do not fit */
	uint64_t fitted;	/* pairs that the rest was made from */
	bool raw;		/* it leaves the clocks as they are */
	struct line line;
	bool has_line;		/* it fits all pairs so far */
	double height;		/* of the strip; negative: no line fits */
	struct strip_range slopes;	/* of lines that fit */
	double error[CLOCK_KNOTS];	/* at equal distances from start to end */
};

struct clock {
	enum clock_mode mode;
	int64_t given_ns, given_at_ns;	/* CLOCK_GIVEN: ahead by so much then, by A's clock, */
	double given_slope;	/* and how that grows */
	struct clock_segment *segment;	/* n of them, the last one under way */
	size_t n, cap;
	bool finished;
	/* pairs that it has no room for, as a segment of their own */
	struct clock_segment other;
	struct clock_segment before;	/* the one under way as it was when they began */
	unsigned others, against;	/* pairs that only the other one has room for, or not */
	uint64_t dropped;	/* pairs that fitted nowhere */
};

void clock_init(struct clock *c, enum clock_mode mode);
void clock_free(struct clock *c);

/*
 * A pair of stamps: sent from A at a_ns and arrived at B at b_ns if `forward`,
 * else sent from B at b_ns and arrived at A at a_ns.
 */
void clock_pair(struct clock *c, bool forward, int64_t a_ns, int64_t b_ns);

/* All pairs were seen: fit every segment for good. */
void clock_finish(struct clock *c);

/* B's clock less A's. */
struct clock_estimate {
	int64_t ahead_ns;
	int64_t error_ns;	/* the most it can be off */
	bool bounded;		/* error_ns is known */
};

/*
 * The estimate for what A stamped a_ns and B b_ns, sent from A if `forward`:
 * from all pairs after clock_finish(), else from those so far.
 */
struct clock_estimate clock_estimate(struct clock *c, bool forward,
				     int64_t a_ns, int64_t b_ns);

/*
 * The moment of A's clock at which B's shows b_ns: of several, since a clock may
 * have stepped back, the one nearest to `near_ns`, which may be INT64_MIN.
 */
int64_t clock_on_a(const struct clock *c, int64_t b_ns, int64_t near_ns);

/* Of a segment: at its start, with the largest error that it has. */
struct clock_estimate clock_summary(const struct clock_segment *s);

/* Whether clocks were corrected at all. */
bool clock_corrects(const struct clock *c);

/* How a segment's estimate was made: raw, offset or linear; unbounded, contradiction. */
const char *clock_method(const struct clock *c, const struct clock_segment *s);

/* For clock.c: one segment. Whether a bound leaves it a line; add the bound. */
bool clock_segment_allows(struct clock_segment *s, bool upper, int64_t t, int64_t v,
			  double steepest);
void clock_segment_add(struct clock_segment *s, bool upper, int64_t t, int64_t v);
void clock_segment_copy(struct clock_segment *into, const struct clock_segment *from);

/* Fit it; `raw`: leave the clocks as they are. */
void clock_segment_fit(struct clock_segment *s, double steepest, bool raw);

/* Its line and error at A's time. */
struct clock_estimate clock_segment_at(const struct clock_segment *s, int64_t a_ns);

#endif
