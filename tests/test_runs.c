/* runs: against an array of the same ranges, and what a queue may cost. */
#include "test.h"

#include "runs.h"

enum { LOW = -2000, HIGH = 2000, RUNS = 400 };

struct run {
	struct range bytes;
	uint64_t what;
	char more[3];
};

struct model {
	struct run run[RUNS];
	size_t n;
};

static struct run *insert_at(struct runs *r, size_t i)
{
	return runs_insert(r, i, sizeof(struct run), 1);
}

static void same_as_model(const struct runs *r, const struct model *m)
{
	assert_int_equal(runs_n(r), m->n);
	for (size_t i = 0; i < m->n; i++) {
		const struct run *run = runs_at(r, i);

		assert_true(run->bytes.from == m->run[i].bytes.from);
		assert_true(run->bytes.to == m->run[i].bytes.to);
		assert_true(run->what == m->run[i].what);
		assert_memory_equal(run->more, m->run[i].more, sizeof(run->more));
	}
}

static size_t model_find(const struct model *m, int64_t v)
{
	size_t i = 0;

	while (i < m->n && m->run[i].bytes.to <= v)
		i++;
	return i;
}

/* Where there is room: below, between, above, or touching others. */
static void insert(struct runs *r, struct model *m, uint64_t *rng)
{
	int64_t from = LOW + (int)random_below(rng, HIGH - LOW), to;
	size_t i;

	if (random_below(rng, 2) && m->n)
		from = m->run[m->n - 1].bytes.to;
	i = model_find(m, from);
	to = from + 1 + (int)random_below(rng, 8);
	if (i < m->n && to > m->run[i].bytes.from)
		to = m->run[i].bytes.from;
	if (from >= to || m->n == RUNS)
		return;
	assert_int_equal(runs_find(r, from), i);
	memmove(m->run + i + 1, m->run + i, (m->n - i) * sizeof(*m->run));
	m->run[i] = (struct run){ { from, to }, random64(rng), "ab" };
	m->n++;
	*insert_at(r, i) = m->run[i];
}

static void drop(struct runs *r, struct model *m, uint64_t *rng)
{
	size_t k = random_below(rng, random_below(rng, 20) ? 4 : RUNS);

	k = k > m->n ? m->n : k;
	runs_drop(r, k);
	m->n -= k;
	memmove(m->run, m->run + k, m->n * sizeof(*m->run));
}

static void shift(struct runs *r, struct model *m, uint64_t *rng)
{
	int64_t by = (int)random_below(rng, 100) - 50;

	runs_shift(r, by);
	for (size_t i = 0; i < m->n; i++) {
		m->run[i].bytes.from += by;
		m->run[i].bytes.to += by;
	}
}

static void any_order(void **state)
{
	static struct model m;
	struct runs r = { NULL };
	uint64_t rng = 1;

	(void)state;
	m.n = 0;
	for (int i = 0; i < 60000; i++) {
		switch (random_below(&rng, i & 2048 ? 8 : 3)) {
		case 0:
			drop(&r, &m, &rng);
			break;
		case 1:
			if (random_below(&rng, 50) == 0)
				shift(&r, &m, &rng);
			break;
		default:
			insert(&r, &m, &rng);
		}
		same_as_model(&r, &m);
		for (int k = 0; k < 20; k++) {
			int64_t v = LOW + (int)random_below(&rng, HIGH - LOW);

			assert_int_equal(runs_find(&r, v), model_find(&m, v));
		}
	}
	runs_free(&r);
	assert_int_equal(runs_n(&r), 0);
}

static void empty(void **state)
{
	struct runs r = { NULL };

	(void)state;
	assert_int_equal(runs_find(&r, 0), 0);
	runs_drop(&r, 0);
	runs_shift(&r, INT64_MAX);
	assert_int_equal(runs_n(&r), 0);
	assert_null(r.room);
	runs_free(&r);
}

static void push(struct runs *r, int64_t at)
{
	*insert_at(r, runs_n(r)) = (struct run){ { at, at + 1 }, 7, "" };
}

/* However many go through it, a queue takes room for what is in it. */
static void bounded(void **state)
{
	struct runs r = { NULL };

	(void)state;
	for (int64_t i = 0; i < 200000; i++) {
		push(&r, i);
		if (runs_n(&r) > 100)
			runs_drop(&r, 1);
		assert_true(r.room->cap <= 400);
		assert_true(((struct run *)runs_at(&r, 0))->bytes.from ==
			    (i < 100 ? 0 : i - 99));
	}
	runs_drop(&r, runs_n(&r));
	assert_null(r.room);		/* nothing in it, no memory */
	push(&r, 5);
	assert_int_equal(runs_n(&r), 1);
	runs_free(&r);
}

/* In front too: where something was dropped there is room already. */
static void in_front(void **state)
{
	struct runs r = { NULL };
	uint32_t cap;

	(void)state;
	for (int64_t i = 0; i < 1000; i++)
		push(&r, i);
	cap = r.room->cap;
	for (int64_t i = 0; i < 5000; i++) {
		runs_drop(&r, 1);
		*insert_at(&r, 0) = (struct run){ { 0, 1 }, 8, "" };
		assert_int_equal(runs_n(&r), 1000);
		assert_int_equal(r.room->cap, cap);
		assert_true(((struct run *)runs_at(&r, 1))->bytes.from == 1);
		assert_true(((struct run *)runs_at(&r, 999))->bytes.from == 999);
	}
	runs_free(&r);
}

static void shift_too_far(void **state)
{
	static const int64_t by[] = { INT64_MAX, INT64_MAX - 199, INT64_MIN,
				      INT64_MIN + 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(by); i++) {
		struct runs r = { NULL };

		push(&r, -100);
		push(&r, 50);
		push(&r, 199);
		runs_shift(&r, by[i]);
		assert_int_equal(runs_n(&r), 0);
		push(&r, 3);
		assert_int_equal(runs_find(&r, 3), 0);
		runs_free(&r);
	}
}

static void shift_far(void **state)
{
	struct runs r = { NULL };

	(void)state;
	push(&r, -100);
	push(&r, 199);
	runs_shift(&r, INT64_MAX - 200);
	assert_int_equal(runs_n(&r), 2);
	assert_true(((struct run *)runs_at(&r, 1))->bytes.to == INT64_MAX);
	runs_shift(&r, -(INT64_MAX - 200));
	runs_shift(&r, INT64_MIN + 100);
	assert_int_equal(runs_n(&r), 2);
	assert_true(((struct run *)runs_at(&r, 0))->bytes.from == INT64_MIN);
	runs_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(empty),
		cmocka_unit_test(bounded),
		cmocka_unit_test(in_front),
		cmocka_unit_test(shift_too_far),
		cmocka_unit_test(shift_far),
	};

	return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
