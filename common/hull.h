/*
 * The lower convex hull of points (t, v): what of them can keep a straight
 * line from rising. A line is below all points if it is below the hull's.
 *
 * Points come one by one, most of them in order of t. Of more than HULL_MAX
 * corners those that matter least are forgotten: the hull then lies lower than
 * the points make it at a corner, and never higher.
 */
#ifndef HULL_H
#define HULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HULL_MAX = 256 };

struct hull_point {
	int64_t t, v;
};

/* All 0 is the empty one. */
struct hull {
	struct hull_point *at;	/* n corners, ascending in t; slopes ascend too */
	uint32_t n, cap;
};

void hull_free(struct hull *h);

/* A copy of `from`, which takes the place of what `into` held. */
void hull_copy(struct hull *into, const struct hull *from);

/* Add a point; both numbers within 2^53. Returns whether the hull changed. */
bool hull_add(struct hull *h, int64_t t, int64_t v);

/* The slope from corner i to corner i + 1. */
double hull_slope(const struct hull *h, size_t i);

/* The corner where a line of this slope touches from below; n > 0. */
size_t hull_touch(const struct hull *h, double slope);

/* The value at t = 0 of the line of this slope through corner i. */
static inline double hull_value(const struct hull *h, size_t i, double slope)
{
	return (double)h->at[i].v - slope * (double)h->at[i].t;
}

#endif
