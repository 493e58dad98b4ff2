/* A set of integers, kept as sorted ranges [from, to) that neither touch nor overlap. */
#ifndef RANGES_H
#define RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	int64_t from;
	int64_t to;		/* one past the last */
};

struct ranges {
	struct range *range;	/* n of them, ascending */
	uint32_t n;
	uint32_t cap;
};

/* All 0 is the empty set. */
void ranges_free(struct ranges *r);

/* How many bytes it takes beside itself. */
static inline uint64_t ranges_weight(const struct ranges *r)
{
	return r->cap * sizeof(*r->range);
}

/* Add [from, to). Returns how many integers of it are new. */
uint64_t ranges_add(struct ranges *r, int64_t from, int64_t to);

/* Take [from, to) out. Returns how many integers of it were in. */
uint64_t ranges_remove(struct ranges *r, int64_t from, int64_t to);

/* Move all ranges by `by`; none is left if one would not fit its numbers. */
void ranges_shift(struct ranges *r, int64_t by);

/* How many integers of [from, to) are in, from being at most to. */
uint64_t ranges_count(const struct ranges *r, int64_t from, int64_t to);

/* The index of the first range that ends after v; n if there is none. */
size_t ranges_find(const struct ranges *r, int64_t v);

/* Whether v is in. */
bool ranges_has(const struct ranges *r, int64_t v);

/* Add v; beyond `most` ranges all that is between is taken to be in. */
void ranges_note(struct ranges *r, int64_t v, uint32_t most);

#endif
