/*
 * What came before it was its turn: ranges that wait until nothing before them
 * is missing any more, in a stream of data or in one of its subflows.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "runs.h"

/* Something that came. */
struct order_run {
	struct range at;
	int64_t time_ns;	/* when */
	int64_t shift;		/* the user's: where it is otherwise, less where it is here */
	uint32_t sf;		/* the user's: on which subflow */
};

/* order_init() and from then on the module's own, but for reading. */
struct order {
	struct runs runs;	/* struct order_run: what waits */
	int64_t next;		/* nothing is missing below */
	uint64_t bytes;		/* how much waits */
	bool full;		/* some of it was forgotten */
};

void order_init(struct order *o, int64_t next);
void order_free(struct order *o);

/* How many bytes it takes beside itself. */
static inline uint64_t order_weight(const struct order *o)
{
	return runs_weight(&o->runs) + (o->full ? BUDGET_FULL : 0);
}

/* Called for what waits no longer, in ascending order; its `at` may be a part of what came. */
typedef void order_released(void *arg, const struct order_run *run);

/*
 * It came; what of it is below `next`, or waits already, came in vain. If it
 * is its turn, it and what waited for it are released. Of more than 65536
 * ranges that wait the lowest are forgotten.
 */
void order_add(struct order *o, const struct order_run *run,
	       order_released *released, void *arg);

/* All below `next` is known to have come: release what waits there, or right behind. */
void order_skip(struct order *o, int64_t next, order_released *released, void *arg);

/* All positions are higher by `by` from now on. */
void order_shift(struct order *o, int64_t by);

#endif
