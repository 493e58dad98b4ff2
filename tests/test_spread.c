/* spread: against sums over all samples, in whole numbers. */
#include "test.h"

#include <math.h>

#include "spread.h"

#ifdef __SIZEOF_INT128__	/* the sums need it: not on 32-bit machines */

enum { SAMPLES = 3000 };

/* Samples kept one by one; each stands there as often as it weighs. */
struct model {
	int64_t v[SAMPLES];
	size_t n;
};

static void add(struct spread *s, struct model *m, int64_t v, unsigned weight)
{
	spread_add(s, v, weight);
	for (unsigned i = 0; i < weight; i++) {
		assert_true(m->n < SAMPLES);
		m->v[m->n++] = v;
	}
}

static int64_t floor_half(__int128 sum, __int128 n)
{
	__int128 twice = 2 * sum + n, whole = twice / (2 * n);

	return (int64_t)(whole - (twice % (2 * n) < 0));
}

/* Within this many of the deviation that all samples have. */
static void same_deviation(const struct spread *s, const struct model *m, double off)
{
	__int128 sum = 0, squares = 0, n = (__int128)m->n;
	long double want;

	for (size_t i = 0; i < m->n; i++) {
		__int128 d = (__int128)m->v[i] - m->v[0];

		sum += d;
		squares += d * d;
	}
	want = sqrtl((long double)(n * squares - sum * sum) /
		     (long double)(n * (n - 1)));
	if (fabsl((long double)spread_deviation(s) - want) > off)
		fail_msg("deviation %lld, not %Lf", (long long)spread_deviation(s), want);
}

static void same_as_model(const struct spread *s, const struct model *m)
{
	int64_t min = INT64_MAX, max = INT64_MIN;
	__int128 sum = 0;

	assert_int_equal(s->n, m->n);
	for (size_t i = 0; i < m->n; i++) {
		min = m->v[i] < min ? m->v[i] : min;
		max = m->v[i] > max ? m->v[i] : max;
		sum += m->v[i];
	}
	if (!m->n)
		return;
	assert_true(s->min == min && s->max == max);
	assert_true(spread_mean(s) == floor_half(sum, (__int128)m->n));
	if (m->n > 1)
		same_deviation(s, m, 0.51);
}

/* Samples as times are: some µs to some s, about one of any size. */
static int64_t sample(uint64_t *rng, int64_t base, unsigned bits)
{
	return base + (int64_t)(random64(rng) >> (64 - bits)) - (INT64_C(1) << (bits - 1));
}

static void direct(void **state)
{
	static struct model m;
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 1000; life++) {
		struct spread s = { 0 };
		unsigned bits = 1 + random_below(&rng, 32);
		int64_t base = (int64_t)(random_any(&rng) >> 3);
		size_t n = 1 + random_below(&rng, 50);

		base = life & 1 ? -base : base;
		for (m.n = 0; m.n < n; ) {
			unsigned weight = 1 + random_below(&rng, life % 3 ? 1 : 20);

			add(&s, &m, sample(&rng, base, bits), weight);
			same_as_model(&s, &m);
		}
	}
}

static void merged(void **state)
{
	static struct model m;
	uint64_t rng = 2;

	(void)state;
	for (int life = 0; life < 2000; life++) {
		struct spread s = { 0 };

		m.n = 0;
		for (int part = 0; part < 4; part++) {
			struct spread more = { 0 };
			unsigned n = random_below(&rng, 6);

			while (n--)
				add(&more, &m, sample(&rng, 50000000, 27),
				    1 + random_below(&rng, 9));
			spread_merge(&s, &more);
			same_as_model(&s, &m);
		}
	}
}

/* Halves go up, below 0 too. */
static void halves(void **state)
{
	static const struct { int64_t a, b, mean; } t[] = {
		{ 1, 2, 2 }, { 0, 1, 1 }, { -1, 0, 0 }, { -2, -1, -1 }, { -3, 0, -1 },
		{ 7, 7, 7 }, { 1000000000, 1000000001, 1000000001 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		for (int turned = 0; turned < 2; turned++) {
			struct spread s = { 0 };

			spread_add(&s, turned ? t[i].b : t[i].a, 1);
			spread_add(&s, turned ? t[i].a : t[i].b, 1);
			assert_int_equal(spread_mean(&s), t[i].mean);
		}
	}
}

/* A first sample far from all others costs the others nothing that shows. */
static void outlier(void **state)
{
	static struct model m;
	struct spread s = { 0 };
	uint64_t rng = 3;

	(void)state;
	m.n = 0;
	add(&s, &m, INT64_C(120000000000), 1);
	while (m.n < SAMPLES)
		add(&s, &m, sample(&rng, 20000000, 20), 1);
	same_deviation(&s, &m, 1);
	assert_int_equal(s.max, INT64_C(120000000000));
}

/* All the same: none deviates, whatever the weight. */
static void constant(void **state)
{
	struct spread s = { 0 };

	(void)state;
	spread_add(&s, 123456789, UINT64_C(1) << 40);
	spread_add(&s, 123456789, 3);
	assert_int_equal(spread_mean(&s), 123456789);
	assert_int_equal(spread_deviation(&s), 0);
	assert_true(s.n == (UINT64_C(1) << 40) + 3);
}

/* Times of damaged captures are anywhere: nonsense, but no undefined one. */
static void extremes(void **state)
{
	struct spread s = { 0 }, more = { 0 };

	(void)state;
	spread_add(&s, INT64_MAX, 1);
	spread_add(&s, INT64_MIN, 1);
	assert_true(s.min == INT64_MIN && s.max == INT64_MAX);
	spread_mean(&s);
	spread_deviation(&s);
	spread_add(&more, INT64_MIN, 1);
	spread_merge(&more, &s);
	assert_true(more.min == INT64_MIN && more.max == INT64_MAX);
	assert_int_equal(more.n, 3);
	spread_mean(&more);
	spread_deviation(&more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct),
		cmocka_unit_test(merged),
		cmocka_unit_test(halves),
		cmocka_unit_test(outlier),
		cmocka_unit_test(constant),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}

#else

int main(void)
{
	puts("1..0 # SKIP no 128-bit numbers here");
	return 0;
}

#endif
