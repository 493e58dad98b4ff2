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
#include "resent.h"

struct budget;
struct source;

struct verdict {
	enum verdict_kind kind;	/* VERDICTS: it can't be told */
	const struct arrival *arrival;	/* of this copy, or NULL */
	const struct arrival *first;	/* of the original, or NULL */
};

struct verdicts {
	/*
	 * Each sending is judged on its own; else what TCP sends again of a
	 * copy is part of that copy.
	 */
	bool each;
	struct resent *row;	/* n of them */
	size_t n, cap;
	struct arrivals arrivals;	/* of bytes, by stream */
	struct arrivals data;	/* the same of data, by connection */
	struct source *near, *far;	/* not owned */
	struct budget *budget;	/* not owned; NULL: none */
	bool found;		/* a stream is in both captures, or a signal left that open */
};

/* `near` and `far`: the captures of both ends, which are files. */
void verdicts_init(struct verdicts *v, bool each, struct source *near, struct source *far,
		   struct budget *budget);
void verdicts_free(struct verdicts *v);

/* One more copy; in the order in which they were sent. */
void verdicts_add(struct verdicts *v, const struct resent *r);

/* All copies were added: read both captures, `near` once more. */
void verdicts_read(struct verdicts *v);

/* Tell of each copy, cut where the verdict changes, in their order. */
void verdicts_tell(struct verdicts *v,
		   void (*tell)(void *arg, const struct resent *, const struct verdict *),
		   void *arg);

#endif
