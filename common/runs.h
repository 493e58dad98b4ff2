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

/* All 0 is the empty queue, which holds no memory: most of many are. */
struct runs {
	struct runs_room {
		uint32_t head, n, cap;	/* elements: those from head on, n of them, are there */
		uint32_t size;		/* of an element, in bytes */
		int64_t at[];		/* cap of them */
	} *room;
};

void runs_free(struct runs *r);

/* How many bytes it takes beside itself. */
static inline uint64_t runs_weight(const struct runs *r)
{
	return r->room ? sizeof(*r->room) + (uint64_t)r->room->cap * r->room->size : 0;
}

static inline size_t runs_n(const struct runs *r)
{
	return r->room ? r->room->n : 0;
}

/* The one at index i, which is below runs_n(). */
static inline void *runs_at(const struct runs *r, size_t i)
{
	return (char *)r->room->at + ((size_t)r->room->head + i) * r->room->size;
}

/* The index of the first one that ends after v; runs_n() if there is none. */
size_t runs_find(const struct runs *r, int64_t v);

/*
 * Make room for one before index i (runs_n(): at the end). Returns it, to be
 * set. `size`: of an element, always the same; `first`: how many to make room
 * for at first, at least 1.
 */
void *runs_insert(struct runs *r, size_t i, size_t size, size_t first);

/* Drop the first k. */
static inline void runs_drop(struct runs *r, size_t k)
{
	if (k == runs_n(r)) {
		runs_free(r);
		return;
	}
	r->room->n -= (uint32_t)k;
	r->room->head += (uint32_t)k;
}

/* All ranges are higher by `by`; none is left if one would not fit its numbers. */
void runs_shift(struct runs *r, int64_t by);

#endif
