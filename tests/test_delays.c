/* Quantiles against sorted samples; delays and reordering against brute force. */
#include "test.h"

#include "delays.h"
#include "quantile.h"
#include "transit.h"

enum { SAMPLES = 2000, ARRIVALS = 300 };

static int by_value(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static void test_quantile(void **unused)
{
	static int64_t v[SAMPLES];
	uint64_t state = 1;

	(void)unused;
	for (int round = 0; round < 20; round++) {
		struct quantile q = { 0 };
		size_t n = 1 + random_below(&state, SAMPLES);

		for (size_t i = 0; i < n; i++) {
			v[i] = (int64_t)(random_any(&state) >> 1);
			if (random_below(&state, 3) == 0)
				v[i] = -v[i];
			quantile_add(&q, v[i]);
		}
		qsort(v, n, sizeof(*v), by_value);
		assert_int_equal(q.min, v[0]);
		assert_int_equal(q.max, v[n - 1]);
		for (uint64_t p = 0; p <= 100; p++) {
			size_t rank = (n * p + 99) / 100;
			int64_t want = v[rank ? rank - 1 : 0], got = quantile_at(&q, p, 100);
			int64_t size = want < 0 ? -want : want;

			assert_true(llabs(got - want) <= size / 256);
		}
		quantile_free(&q);
	}
}

static void arrive(struct delays *d, uint64_t sent, int64_t delay)
{
	struct passage tx = { .pkt = sent, .seq = 0, .end = 1 };
	struct passage rx = { .seq = 0, .end = 1 };
	struct crossing c = { .tx = &tx, .rx = &rx, .from = 0, .to = 1,
			      .fate = FATE_ARRIVED };

	delays_cross(d, &c, true, delay);
}

/* RFC 4737, 3.3 and 4.2.2, by looking at all that came before. */
static void test_reordering(void **unused)
{
	uint64_t state = 2;

	(void)unused;
	for (int round = 0; round < 50; round++) {
		uint64_t sent[ARRIVALS], reordered = 0, most = 0;
		struct delays d = { 0 };

		for (unsigned i = 0; i < ARRIVALS; i++)
			sent[i] = i;
		for (unsigned k = 0; k < 20; k++) {
			unsigned i = random_below(&state, ARRIVALS);
			unsigned j = random_below(&state, ARRIVALS);
			uint64_t t = sent[i];

			sent[i] = sent[j];
			sent[j] = t;
		}
		for (unsigned i = 0; i < ARRIVALS; i++) {
			for (unsigned j = 0; j < i; j++)
				if (sent[j] > sent[i]) {
					reordered++;
					most = most < i - j ? i - j : most;
					break;
				}
			arrive(&d, sent[i], 5);
		}
		assert_int_equal(d.reordered, reordered);
		assert_int_equal(d.extent_max, most);
		delays_free(&d);
	}
}

/* RFC 3393: of those in order, each beside the one before it. */
static void test_variation(void **unused)
{
	struct delays d = { 0 };

	(void)unused;
	arrive(&d, 1, 100);
	arrive(&d, 2, 130);
	arrive(&d, 4, 110);
	arrive(&d, 3, 900);	/* out of order */
	arrive(&d, 5, 120);
	assert_int_equal(d.variation.n, 3);
	assert_int_equal(spread_mean(&d.variation), 20);
	assert_int_equal(d.reordered, 1);
	assert_int_equal(d.extent_max, 1);
	delays_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_reordering),
		cmocka_unit_test(test_variation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
