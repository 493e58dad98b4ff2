/*
 * Between what a straight line must not rise above and what it must not fall
 * below: the room for it.
 *
 * For a slope a, the lines that fit are a strip of the height
 * m(a) = min(above - a t) - max(below - a t). m is concave, and bends only at
 * slopes of the hulls' edges, so that its highest point is found exactly.
 * (S. B. Moon, P. Skelly, D. Towsley, "Estimation and removal of clock skew from
 * network delay measurements", 1999, do it for one side.)
 */
#ifndef STRIP_H
#define STRIP_H

#include <stdbool.h>
#include <stdint.h>

#include "hull.h"

/* All 0 has no bound at all. */
struct strip {
	struct hull above;	/* the line is at most v at t */
	struct hull below;	/* it is at least -v at t */
};

struct line {
	double at0;		/* value at t = 0 */
	double slope;
};

void strip_free(struct strip *s);
void strip_copy(struct strip *into, const struct strip *from);

/* The line must be at most (`upper`), or at least, v at t. Returns whether that is news. */
bool strip_bound(struct strip *s, bool upper, int64_t t, int64_t v);

static inline bool strip_is_bounded(const struct strip *s)
{
	return s->above.n && s->below.n;
}

/*
 * The line in the middle of the highest strip, its slope within -steepest and
 * steepest. Of slopes whose strips are as high, or lower by `slack` at most, it
 * is the one nearest to 0. Returns the height, below 0 if no line fits, and then
 * the line breaks the bounds by the least that is possible. The strip has to be
 * bounded.
 */
double strip_fit(const struct strip *s, double steepest, double slack,
		 struct line *line);

struct strip_range {
	double low, high;
};

/* The slopes, within -steepest and steepest, of lines that fit, from one that does. */
struct strip_range strip_slopes(const struct strip *s, double steepest,
				const struct line *line);

/* Whether one of them, kept by the other side alone, is at most (`upper`), or at least, v at t. */
bool strip_reaches(const struct strip *s, const struct strip_range *slopes,
		   bool upper, double t, double v);

/* How far from `line` at t they can be. */
double strip_error(const struct strip *s, const struct strip_range *slopes,
		   const struct line *line, double t);

#endif
