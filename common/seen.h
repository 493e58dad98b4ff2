/*
 * Which integers of a stretch that grows at its end were seen: sequence numbers
 * of what was sent. Kept as the stretch and the gaps in it, since most often
 * there are none.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"

/* All 0 is a stretch that begins and ends at 0. */
struct seen {
	int64_t from, to;	/* the stretch [from, to) */
	struct ranges gaps;	/* what of it was not seen */
	uint64_t lost;		/* not seen either, and no longer known which */
};

void seen_free(struct seen *s);

/*
 * [from, to) is seen now. The stretch grows to hold it. Returns how many of
 * them were not seen before. Of more than 16384 gaps the lowest are forgotten:
 * what comes there later passes for seen.
 */
uint64_t seen_add_any(struct seen *s, int64_t from, int64_t to);

static inline uint64_t seen_add(struct seen *s, int64_t from, int64_t to)
{
	if (from != s->to || from > to)
		return seen_add_any(s, from, to);
	s->to = to;
	return (uint64_t)(to - from);
}

/*
 * What is below `acked` will hardly come any more: of many gaps there, forget
 * the lowest.
 */
void seen_settle(struct seen *s, int64_t acked);

/* How many of [from, to) were not seen. */
uint64_t seen_missing(const struct seen *s, int64_t from, int64_t to);

/* How many were seen. */
uint64_t seen_count(const struct seen *s);

/*
 * The first stretch of [from, to) of which all or nothing was seen: returns
 * its end and sets *known to which. from < to.
 */
int64_t seen_piece(const struct seen *s, int64_t from, int64_t to, bool *known);

/* All numbers are higher by `by`; the stretch still begins at 0 or below. */
void seen_shift(struct seen *s, int64_t by);

#endif
