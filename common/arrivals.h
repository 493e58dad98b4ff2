/*
 * When bytes arrived at the other host: of each direction of streams, bytes
 * that were asked for, and of each byte its first few arrivals.
 */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"
#include "ranges.h"
#include "runs.h"

/* How often a byte may arrive: more are not told apart from none. */
enum { ARRIVALS_MAX = 4 };

struct arrival {
	struct range bytes;	/* rel_seq; first, for runs.h */
	int64_t time_ns;	/* as stamped there */
	uint64_t pkt;		/* there */
	uint64_t own_pkt;	/* of the segment in the user's capture, or 0 */
};

/* One direction of a stream. */
struct arrivals_side {
	uint32_t stream;
	uint8_t role;		/* of the sender */
	struct range *asked;	/* n of them, in any order */
	size_t n, cap;
	struct ranges wanted;	/* the same in order, once `sorted` */
	bool sorted;
	struct runs nth[ARRIVALS_MAX];	/* struct arrival: the first ones, the second ones, ... */
	struct ranges lost;	/* of some sending that had them */
	struct ranges unseen;	/* arrived for certain, but who knows when */
	struct ranges named;	/* packets of the user's capture that are of it, some */
	bool met;		/* one of them was */
	void *owner;		/* the user's, like what he knows it to weigh */
	uint64_t weight;
};

struct arrivals {
	struct map map;		/* the sides by stream and role */
	struct arrivals_side **side;	/* n of them */
	size_t n, cap;
};

void arrivals_init(struct arrivals *a);
void arrivals_free(struct arrivals *a);

/* Bytes [from, to) will be asked for: to be called before any arrival. Returns their direction. */
struct arrivals_side *arrivals_want(struct arrivals *a, uint32_t stream, unsigned role,
				    int64_t from, int64_t to);

/* The same without bytes, for arrivals_first(). */
struct arrivals_side *arrivals_make(struct arrivals *a, uint32_t stream, unsigned role);

/*
 * A packet of the user's capture is of this stream, as he knows it; and one came by
 * under its number: `met` if that is one of the others, so that the stream is the same.
 */
void arrivals_name(struct arrivals_side *s, uint64_t pkt);
void arrivals_meet(struct arrivals_side *s, uint64_t pkt);

/* How many bytes it takes. */
uint64_t arrivals_weight(const struct arrivals_side *s);

/* Free the directions of which the user says so. */
void arrivals_drop(struct arrivals *a, bool (*drops)(const struct arrivals_side *));

/* The direction, or NULL if nothing of it was asked for. */
struct arrivals_side *arrivals_side(const struct arrivals *a, uint32_t stream,
				    unsigned role);

/* It arrived, in the order of arrival. */
void arrivals_add(struct arrivals_side *s, const struct arrival *what);

/* It arrived, wanted or not, in any order: of each byte only the first by `pkt` stays. */
void arrivals_first(struct arrivals_side *s, const struct arrival *what);

/* A sending of [from, to) was lost; or arrived unseen. */
void arrivals_miss(struct arrivals_side *s, bool unseen, int64_t from, int64_t to);

/*
 * The nth arrival of the byte at `at`, from 0, or NULL; *end comes down to where
 * that changes.
 */
const struct arrival *arrivals_find(const struct arrivals_side *s, unsigned nth,
				    int64_t at, int64_t *end);

#endif
