/*
 * At most so many points of a series that may have any number, without losing
 * where it rises and falls.
 *
 * Min-max by buckets of time: of each bucket, and each `kind` of points in it,
 * those with the smallest and the largest value are kept, and of the series the
 * first and the last. When there are too many, the buckets become twice as wide.
 */
#ifndef THIN_H
#define THIN_H

#include <stddef.h>

#include "point.h"

enum { THIN_MIN = 16 };

struct thin {
	struct point *at;	/* n, ascending by time */
	size_t n, cap;
	size_t most;		/* as given, less the first and the last */
	unsigned shift;		/* a bucket is 2^shift ns */
	unsigned points;		/* counted up to two */
	struct point first, last;	/* if there are so many */
};

/* `most`: at least THIN_MIN. */
void thin_init(struct thin *t, size_t most);
void thin_free(struct thin *t);
void thin_add(struct thin *t, const struct point *p);

/* The first, then t->at[0 .. n - 1], then the last. */

#endif
