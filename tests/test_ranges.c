/* ranges: against an array that has a flag for each integer. */
#include "test.h"

#include "ranges.h"

enum { LOW = -60, HIGH = 60 };	/* the integers that the model has */

static bool flag[HIGH - LOW];

/* Set the model's flags of [from, to); returns how many changed. */
static uint64_t set(int64_t from, int64_t to, bool value)
{
	uint64_t changed = 0;

	for (int64_t i = from; i < to; i++) {
		changed += flag[i - LOW] != value;
		flag[i - LOW] = value;
	}
	return changed;
}

static uint64_t count(int64_t from, int64_t to)
{
	uint64_t in = 0;

	for (int64_t i = from; i < to; i++)
		in += flag[i - LOW];
	return in;
}

static void same_as_flags(const struct ranges *r)
{
	uint64_t in = 0;

	for (size_t i = 0; i < r->n; i++) {
		assert_true(r->range[i].from < r->range[i].to);
		assert_true(i == 0 || r->range[i - 1].to < r->range[i].from);
		in += (uint64_t)(r->range[i].to - r->range[i].from);
		assert_int_equal(count(r->range[i].from, r->range[i].to),
				 r->range[i].to - r->range[i].from);
	}
	assert_int_equal(in, count(LOW, HIGH));
	assert_int_equal(in, ranges_count(r, INT64_MIN, INT64_MAX));
	for (int64_t v = LOW; v < HIGH; v++) {
		size_t i = ranges_find(r, v);

		assert_true(i == 0 || r->range[i - 1].to <= v);
		assert_true(i == r->n || r->range[i].to > v);
		assert_true(flag[v - LOW] == (i < r->n && r->range[i].from <= v));
	}
}

static void any_order(void **state)
{
	struct ranges r = { 0 };
	uint64_t rng = 1;

	(void)state;
	memset(flag, 0, sizeof(flag));
	for (int i = 0; i < 40000; i++) {
		int64_t from = LOW + (int)random_below(&rng, HIGH - LOW);
		int64_t to = from + (int)random_below(&rng, i & 1024 ? 4 : 30) - 1;

		if (to > HIGH)
			to = HIGH;
		switch (random_below(&rng, 3)) {
		case 0:
			assert_int_equal(ranges_add(&r, from, to), set(from, to, true));
			break;
		case 1:
			assert_int_equal(ranges_remove(&r, from, to), set(from, to, false));
			break;
		default:
			to = to < from ? from : to;
			assert_int_equal(ranges_count(&r, from, to), count(from, to));
		}
		same_as_flags(&r);
	}
	ranges_free(&r);
	assert_int_equal(r.n, 0);
}

static void empty(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_int_equal(ranges_add(&r, 5, 5), 0);
	assert_int_equal(ranges_add(&r, 5, 4), 0);
	assert_int_equal(ranges_add(&r, INT64_MAX, INT64_MIN), 0);
	assert_int_equal(ranges_remove(&r, 5, 4), 0);
	assert_int_equal(ranges_remove(&r, 0, 10), 0);
	assert_int_equal(ranges_count(&r, 0, 10), 0);
	assert_int_equal(ranges_find(&r, 0), 0);
	assert_int_equal(r.n, 0);
	ranges_free(&r);
}

static void limits(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_true(ranges_add(&r, INT64_MIN, INT64_MAX) == UINT64_MAX);
	assert_true(ranges_count(&r, INT64_MIN, INT64_MAX) == UINT64_MAX);
	assert_int_equal(ranges_find(&r, INT64_MAX), 1);
	assert_int_equal(ranges_remove(&r, -1, 1), 2);
	assert_int_equal(r.n, 2);
	assert_int_equal(ranges_add(&r, -1, 1), 2);
	assert_int_equal(r.n, 1);
	assert_true(ranges_remove(&r, INT64_MIN, INT64_MAX) == UINT64_MAX);
	assert_int_equal(r.n, 0);
	ranges_free(&r);
}

static void noted(void **state)
{
	struct ranges r = { .n = 0 };

	(void)state;
	assert_false(ranges_has(&r, 0));
	for (int64_t v = 10; v <= 30; v += 5)
		ranges_note(&r, v, 5);
	assert_int_equal(r.n, 5);
	for (int64_t v = 5; v <= 35; v++)
		assert_true(ranges_has(&r, v) == (v >= 10 && v <= 30 && v % 5 == 0));
	ranges_note(&r, 35, 5);		/* one too many */
	assert_int_equal(r.n, 1);
	for (int64_t v = 5; v <= 40; v++)
		assert_true(ranges_has(&r, v) == (v >= 10 && v <= 35));
	ranges_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(empty),
		cmocka_unit_test(limits),
		cmocka_unit_test(noted),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
