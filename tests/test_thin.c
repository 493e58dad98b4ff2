/* thin: few points, all extremes, in order; dist: fractions against sorted samples. */
#include "test.h"

#include "dist.h"
#include "thin.h"

enum { MOST = 50 };

static const char *const kinds[] = { NULL, "a", "b" };

static void few(void **state)
{
	uint64_t rng = 2;

	(void)state;
	for (int round = 0; round < 50; round++) {
		int64_t low[3], high[3], time = (int64_t)random_below(&rng, 1000);
		unsigned n = 1 + random_below(&rng, 5000), got[3] = { 0 };
		int64_t got_low[3], got_high[3];
		struct point first = { .time_ns = 0 }, p = { .time_ns = 0 };
		struct thin t;

		thin_init(&t, MOST);
		for (int k = 0; k < 3; k++) {
			low[k] = got_low[k] = INT64_MAX;
			high[k] = got_high[k] = INT64_MIN;
		}
		for (unsigned i = 0; i < n; i++) {
			unsigned k = random_below(&rng, 3);

			/* mostly on, and back at times */
			time += (int64_t)(random_any(&rng) >> 30) -
				(random_below(&rng, 50) == 0 ? 1000000000 : 0);
			p = (struct point){ .time_ns = time, .kind = kinds[k],
					    .y = (int64_t)random_below(&rng, 1000000), .pkt = i };
			if (!i)
				first = p;
			low[k] = p.y < low[k] ? p.y : low[k];
			high[k] = p.y > high[k] ? p.y : high[k];
			thin_add(&t, &p);
		}
		assert_true(t.n <= MOST - 2);
		assert_int_equal(t.first.pkt, first.pkt);
		if (n > 1)
			assert_int_equal(t.last.pkt, p.pkt);
		for (size_t i = 0; i < t.n + 2 && n > 1; i++) {
			const struct point *q = i < t.n ? &t.at[i] : i == t.n ? &t.first : &t.last;
			unsigned k = q->kind ? q->kind == kinds[1] ? 1 : 2 : 0;

			got[k]++;
			got_low[k] = q->y < got_low[k] ? q->y : got_low[k];
			got_high[k] = q->y > got_high[k] ? q->y : got_high[k];
			if (i && i < t.n)
				assert_true(t.at[i - 1].time_ns <= q->time_ns);
		}
		for (int k = 0; k < 3 && n > 1; k++) {
			assert_true(got_low[k] == low[k]);
			assert_true(got_high[k] == high[k]);
		}
		thin_free(&t);
	}
}

static void all_of_few(void **state)
{
	struct thin t;

	(void)state;
	thin_init(&t, MOST);
	for (int64_t i = 0; i < MOST; i++)
		thin_add(&t, &(struct point){ .time_ns = i * i, .y = i });
	assert_int_equal(t.n, MOST - 2);
	thin_free(&t);
}

static int by_value(const void *a, const void *b)
{
	int64_t m = *(const int64_t *)a, n = *(const int64_t *)b;

	return (m > n) - (m < n);
}

/* How many of the sorted are at most v. */
static size_t at_most(const int64_t *sorted, size_t n, int64_t v)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (sorted[mid] <= v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* What is said of a value is exact; no sample lies further than `within` below the next one. */
static void distribution(uint64_t seed, size_t n, unsigned values, double within)
{
	int64_t *sample = calloc(n, sizeof(*sample)), last = INT64_MIN;
	struct dist d = { .n = 0 };
	uint64_t part = 0, rng = seed;

	assert_non_null(sample);
	for (size_t i = 0; i < n; i++) {
		sample[i] = (int64_t)random_below(&rng, values) - 1000;
		if (seed & 1)	/* in ascending order */
			sample[i] = (int64_t)(i % values);
		dist_add(&d, sample[i], 1);
	}
	dist_settle(&d);
	qsort(sample, n, sizeof(*sample), by_value);
	assert_true(d.n <= DIST_VALUES);
	assert_true(d.total == n);
	for (size_t i = 0; i < d.n; i++) {
		size_t before = (size_t)part;

		part += d.at[i].weight;
		assert_true(d.at[i].value > last);
		last = i + 1 < d.n ? d.at[i].value : d.max;
		assert_true(at_most(sample, n, last) == part);
		assert_true((double)(last - sample[before]) <= within * (double)llabs(last) + 1e-9);
	}
	assert_true(part == n);
	assert_true(last == sample[n - 1]);
	dist_free(&d);
	free(sample);
}

static void exact(void **state)
{
	(void)state;
	distribution(2, 1, 10, 0);
	distribution(4, 1000, 100, 0);
	distribution(6, 300000, DIST_VALUES, 0);
	distribution(7, 100000, 5000, 0);
}

static void close_to(void **state)
{
	(void)state;
	distribution(8, 500000, 1000000, 1.0 / 64);
	distribution(9, 500000, 1000000, 1.0 / 64);
	distribution(10, 2000000, 200000, 1.0 / 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few),
		cmocka_unit_test(all_of_few),
		cmocka_unit_test(exact),
		cmocka_unit_test(close_to),
	};

	return cmocka_run_group_tests_name("thin", tests, NULL, NULL);
}
