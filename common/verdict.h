/*
 * What became of data that was sent again, by the capture of the far end:
 * whether it was the first to arrive, came too late, or never.
 *
 * Arrivals are compared with each other on the clock of the host where they
 * arrived, and in the order of its capture: how the two clocks differ does not
 * matter.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arrivals.h"
#include "budget.h"
#include "map.h"
#include "ranges.h"
#include "resent.h"

struct source;
struct verdict_conn;

struct verdict {
	enum verdict_kind kind;	/* VERDICTS: it can't be told */
	const struct arrival *arrival;	/* of this copy, or NULL */
	const struct arrival *first;	/* of the original, or NULL */
};

struct verdicts {
	/* set by the user after verdicts_init(): */
	/* Of each copy, cut where the verdict changes, in their order; if given up, at once. */
	void (*tell)(void *arg, const struct resent *, const struct verdict *);
	/* Connections were given up, see verdicts_gave_up(). May be NULL. */
	void (*gave_up)(void *arg);
	void *arg;

	/* its own: */
	/*
	 * Each sending is judged on its own; else what TCP sends again of a
	 * copy is part of that copy.
	 */
	bool each;
	struct resent *row;	/* n of them */
	size_t n, cap;
	struct arrivals arrivals;	/* of bytes, by stream */
	struct arrivals data;	/* the same of data, by connection: the first */
	struct map map;		/* connections by index, */
	struct verdict_conn **conn;	/* conns of them */
	size_t conns, conns_cap;
	struct ranges gone;	/* indices of those that were given up */
	uint64_t weight, most;	/* bytes that all of this takes, and may */
	uint64_t copies;	/* so far */
	struct source *near, *far;	/* not owned */
	struct budget *budget;	/* not owned; NULL: none */
	uint32_t sure;		/* streams of `near` below had the same number in each reading */
	bool found;		/* a stream is in both captures, or a signal left that open */
};

/* `near` and `far`: the captures of both ends, which are files. */
void verdicts_init(struct verdicts *v, bool each, struct source *near, struct source *far,
		   struct budget *budget);
void verdicts_free(struct verdicts *v);

/* One more copy; in the order in which they were sent. */
void verdicts_add(struct verdicts *v, const struct resent *r);

/* It takes so many bytes more, as long as its connection is not given up. */
void verdicts_charge(struct verdicts *v, uint32_t conn, uint64_t bytes);

/* All copies were added: read both captures, `near` once more. */
void verdicts_read(struct verdicts *v);

/* Tell of each copy that was not given up. */
void verdicts_tell(struct verdicts *v);

/* Whether the copies of a connection were told of before, as all would take too much. */
bool verdicts_gave_up(const struct verdicts *v, uint32_t conn);

/*
 * For verdict.c, in verdict_room.c: a part of the budget may be kept, then what the
 * captures do not take that are read with the rest, and then all of it.
 */
void verdicts_room_init(struct verdicts *v);
struct budget verdicts_rest(struct verdicts *v);
void verdicts_room_all(struct verdicts *v);
void verdicts_room_free(struct verdicts *v);

/* A connection, NULL if it was given up; what is weighed of it: copies, and directions it owns. */
struct verdict_conn *verdicts_conn(struct verdicts *v, uint32_t conn);
void verdicts_weigh_row(struct verdicts *v, struct verdict_conn *c, const struct resent *r);
void verdicts_weigh(struct verdicts *v, struct arrivals_side *s);

/* Back to what may be kept: connections are given up. Returns how many of the first n rows went. */
size_t verdicts_make_room(struct verdicts *v, size_t n);

#endif
