/*
 * A queue of ranges in ascending order that neither overlap nor are merged,
 * each with what its user keeps about it: what was sent and waits for its ACK.
 *
 * An element is a struct of the user's whose first member is a struct range.
 * Most are added at the end and dropped at the front; one in between moves the
 * shorter part of the others.
 */
#ifndef RUNS_H
#define RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "ranges.h"

/* All 0 but size and first is the empty queue, which holds no memory. */
struct runs {
	char *at;		/* cap elements; those from head on, n of them, are there */
	uint16_t size;		/* of an element, in bytes */
	uint16_t first;		/* how many to make room for at first, at least 1 */
	uint32_t head, n, cap;
};

void runs_free(struct runs *r);

/* How many bytes it takes beside itself. */
static inline uint64_t runs_weight(const struct runs *r)
{
	return (uint64_t)r->cap * r->size;
}

static inline void *runs_at(const struct runs *r, size_t i)
{
	return r->at + ((size_t)r->head + i) * r->size;
}

/* The index of the first one that ends after v; n if there is none. */
size_t runs_find(const struct runs *r, int64_t v);

/* Make room for one before index i (n: at the end). Returns it, to be set. */
void *runs_insert(struct runs *r, size_t i);

/* Drop the first k. */
static inline void runs_drop(struct runs *r, size_t k)
{
	if (k == r->n) {
		runs_free(r);
		return;
	}
	r->n -= (uint32_t)k;
	r->head += (uint32_t)k;
}

/* All ranges are higher by `by`; none is left if one would not fit its numbers. */
void runs_shift(struct runs *r, int64_t by);

#endif
