/* Hull, strip and clock against brute force: every line through two points tried. */
#include "test.h"

#include <math.h>

#include "clock.h"
#include "seq.h"

enum { POINTS = 24, TRIES = 400 };

#define STEEP 500e-6

struct bound {
	bool upper;
	int64_t t, v;
};

/* min(v - slope t) above, less max below: the height of the strip. */
static double height(const struct bound *b, size_t n, double slope)
{
	double above = INFINITY, below = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		double at0 = (double)b[i].v - slope * (double)b[i].t;

		if (b[i].upper)
			above = fmin(above, at0);
		else
			below = fmax(below, at0);
	}
	return above - below;
}

/* The largest height of all slopes between points, as it can be at these only. */
static double best_height(const struct bound *b, size_t n)
{
	double best = fmax(height(b, n, STEEP), height(b, n, -STEEP));

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			double slope = (double)(b[i].v - b[j].v) /
				       (double)(b[i].t - b[j].t);

			if (b[i].t != b[j].t && fabs(slope) <= STEEP)
				best = fmax(best, height(b, n, slope));
		}
	return best;
}

static bool fits(const struct bound *b, size_t n, double slope, double at0)
{
	for (size_t i = 0; i < n; i++) {
		double d = (double)b[i].v - slope * (double)b[i].t - at0;

		if (b[i].upper ? d < -1e-3 : d > 1e-3)
			return false;
	}
	return true;
}

/* The lines that fit are a polygon; its corners are lines through two points, or steepest through one. */
static double farthest(const struct bound *b, size_t n, const struct line *line,
		       double t)
{
	double most = 0, v = line->at0 + line->slope * t;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n + 2; j++) {
			double slope, at0;

			if (j < n && b[i].t == b[j].t)
				continue;
			slope = j == n ? STEEP : j > n ? -STEEP :
				(double)(b[i].v - b[j].v) / (double)(b[i].t - b[j].t);
			at0 = (double)b[i].v - slope * (double)b[i].t;
			if (fabs(slope) <= STEEP * (1 + 1e-12) && fits(b, n, slope, at0))
				most = fmax(most, fabs(at0 + slope * t - v));
		}
	return most;
}

/* Bounds around a line with delays of both ways, some in order of time. */
static size_t make_bounds(uint64_t *state, struct bound *b, int64_t noise)
{
	size_t n = 2 + random_below(state, POINTS - 2);
	double slope = ((double)random_below(state, 801) - 400) * 1e-6;
	bool ordered = random_below(state, 2);

	for (size_t i = 0; i < n; i++) {
		int64_t t = ordered ? (int64_t)i * 100000000 :
			    (int64_t)random_below(state, 20) * 100000000;
		int64_t delay = 5000000 + (int64_t)random_below(state, (unsigned)noise);

		b[i].upper = i < 2 ? i : random_below(state, 2);
		b[i].t = t;
		b[i].v = (int64_t)(slope * (double)t) + (b[i].upper ? delay : -delay);
	}
	return n;
}

static void add_all(struct strip *s, const struct bound *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strip_bound(s, b[i].upper, b[i].t, b[i].v);
}

static void test_strip_fit(void **unused)
{
	uint64_t state = 1;

	(void)unused;
	for (int k = 0; k < TRIES; k++) {
		struct bound b[POINTS];
		size_t n = make_bounds(&state, b, k % 2 ? 20000000 : 3000);
		struct strip s = { 0 };
		struct line line;
		double h;

		if (k % 5 == 0)		/* one that no line fits */
			b[n - 1].v += b[n - 1].upper ? -60000000 : 60000000;
		add_all(&s, b, n);
		h = strip_fit(&s, STEEP, 0, &line);
		assert_true(fabs(h - best_height(b, n)) < 1);
		assert_true(fabs(h - height(b, n, line.slope)) < 1);
		if (h > 1)
			assert_true(fits(b, n, line.slope, line.at0));
		strip_free(&s);
	}
}

static void test_strip_error(void **unused)
{
	uint64_t state = 2;

	(void)unused;
	for (int k = 0; k < TRIES; k++) {
		struct bound b[POINTS];
		size_t n = make_bounds(&state, b, k % 2 ? 20000000 : 3000);
		struct strip s = { 0 };
		struct line line;
		struct strip_range r;

		add_all(&s, b, n);
		strip_fit(&s, STEEP, 0, &line);
		r = strip_slopes(&s, STEEP, &line);
		for (int i = -2; i < 25; i += 3) {
			double t = 100000000.0 * i;
			double want = farthest(b, n, &line, t);

			assert_true(fabs(strip_error(&s, &r, &line, t) - want) < 2);
		}
		strip_free(&s);
	}
}

/* Of equally good slopes the one nearest to 0. */
static void test_strip_flat(void **unused)
{
	struct strip s = { 0 };
	struct line line;

	(void)unused;
	strip_bound(&s, true, 1000000000, 1000);
	strip_bound(&s, false, 1000000000, -1000);
	assert_true(strip_fit(&s, STEEP, 0, &line) == 2000);
	assert_true(line.slope == 0 && line.at0 == 0);
	strip_bound(&s, false, 2000000000, 50000);
	strip_bound(&s, true, 2000000000, 52000);
	strip_bound(&s, false, 0, -52000);
	assert_true(fabs(strip_fit(&s, STEEP, 0, &line) - 2000) < 1e-3);
	assert_true(fabs(line.slope - 51e-6) < 1e-9);
	assert_true(strip_fit(&s, STEEP, 1000, &line) >= 1000 - 1e-6);
	assert_true(fabs(line.slope - 50e-6) < 1e-9);
	strip_free(&s);
}

/* A hull of too many corners lies below the points all the same. */
static void test_hull_bounded(void **unused)
{
	struct hull h = { 0 };

	(void)unused;
	for (int64_t i = -1000; i <= 1000; i++)
		hull_add(&h, i * 1000000, i * i * 50);
	assert_true(h.n <= HULL_MAX);
	for (double slope = -STEEP; slope <= STEEP; slope += 1e-6) {
		double v = hull_value(&h, hull_touch(&h, slope), slope), best = INFINITY;

		for (int64_t i = -1000; i <= 1000; i++)
			best = fmin(best, (double)(i * i * 50) - slope * (double)i * 1e6);
		assert_true(v >= best - 1e-3);
		assert_true(v - best < 5000);
	}
	hull_free(&h);
}

#define BASE INT64_C(1795398203000000000)
#define MS INT64_C(1000000)

/* B's clock in a scenario: ahead at true time t, seen from A. */
struct world {
	int64_t offset, step, step_at;
	double skew;
	int64_t delay[2], jitter;	/* forward, backward */
	int wrong;		/* one pair in so many is wrong */
};

static int64_t stamp(const struct world *w, int64_t t)
{
	return BASE + t + w->offset + (int64_t)(w->skew * (double)t) +
	       (t >= w->step_at ? w->step : 0);
}

/* Pairs of 20 s, one each way every 5 ms. Returns how many were wrong. */
static unsigned run(struct clock *c, const struct world *w)
{
	uint64_t state = 3;
	unsigned wrong = 0;

	for (int64_t t = 0; t < 20000 * MS; t += 5 * MS)
		for (int way = 0; way < 2; way++) {
			int64_t late = w->delay[way] +
				(int64_t)random_below(&state, (unsigned)w->jitter);
			int64_t a = way ? t + late : t, b = way ? t : t + late;

			if (w->wrong && random_below(&state, (unsigned)w->wrong) == 0) {
				clock_pair(c, !way, BASE + a, stamp(w, b) +
					   (way ? 1 : -1) * 900 * MS);
				wrong++;
				continue;
			}
			clock_pair(c, !way, BASE + a, stamp(w, b));
		}
	return wrong;
}

/* Every estimate is within its own bound, and within `most` of the truth. */
static void check(struct clock *c, const struct world *w, int64_t most)
{
	for (int64_t t = 0; t < 20000 * MS; t += MS) {
		int64_t late = w->delay[0] + w->jitter / 2, b = stamp(w, t + late);
		struct clock_estimate e = clock_estimate(c, true, BASE + t, b);
		int64_t delay = seq_minus(b, BASE + t) - e.ahead_ns;

		assert_true(e.bounded);
		/* the skew makes a delay longer or shorter by itself */
		assert_true(llabs(delay - late) <= e.error_ns + late / 2000 + 1);
		assert_true(llabs(delay - late) <= most);
	}
}

static void test_clock_line(void **unused)
{
	static const struct world w[] = {
		{ .offset = 1234567000, .skew = 80e-6, .step_at = INT64_MAX,
		  .delay = { 10 * MS, 10 * MS }, .jitter = 2 * MS },
		{ .offset = -3600500 * MS, .skew = -35e-6, .step_at = INT64_MAX,
		  .delay = { 10 * MS, 10 * MS }, .jitter = 2 * MS },
		{ .offset = 400 * MS, .skew = 400e-6, .step_at = INT64_MAX,
		  .delay = { 30 * MS, 31 * MS }, .jitter = MS, .wrong = 50 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(w); i++) {
		struct clock c;
		unsigned wrong;

		clock_init(&c, CLOCK_AUTO);
		wrong = run(&c, &w[i]);
		clock_finish(&c);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.dropped, wrong);
		assert_true(clock_corrects(&c));
		assert_true(fabs(c.segment[0].line.slope - w[i].skew) < 5e-6);
		check(&c, &w[i], MS);
		clock_free(&c);
	}
}

static void test_clock_step(void **unused)
{
	static const int64_t steps[] = { 250 * MS, -250 * MS, 3600000 * MS, -3600000 * MS };

	(void)unused;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct world w = { .offset = 700 * MS, .step = steps[i],
			.step_at = 9001 * MS, .skew = 20e-6,
			.delay = { 10 * MS, 10 * MS }, .jitter = 2 * MS };
		struct clock c;

		clock_init(&c, i % 2 ? CLOCK_PIECEWISE : CLOCK_AUTO);
		run(&c, &w);
		clock_finish(&c);
		assert_int_equal(c.n, 2);
		check(&c, &w, MS);
		clock_free(&c);
		clock_init(&c, CLOCK_LINEAR);
		run(&c, &w);
		clock_finish(&c);
		assert_string_equal(clock_method(&c, &c.segment[0]), "contradiction");
		assert_false(clock_estimate(&c, true, BASE, BASE).bounded);
		clock_free(&c);
	}
}

/* Paths that are not symmetric are no reason to correct clocks that agree. */
static void test_clock_raw(void **unused)
{
	struct world w = { .step_at = INT64_MAX, .delay = { 12 * MS, 45 * MS },
			   .jitter = 8 * MS };
	struct clock c;

	(void)unused;
	clock_init(&c, CLOCK_AUTO);
	run(&c, &w);
	clock_finish(&c);
	assert_false(clock_corrects(&c));
	assert_string_equal(clock_method(&c, &c.segment[0]), "raw");
	assert_int_equal(clock_estimate(&c, true, BASE + MS, BASE + MS).ahead_ns, 0);
	check(&c, &w, 0);
	clock_free(&c);
	clock_init(&c, CLOCK_LINEAR);
	run(&c, &w);
	clock_finish(&c);
	check(&c, &w, 20 * MS);
	assert_true(llabs(clock_estimate(&c, true, BASE, BASE).ahead_ns) > 10 * MS);
	clock_free(&c);
}

/* Estimates while pairs come are within their bounds as well. */
static void test_clock_live(void **unused)
{
	struct world w = { .offset = 5000 * MS, .skew = 50e-6, .step_at = INT64_MAX,
			   .delay = { 8 * MS, 9 * MS }, .jitter = 3 * MS };
	struct clock c;
	uint64_t state = 4;

	(void)unused;
	clock_init(&c, CLOCK_AUTO);
	for (int64_t t = 0; t < 5000 * MS; t += MS) {
		int64_t late = w.delay[0] + random_below(&state, 3000000);
		int64_t b = stamp(&w, t + late);
		struct clock_estimate e;

		clock_pair(&c, true, BASE + t, b);
		e = clock_estimate(&c, true, BASE + t, b);
		assert_true(e.bounded == (t > 0));
		if (t)
			assert_true(llabs(b - BASE - t - e.ahead_ns - late) <=
				    e.error_ns + late / 2000);
		clock_pair(&c, false, BASE + t + late, stamp(&w, t));
	}
	clock_free(&c);
}

static void test_clock_nothing(void **unused)
{
	struct clock c;

	(void)unused;
	clock_init(&c, CLOCK_AUTO);
	clock_finish(&c);
	assert_false(clock_estimate(&c, true, 1, 2).bounded);
	clock_free(&c);
	clock_init(&c, CLOCK_AUTO);
	clock_pair(&c, true, INT64_MIN, INT64_MAX);
	clock_pair(&c, false, INT64_MAX, INT64_MIN);
	clock_pair(&c, true, 5, 5 - 900 * MS);
	clock_finish(&c);
	clock_estimate(&c, true, INT64_MAX, INT64_MIN);
	clock_free(&c);
	clock_init(&c, CLOCK_GIVEN);
	c.given_ns = 100;
	c.given_slope = 1e-6;
	assert_int_equal(clock_estimate(&c, true, 2000000, 0).ahead_ns, 102);
	clock_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strip_fit),
		cmocka_unit_test(test_strip_error),
		cmocka_unit_test(test_strip_flat),
		cmocka_unit_test(test_hull_bounded),
		cmocka_unit_test(test_clock_line),
		cmocka_unit_test(test_clock_step),
		cmocka_unit_test(test_clock_raw),
		cmocka_unit_test(test_clock_live),
		cmocka_unit_test(test_clock_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
