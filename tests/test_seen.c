/* seen: against an array that has a flag for each integer. */
#include "test.h"

#include "seen.h"
#include "seq.h"

enum { LOW = -300, HIGH = 900 };	/* the integers that the model has */

struct model {
	bool flag[HIGH - LOW];
	int64_t from, to;
};

static uint64_t model_add(struct model *m, int64_t from, int64_t to)
{
	uint64_t fresh = 0;

	if (from >= to)
		return 0;
	for (int64_t i = from; i < to; i++) {
		fresh += !m->flag[i - LOW];
		m->flag[i - LOW] = true;
	}
	m->from = from < m->from ? from : m->from;
	m->to = to > m->to ? to : m->to;
	return fresh;
}

static uint64_t model_missing(const struct model *m, int64_t from, int64_t to)
{
	uint64_t n = 0;

	for (int64_t i = from; i < to; i++)
		n += !m->flag[i - LOW];
	return n;
}

static void model_shift(struct model *m, int64_t by)
{
	struct model new = { .from = m->from + by, .to = m->to + by };

	for (int64_t i = m->from; i < m->to; i++)
		new.flag[i + by - LOW] = m->flag[i - LOW];
	new.from = new.from < 0 ? new.from : 0;
	*m = new;
}

/* The stretches that it tells are of one kind each, and those seen are whole. */
static void same_pieces(const struct seen *s, const struct model *m, int64_t from,
			int64_t to)
{
	while (from < to) {
		bool known;
		int64_t end = seen_piece(s, from, to, &known);

		assert_true(from < end && end <= to);
		assert_int_equal(model_missing(m, from, end), known ? 0 : end - from);
		if (known && end < to)
			assert_false(m->flag[end - LOW]);
		from = end;
	}
}

static void same_as_model(const struct seen *s, const struct model *m)
{
	assert_int_equal(seen_from(s), m->from);
	assert_int_equal(s->to, m->to);
	assert_true(seen_from(s) <= 0);
	assert_int_equal(seen_count(s), HIGH - LOW - (int)model_missing(m, LOW, HIGH));
	for (size_t i = 0; i < seen_rest(s)->gaps.n; i++)
		assert_true(seen_rest(s)->gaps.range[i].from >= seen_from(s) &&
			    seen_rest(s)->gaps.range[i].to <= s->to);
	same_pieces(s, m, LOW, HIGH);
}

static void step(struct seen *s, struct model *m, uint64_t *rng)
{
	int64_t from = LOW + (int)random_below(rng, HIGH - LOW);
	int64_t to = from + (int)random_below(rng, 60) - 1;

	to = to > HIGH ? HIGH : to;
	switch (random_below(rng, 8)) {
	case 0:		/* at the end, as most are */
	case 1:
	case 2:
		from = m->to + (random_below(rng, 4) ? 0 : (int)random_below(rng, 9));
		to = from + (int)random_below(rng, 20);
		if (to > HIGH)
			return;
		break;
	case 3:
		from = (int)random_below(rng, 120) - 60;
		if (m->from + from > LOW && m->to + from < HIGH) {
			seen_shift(s, from);
			model_shift(m, from);
		}
		return;
	}
	if (from <= to)
		assert_int_equal(seen_missing(s, from, to), model_missing(m, from, to));
	else
		assert_int_equal(seen_missing(s, from, to), 0);
	same_pieces(s, m, from, to);
	if (random_below(rng, 2))
		assert_int_equal(seen_add(s, from, to), model_add(m, from, to));
}

static void any_order(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 1500; life++) {
		struct seen s = { 0 };
		struct model m = { .from = 0 };

		for (int i = 0; i < 60; i++) {
			step(&s, &m, &rng);
			same_as_model(&s, &m);
		}
		seen_free(&s);
	}
}

static void empty(void **state)
{
	struct seen s = { 0 };

	(void)state;
	assert_int_equal(seen_add(&s, 0, 0), 0);
	assert_int_equal(seen_add(&s, 50, 50), 0);
	assert_int_equal(seen_add(&s, 50, 40), 0);
	assert_int_equal(seen_add(&s, 0, -1), 0);
	assert_true(seen_from(&s) == 0 && s.to == 0 && seen_rest(&s)->gaps.n == 0);
	assert_int_equal(seen_count(&s), 0);
	assert_int_equal(seen_missing(&s, 0, 10), 10);
	assert_int_equal(seen_missing(&s, 10, 0), 0);
	assert_int_equal(seen_missing(&s, -5, 5), 10);
	seen_free(&s);
}

enum { GAPS_MAX = 1 << 14 };

/* Up to the limit all gaps are known, and may be filled in any order. */
static void many_gaps(void **state)
{
	struct seen s = { 0 };

	(void)state;
	for (int64_t i = 0; i < GAPS_MAX; i++)
		assert_int_equal(seen_add(&s, 10 * i + 4, 10 * i + 10), 6);
	assert_int_equal(seen_rest(&s)->gaps.n, GAPS_MAX);
	assert_int_equal(seen_count(&s), 6 * GAPS_MAX);
	assert_int_equal(seen_missing(&s, 0, 10 * GAPS_MAX), 4 * GAPS_MAX);
	for (int64_t i = 0; i < GAPS_MAX; i += 2)
		assert_int_equal(seen_add(&s, 10 * i, 10 * i + 10), 4);
	assert_int_equal(seen_count(&s), 8 * GAPS_MAX);
	seen_free(&s);
}

/* Beyond it the lowest are forgotten: what was in them was not seen, nor is it later. */
static void too_many_gaps(void **state)
{
	enum { STEPS = 3 * GAPS_MAX, KEPT = GAPS_MAX / 2 };
	struct seen s = { 0 };

	(void)state;
	for (int64_t i = 0; i < STEPS; i++) {
		assert_int_equal(seen_add(&s, 10 * i + 4, 10 * i + 10), 6);
		assert_true(seen_rest(&s)->gaps.n <= GAPS_MAX);
		assert_int_equal(seen_count(&s), 6 * (i + 1));
	}
	assert_true(seen_from(&s) == 0 && s.to == 10 * STEPS);
	assert_int_equal(seen_missing(&s, 10 * (STEPS - KEPT), 10 * STEPS), 4 * KEPT);
	assert_int_equal(seen_add(&s, 0, 1000), 0);
	assert_int_equal(seen_add(&s, 10 * STEPS - 10, 10 * STEPS), 4);
	assert_int_equal(seen_count(&s), 6 * STEPS + 4);
	seen_free(&s);
}

/* The same where they come below what is there, from the highest down. */
static void many_gaps_below(void **state)
{
	struct seen s = { 0 };

	(void)state;
	for (int64_t i = 1; i <= 2 * GAPS_MAX; i++) {
		assert_int_equal(seen_add(&s, -10 * i, -10 * i + 6), 6);
		assert_true(seen_rest(&s)->gaps.n <= GAPS_MAX);
		assert_true(seen_from(&s) == -10 * i && s.to == 0);
		assert_int_equal(seen_count(&s), 6 * i);
	}
	assert_int_equal(seen_missing(&s, -1000, 0), 400);
	seen_free(&s);
}

/* What was acknowledged is forgotten sooner, and nothing above it. */
static void settled(void **state)
{
	struct seen s = { 0 };

	(void)state;
	for (int64_t i = 0; i < 5000; i++) {
		assert_int_equal(seen_add(&s, 10 * i + 4, 10 * i + 10), 6);
		seen_settle(&s, 10 * (i - 200));
		assert_true(seen_rest(&s)->gaps.n <= 200 + 64 + 1);
		assert_int_equal(seen_count(&s), 6 * (i + 1));
	}
	assert_int_equal(seen_missing(&s, 10 * 4800, 10 * 5000), 4 * 200);
	assert_int_equal(seen_add(&s, 10, 14), 0);
	seen_settle(&s, 10 * 5000);
	assert_true(seen_rest(&s)->gaps.n >= 16 && seen_rest(&s)->gaps.n <= 64);
	seen_free(&s);
}

/* Numbers that can't be leave nothing behind, and no overflow. */
static void insane(void **state)
{
	static const int64_t by[] = { INT64_MAX, INT64_MIN, SEQ_SANE + 1, -SEQ_SANE - 1,
				      SEQ_SANE - 99, -SEQ_SANE };

	(void)state;
	for (size_t i = 0; i < COUNT(by); i++) {
		struct seen s = { 0 };

		seen_add(&s, 5, 100);
		seen_add(&s, -20, -10);
		seen_shift(&s, by[i]);
		assert_true(seen_from(&s) == 0 && s.to == 0 && seen_rest(&s)->gaps.n == 0);
		assert_int_equal(seen_add(&s, 0, 7), 7);
		seen_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(empty),
		cmocka_unit_test(many_gaps),
		cmocka_unit_test(too_many_gaps),
		cmocka_unit_test(settled),
		cmocka_unit_test(many_gaps_below),
		cmocka_unit_test(insane),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
