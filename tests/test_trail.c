/* trail: against an array of the same runs. */
#include "test.h"

#include "trail.h"

enum { RUNS = TRAIL_MAX };

struct model {
	struct trail_run run[RUNS + 1];
	size_t n;
};

static bool same(const struct trail_run *a, const struct trail_run *b)
{
	return a->from == b->from && a->to == b->to && a->value == b->value;
}

static void same_as_model(const struct trail *t, const struct model *m)
{
	static struct trail_run got[RUNS];

	assert_int_equal(trail_n(t), m->n);
	trail_list(t, got);
	for (size_t i = 0; i < m->n; i++)
		assert_true(same(&got[i], &m->run[i]));
	assert_true(!m->n || same(&t->top, &m->run[m->n - 1]));
}

static void same_find(const struct trail *t, const struct model *m, int64_t at)
{
	struct trail_run got;
	size_t i = 0;

	while (i < m->n && m->run[i].to <= at)
		i++;
	assert_true(trail_find(t, at, &got) == (i < m->n));
	assert_true(i == m->n || same(&got, &m->run[i]));
	assert_int_equal(trail_above(t, at), m->n - i);
}

/* A number of any size, small ones most often. */
static int64_t any(uint64_t *rng, unsigned bits)
{
	return (int64_t)(random64(rng) >> (64 - 1 - random_below(rng, bits)));
}

static void push(struct trail *t, struct model *m, uint64_t *rng)
{
	int64_t at = m->n ? m->run[m->n - 1].to : any(rng, 40) - any(rng, 40);
	struct trail_run run = { at, at, any(rng, 63) };

	run.from += random_below(rng, 3) ? 0 : any(rng, 50);
	run.to = run.from + 1 + any(rng, 50);
	if (random_below(rng, 2))
		run.value = random_below(rng, 2) ? -run.value : INT64_MIN;
	trail_push(t, run);
	m->run[m->n++] = run;
}

static void keep(struct trail *t, struct model *m, size_t n)
{
	trail_keep(t, n);
	if (n > m->n)
		return;
	memmove(m->run, m->run + m->n - n, n * sizeof(*m->run));
	m->n = n;
}

static void change(struct trail *t, struct model *m, uint64_t *rng)
{
	int64_t by = any(rng, 30) - any(rng, 30);

	switch (random_below(rng, 5)) {
	case 0:
		trail_shift(t, by);
		for (size_t i = 0; i < m->n; i++) {
			m->run[i].from += by;
			m->run[i].to += by;
		}
		break;
	case 1:
		trail_raise(t, by);
		for (size_t i = 0; i < m->n; i++)
			m->run[i].value = (int64_t)((uint64_t)m->run[i].value + (uint64_t)by);
		break;
	case 2:
		t->top.to = m->run[m->n - 1].to += any(rng, 30);
		break;
	case 3:		/* one in between goes */
		m->n--;
		memmove(m->run + m->n / 2, m->run + m->n / 2 + 1,
			(m->n - m->n / 2) * sizeof(*m->run));
		trail_set(t, m->run, m->n);
		break;
	default:
		keep(t, m, 1 + random_below(rng, 2 * (uint32_t)m->n));
	}
}

static void any_order(void **state)
{
	static struct model m;
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 200; life++) {
		struct trail t = { .room = NULL };

		m.n = 0;
		for (int i = 0; i < 200; i++) {
			if (!m.n || random_below(&rng, 3))
				push(&t, &m, &rng);
			else
				change(&t, &m, &rng);
			same_as_model(&t, &m);
			for (size_t k = 0; k < m.n; k += 1 + random_below(&rng, 9))
				for (int64_t by = -1; by <= 1; by++) {
					same_find(&t, &m, m.run[k].from + by);
					same_find(&t, &m, m.run[k].to + by);
				}
		}
		trail_free(&t);
		assert_int_equal(trail_n(&t), 0);
	}
}

static void empty(void **state)
{
	struct trail t = { .room = NULL };
	struct trail_run run;

	(void)state;
	assert_int_equal(trail_n(&t), 0);
	assert_false(trail_find(&t, 0, &run) || trail_find(&t, -1, &run));
	trail_shift(&t, 5);
	trail_set(&t, NULL, 0);
	assert_int_equal(trail_n(&t) + trail_weight(&t), 0);
}

/* As many as there may be, whatever they are; and none where one would not fit. */
static void largest(void **state)
{
	static struct model m;
	struct trail t = { .room = NULL };

	(void)state;
	m.n = 0;
	for (int64_t i = 0; i < TRAIL_MAX; i++) {
		int64_t from = (i - TRAIL_MAX / 2) * (INT64_C(1) << 53);

		m.run[m.n] = (struct trail_run){ from, from + (INT64_C(1) << 52),
						 i & 1 ? INT64_MIN : INT64_MAX / 2 };
		trail_push(&t, m.run[m.n++]);
	}
	same_as_model(&t, &m);
	trail_shift(&t, INT64_MAX - t.top.to);
	assert_int_equal(trail_n(&t), TRAIL_MAX);
	trail_shift(&t, 1);
	assert_int_equal(trail_n(&t), 0);
	trail_set(&t, m.run, m.n);
	trail_shift(&t, INT64_MIN - m.run[0].from);
	assert_int_equal(trail_n(&t), TRAIL_MAX);
	trail_shift(&t, -1);
	assert_int_equal(trail_n(&t), 0);
}

/* What a run takes that is as most are, and that the room does not grow where it need not. */
static void small(void **state)
{
	struct trail t = { .room = NULL };

	(void)state;
	for (int64_t i = 0; i < 10000; i++) {
		trail_push(&t, (struct trail_run){ 5600 * i, 5600 * i + 5600, i & 1 });
		if (trail_n(&t) > 64)
			trail_keep(&t, 33);
		assert_true(trail_weight(&t) <= 4 * 64 + 32);
	}
	trail_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(empty),
		cmocka_unit_test(largest),
		cmocka_unit_test(small),
	};

	return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}
