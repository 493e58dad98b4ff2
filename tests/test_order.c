/* order: against an array of which bytes came, when, and when they were handed on. */
#include "test.h"

#include "order.h"

enum { BYTES = 400, STEPS = 300 };

/* Of each byte when it came first while it still had to, and when it was released. */
struct model {
	int64_t came[BYTES], released[BYTES];
	int64_t next, now;
};

static void take(void *arg, const struct order_run *run)
{
	struct model *m = arg;

	assert_true(run->at.from < run->at.to);
	for (int64_t i = run->at.from; i < run->at.to; i++) {
		if (i < 0 || i >= BYTES)
			continue;
		assert_true(m->released[i] < 0);
		assert_true(m->came[i] == run->time_ns);
		assert_true(run->shift == 7 && run->sf == 3);
		m->released[i] = m->now;
	}
}

/* What the model says is waiting, and has to be handed on. */
static void check(const struct order *o, struct model *m)
{
	uint64_t waiting = 0;

	while (m->next < BYTES && m->came[m->next] >= 0)
		m->next++;
	assert_true(o->next == m->next);
	for (int64_t i = 0; i < BYTES; i++) {
		bool waits = m->came[i] >= 0 && i >= m->next;

		waiting += waits;
		assert_true((m->released[i] >= 0) == (m->came[i] >= 0 && !waits));
	}
	assert_true(o->bytes == waiting);
}

static void any_order(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct model m = { .next = 0 };
		struct order o;

		memset(m.came, -1, sizeof(m.came));
		memset(m.released, -1, sizeof(m.released));
		order_init(&o, 0);
		for (m.now = 0; m.now < STEPS && m.next < BYTES; m.now++) {
			int64_t from = (int64_t)random_below(&rng, BYTES);
			int64_t to = from + 1 + (int64_t)random_below(&rng, 20);
			struct order_run run = { { from, to }, m.now, 7, 3 };

			if (to > BYTES)
				run.at.to = to = BYTES;
			if (random_below(&rng, 40) == 0) {
				/* known to have come, if unseen */
				for (int64_t i = m.next; i < from; i++)
					if (m.came[i] < 0)
						m.came[i] = m.released[i] = m.now;
				if (m.next < from)
					m.next = from;
				order_skip(&o, from, take, &m);
			} else {
				for (int64_t i = from; i < to; i++)
					if (i >= m.next && m.came[i] < 0)
						m.came[i] = m.now;
				order_add(&o, &run, take, &m);
			}
			check(&o, &m);
		}
		order_free(&o);
	}
}

static void nothing(void *arg, const struct order_run *run)
{
	(void)arg;
	(void)run;
}

static void shifted(void **state)
{
	struct order o;

	(void)state;
	order_init(&o, 0);
	order_add(&o, &(struct order_run){ { 10, 20 }, 1, 5, 0 }, nothing, NULL);
	order_shift(&o, 100);
	assert_int_equal(o.next, 100);
	assert_int_equal(o.bytes, 10);
	assert_int_equal(((struct order_run *)runs_at(&o.runs, 0))->at.from, 110);
	assert_int_equal(((struct order_run *)runs_at(&o.runs, 0))->shift, -95);
	order_free(&o);
}

/* Memory is bounded, whatever comes; what was forgotten is said by the weight. */
static void bounded(void **state)
{
	struct order o;

	(void)state;
	order_init(&o, 0);
	for (int64_t i = 1; i <= 1 << 16; i++)
		order_add(&o, &(struct order_run){ { 2 * i, 2 * i + 1 }, i, 0, 0 }, nothing, NULL);
	assert_true(order_weight(&o) < BUDGET_FULL);
	for (int64_t i = (1 << 16) + 1; i < 200000; i++)
		order_add(&o, &(struct order_run){ { 2 * i, 2 * i + 1 }, i, 0, 0 }, nothing, NULL);
	assert_true(runs_n(&o.runs) <= 1 << 16);
	assert_true(o.bytes == runs_n(&o.runs));
	assert_true(order_weight(&o) >= BUDGET_FULL);
	order_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(shifted),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
