/*
 * The distribution of samples, of which there may be any number: so many values
 * are at most that.
 *
 * Exact for up to 16384 different values. If there are more, values are rounded
 * up to fewer binary digits, at least 7, until there are not: what is said to be
 * at most a value that is left still is exact.
 */
#ifndef DIST_H
#define DIST_H

#include <stddef.h>
#include <stdint.h>

enum { DIST_VALUES = 1 << 14 };

struct dist_value {
	int64_t value;
	uint64_t weight;	/* samples of this value, or rounded up to it */
};

/* All 0 is none. */
struct dist {
	struct dist_value *at;	/* n, of which the first `sorted` ascend and differ */
	size_t n, sorted, cap;
	uint64_t total;		/* sum of the weights */
	int64_t max;		/* the largest, as it was, if n */
	unsigned bits;		/* digits that values are rounded to; 0: all */
};

void dist_free(struct dist *d);
void dist_add(struct dist *d, int64_t value, uint64_t weight);

/* Bring all that was added in ascending order, each value once; at most DIST_VALUES of them. The last one stands for `max`. */
void dist_settle(struct dist *d);

#endif
