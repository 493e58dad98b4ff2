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
#include "source.h"

struct budget;

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
	struct source_options near, far;
	struct budget *budget;	/* not owned; NULL: none */
	bool found;		/* a stream is in both captures, or a signal left that open */
};

/*
 * `near`: how the near end's capture is read for the rows, where what is wrong
 * with it is said; `far`: path of the far end's. Ends the tool (usage) where one
 * is no file: all are read more than once.
 */
void verdicts_init(struct verdicts *v, bool each, const struct source_options *near,
		   char **far, struct budget *budget);
void verdicts_free(struct verdicts *v);

/* One more copy; in the order in which they were sent. */
void verdicts_add(struct verdicts *v, const struct resent *r);

/* All copies were added: read both captures. */
void verdicts_read(struct verdicts *v);

/* Tell of each copy, cut where the verdict changes, in their order. */
void verdicts_tell(struct verdicts *v,
		   void (*tell)(void *arg, const struct resent *, const struct verdict *),
		   void *arg);

#endif
