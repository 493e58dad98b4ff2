/*
 * The distribution of samples, of which there may be any number: so many values
 * are at most that.
 *
 * Exact for up to 16384 different values. Of more, neighbours are put together
 * under the larger one, none of which is more than 1/8192 of all samples: no
 * fraction is off by more.
 */
#ifndef DIST_H
#define DIST_H

#include <stddef.h>
#include <stdint.h>

enum { DIST_VALUES = 1 << 14 };

struct dist_value {
	int64_t value;
	uint64_t weight;	/* samples of this value; below it too, if it stands for them */
};

/* All 0 is none. */
struct dist {
	struct dist_value *at;	/* n, of which the first `sorted` ascend and differ */
	size_t n, sorted, cap;
	uint64_t total;		/* sum of the weights */
	int64_t min;		/* the smallest, if n */
};

void dist_free(struct dist *d);
void dist_add(struct dist *d, int64_t value, uint64_t weight);

/* Bring all that was added in ascending order, each value once; at most DIST_VALUES of them. */
void dist_settle(struct dist *d);

#endif
