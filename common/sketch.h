/*
 * A sample of bounded size of the marks that one direction of a stream shows.
 *
 * Those with the smallest hashes are kept (Broder, "On the resemblance and
 * containment of documents", 1997): two captures of the same packets choose
 * the same ones, whatever each saw besides. The hash has no seed, and no two
 * marks share one, so it stands for the mark.
 */
#ifndef SKETCH_H
#define SKETCH_H

#include <stdbool.h>
#include <stdint.h>

enum { SKETCH_MAX = 32 };	/* marks kept */

#define MARK_NOWHERE INT64_MIN

/* Where a mark was seen first. */
struct mark {
	uint64_t hash;		/* of the two numbers that it is */
	int64_t seq;		/* rel_seq of its first byte, or MARK_NOWHERE */
	int64_t ack;		/* rel_ack beside it */
};

/* All 0 is the empty one. */
struct sketch {
	struct mark *mark;	/* n of them, in ascending order of hash */
	uint8_t n, cap;
	uint64_t largest;	/* the hash of the last one, if SKETCH_MAX are there */
};

/* Whether a mark of this hash has no place, as others are smaller. */
static inline bool sketch_is_full(const struct sketch *k, uint64_t hash)
{
	return k->n == SKETCH_MAX && hash > k->largest;
}

void sketch_free(struct sketch *k);

/* The hash of a mark: all 64 bits are mixed, none is lost. */
static inline uint64_t sketch_hash(uint32_t a, uint32_t b)
{
	uint64_t x = ((uint64_t)a << 32 | b) + UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * Take in a mark, unless it is there or others are smaller; one that is there
 * without its place gets it. Returns whether the sample has changed.
 */
bool sketch_add(struct sketch *k, const struct mark *m);

/* The end's rel_seq, or the other end's, are higher by these from now on. */
void sketch_shift(struct sketch *k, int64_t seq, int64_t ack);

#endif
