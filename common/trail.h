/*
 * What is remembered of the past in little memory: ranges in ascending order
 * that do not overlap, each with a number, which are a few at most.
 *
 * The highest is at hand. Each other takes some 5 bytes: it is written as what
 * it differs in from the one above it, and read from there down.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trail_run {
	int64_t from, to;	/* [from, to), shorter than 2^63 */
	int64_t value;
};

/* All 0 is the empty one. */
struct trail {
	struct trail_run top;	/* the highest, to be read and made longer; from == to: none */
	struct trail_room {
		uint16_t n;		/* runs below the top */
		uint16_t used, size;	/* bytes */
		uint8_t byte[];
	} *room;		/* NULL: none */
};

enum { TRAIL_MAX = 1000 };	/* runs, so that the counts of bytes hold them all */

void trail_free(struct trail *t);

/* How many bytes it takes beside itself. */
static inline uint64_t trail_weight(const struct trail *t)
{
	return t->room ? sizeof(*t->room) + t->room->size : 0;
}

/* How many runs there are. */
static inline size_t trail_n(const struct trail *t)
{
	return t->room ? (size_t)t->room->n + 1 : t->top.from < t->top.to;
}

/* Add one above all others. */
void trail_push(struct trail *t, struct trail_run run);

/* The lowest one that ends after `at`; false if there is none. */
bool trail_find(const struct trail *t, int64_t at, struct trail_run *run);

/* How many of them end after `at`. */
size_t trail_above(const struct trail *t, int64_t at);

/* Keep the n highest only, at least 1. */
void trail_keep(struct trail *t, size_t n);

/* All of them in ascending order to `run`; and what they shall be instead. */
void trail_list(const struct trail *t, struct trail_run *run);
void trail_set(struct trail *t, const struct trail_run *run, size_t n);

/* All ranges are higher by `by`; none is left if one would not fit its numbers. */
void trail_shift(struct trail *t, int64_t by);

/* All values are higher by `by`; what is too large wraps around. */
static inline void trail_raise(struct trail *t, int64_t by)
{
	t->top.value = (int64_t)((uint64_t)t->top.value + (uint64_t)by);
}

#endif
