#include "order.h"

#include "seq.h"

enum { WAIT_MAX = 1 << 16 };

void order_init(struct order *o, int64_t next)
{
	*o = (struct order){ .next = next };
}

void order_free(struct order *o)
{
	runs_free(&o->runs);
}

/* Release all that begins at `next` or below. */
static void release(struct order *o, order_released *released, void *arg)
{
	size_t k = 0;

	for (; k < runs_n(&o->runs); k++) {
		struct order_run *run = runs_at(&o->runs, k);

		if (run->at.from > o->next)
			break;
		o->bytes -= (uint64_t)(run->at.to - run->at.from);
		if (o->next < run->at.to)
			o->next = run->at.to;
		released(arg, run);
	}
	if (k)
		runs_drop(&o->runs, k);
}

static void insert(struct order *o, size_t i, const struct order_run *run,
		   int64_t from, int64_t to)
{
	struct order_run *new = runs_insert(&o->runs, i, sizeof(*new), 4);

	*new = *run;
	new->at = (struct range){ from, to };
	o->bytes += (uint64_t)(to - from);
	if (runs_n(&o->runs) > WAIT_MAX) {
		new = runs_at(&o->runs, 0);
		o->bytes -= (uint64_t)(new->at.to - new->at.from);
		runs_drop(&o->runs, 1);
		o->full = true;
	}
}

void order_add(struct order *o, const struct order_run *run,
	       order_released *released, void *arg)
{
	int64_t from = run->at.from > o->next ? run->at.from : o->next;

	while (from < run->at.to) {
		size_t i = runs_find(&o->runs, from);
		const struct order_run *in = i < runs_n(&o->runs) ? runs_at(&o->runs, i) : NULL;
		bool ahead = in && in->at.from < run->at.to;
		int64_t end = ahead ? in->at.from : run->at.to;
		int64_t next = ahead ? in->at.to : end;

		if (from < end)
			insert(o, i, run, from, end);
		from = next;
	}
	release(o, released, arg);
}

void order_skip(struct order *o, int64_t next, order_released *released, void *arg)
{
	if (o->next < next)
		o->next = next;
	release(o, released, arg);
}

void order_shift(struct order *o, int64_t by)
{
	uint64_t bytes = 0;

	runs_shift(&o->runs, by);
	for (size_t i = 0; i < runs_n(&o->runs); i++) {
		struct order_run *run = runs_at(&o->runs, i);

		run->shift = seq_minus(run->shift, by);
		bytes += (uint64_t)(run->at.to - run->at.from);
	}
	o->bytes = bytes;
	o->next = seq_plus(o->next, by);
}
