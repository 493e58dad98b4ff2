/*
 * The DSS checksums of one direction of a subflow (RFC 8684 3.3.1): of each
 * mapping whose whole payload was captured, in whatever segments it came.
 *
 * The sums of segments are differences between places in the stream of bytes.
 * So a mapping can be checked as soon as any segments lead from its beginning
 * to its end, be they cut, merged or sent again in other sizes.
 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "event.h"
#include "ranges.h"

/* A mapping that has a checksum. */
struct checksum_map {
	struct range bytes;	/* as rel_seq */
	uint64_t dsn;		/* all 64 bits of the one it begins with, as on the wire */
	uint32_t ssn;		/* as on the wire */
	uint16_t len;		/* as on the wire: a DATA_FIN counts */
	uint16_t csum;		/* as on the wire */
	bool implied;		/* dsn is not there, but that of the first byte of data */

	/* set by the module: */
	uint8_t verdict;	/* enum verdict; NONE: of some payload the sum is not known; UNKNOWN: another one may be the bad one */
	bool swapped;		/* BAD, but right with its two bytes in the other order */
	bool told;		/* the user knows */
	uint32_t together;	/* so many others were checked with it */
	bool has_other;		/* some payload was sent twice, and not the same: */
	uint16_t other;		/* what the sum is more by the other time */
	struct moment at;	/* of the segment that completed it */
};

/* Where segments begin and end. */
struct checksum_point {
	int64_t at;		/* rel_seq */
	uint32_t chain;		/* points that segments lead between have the same */
	uint16_t sum;		/* of the bytes before it, relative to its chain */
};

/* All 0 is none. */
struct checksum {
	struct checksum_point *point;	/* n of them, ascending */
	struct checksum_map *map;	/* maps, ascending by bytes.from */
	uint32_t n, cap, maps, maps_cap;
	uint32_t chains;	/* numbers given to chains so far */
	uint32_t doubtful;	/* mappings found bad that the user does not know of */
	int64_t acked;		/* all below was acknowledged, or was given up */
	bool any_ack;		/* some of it was acknowledged */
	bool full;		/* if so: some had to be given up before it was judged */
};

void checksum_free(struct checksum *c);

/* How many bytes it takes. */
static inline uint64_t checksum_weight(const struct checksum *c)
{
	return sizeof(*c) + c->cap * sizeof(*c->point) + c->maps_cap * sizeof(*c->map) +
	       (c->full ? BUDGET_FULL : 0);
}

/* Called when it is known whether a mapping's checksum is right. */
typedef void checksum_judged(void *arg, const struct checksum_map *);

/* A mapping; one that is there already is none. */
void checksum_map(struct checksum *c, const struct checksum_map *m,
		  const struct moment *at, checksum_judged *judged, void *arg);

/* The first byte of data has this DSN after all. */
void checksum_imply(struct checksum *c, uint64_t dsn, const struct moment *at,
		    checksum_judged *judged, void *arg);

/* The sum of the payload [from, to) of a segment. */
void checksum_payload(struct checksum *c, int64_t from, int64_t to, uint16_t sum,
		      const struct moment *at, checksum_judged *judged, void *arg);

/*
 * All below `acked` arrived: what is bad of it is not made good by being sent
 * again. Until then a segment whose TCP checksum was wrong may be.
 */
void checksum_ack(struct checksum *c, int64_t acked, checksum_judged *judged,
		  void *arg);

/* Nothing more will come that could make good what is bad. */
void checksum_settle(struct checksum *c, checksum_judged *judged, void *arg);

/* The verdict of a mapping with this sum of its payload; *swapped as above. */
enum verdict checksum_verify(const struct checksum_map *m, uint16_t payload,
			     bool *swapped);

/* For checksum.c: the point at this place, or NULL. */
struct checksum_point *checksum_point_at(const struct checksum *c, int64_t at);

/*
 * Two places with so much between them are in one chain from now on. False if
 * they were, with something else between them: the sum is more by *more now.
 */
bool checksum_connect(struct checksum *c, int64_t from, int64_t to, uint16_t sum,
		      uint16_t *more);

/* Points below this place are of no use any more. */
void checksum_forget_points(struct checksum *c, int64_t below);

/* For checksum_point.c: mappings of which some is below this place won't be judged as they could. */
void checksum_note_full(struct checksum *c, int64_t below);

#endif
