/*
 * Which integers of a stretch that grows at its end were seen: sequence numbers
 * of what was sent. Kept as the end of the stretch and what is unusual about
 * it, since most often there are no gaps, and it begins at 0.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "ranges.h"

/* All 0 is a stretch that begins and ends at 0. */
struct seen {
	int64_t to;		/* one past its end */
	struct seen_rest {
		int64_t from;		/* where it begins */
		struct ranges gaps;	/* what of it was not seen */
		uint64_t lost;		/* not seen either, and no longer known which */
		bool full;		/* some of these because there were too many gaps */
	} *rest;		/* NULL: it begins at 0, and all of it was seen */
};

extern const struct seen_rest seen_whole;

static inline const struct seen_rest *seen_rest(const struct seen *s)
{
	return s->rest ? s->rest : &seen_whole;
}

/* Where the stretch begins. */
static inline int64_t seen_from(const struct seen *s)
{
	return s->rest ? s->rest->from : 0;
}

/* An empty one begins and ends at `at`. */
void seen_start(struct seen *s, int64_t at);

void seen_free(struct seen *s);

/* How many bytes it takes beside itself. */
static inline uint64_t seen_weight(const struct seen *s)
{
	return s->rest ? sizeof(*s->rest) + ranges_weight(&s->rest->gaps) +
			 (s->rest->full ? BUDGET_FULL : 0) : 0;
}

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
