/*
 * Objects of which there are many, of few sizes: what malloc() takes for each
 * beside the object itself, this takes for dozens of them together.
 *
 * Those of one size stand in slabs of some pages, and dozens of slabs in a block
 * of malloc()'s. What is empty goes back: a slab with its last object, and a block
 * with its last slab.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

enum { POOL_STEP = 8, POOL_SIZE_MAX = 1024 };	/* bytes */

/* All 0 is the empty pool, which holds no memory: so does one whose objects are all freed. */
struct pool {
	struct pool_link *blocks;	/* with room for slabs */
	struct pool_link *slabs[POOL_SIZE_MAX / POOL_STEP];	/* with room, by size of objects */
};

/* `size` bytes set to 0, at most POOL_SIZE_MAX of them, to be given back with pool_free(). */
void *pool_zero(struct pool *p, size_t size);

/* Out of memory ends the tool as in mem.h. Nothing is done where `object` is NULL. */
void pool_free(void *object);

/* The pool that an object is of, for others that last no longer than that pool. */
struct pool *pool_of(const void *object);

#endif
