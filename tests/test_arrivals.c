/* arrivals: against an array that has, for each byte, its arrivals in order. */
#include "test.h"

#include "arrivals.h"

enum { BYTES = 400, WANTED_FROM = 50, WANTED_TO = 350, HOLE_FROM = 120, HOLE_TO = 130 };

struct model {
	uint64_t pkt[BYTES][ARRIVALS_MAX];
	unsigned n[BYTES];
};

static bool wanted(int64_t i)
{
	return i >= WANTED_FROM && i < WANTED_TO && (i < HOLE_FROM || i >= HOLE_TO);
}

static void add(struct arrivals_side *s, struct model *m, int64_t from, int64_t to, uint64_t pkt)
{
	arrivals_add(s, &(struct arrival){ { from, to }, 10 * (int64_t)pkt, pkt, pkt + 7 });
	for (int64_t i = from; i < to; i++)
		if (wanted(i) && m->n[i] < ARRIVALS_MAX)
			m->pkt[i][m->n[i]++] = pkt;
}

static void same_as_model(const struct arrivals_side *s, const struct model *m)
{
	for (int64_t i = 0; i < BYTES; i++)
		for (unsigned k = 0; k <= ARRIVALS_MAX; k++) {
			int64_t end = BYTES;
			const struct arrival *x = arrivals_find(s, k, i, &end);

			assert_true(end > i);
			assert_true(!x == (k >= m->n[i]));
			if (!x)
				continue;
			assert_true(x->pkt == m->pkt[i][k] && x->own_pkt == x->pkt + 7);
			assert_true(x->time_ns == 10 * (int64_t)x->pkt);
			for (int64_t j = i; j < end; j++)
				assert_true(m->n[j] > k && m->pkt[j][k] == x->pkt);
		}
}

static void any_order(void **state)
{
	static struct model m;
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 30; life++) {
		struct arrivals a;
		struct arrivals_side *s;

		memset(&m, 0, sizeof(m));
		arrivals_init(&a);
		/* asked for in any order, more than once */
		arrivals_want(&a, 3, 1, 200, WANTED_TO);
		arrivals_want(&a, 3, 1, WANTED_FROM, HOLE_FROM);
		arrivals_want(&a, 3, 1, HOLE_TO, 220);
		arrivals_want(&a, 3, 0, 0, BYTES);
		assert_null(arrivals_side(&a, 4, 1));
		s = arrivals_side(&a, 3, 1);
		for (uint64_t pkt = 1; pkt < 40; pkt++) {
			int64_t from = (int64_t)random_below(&rng, BYTES - 60);

			add(s, &m, from, from + 1 + (int64_t)random_below(&rng, 60), pkt);
			same_as_model(s, &m);
		}
		assert_true(runs_n(&a.side[1]->nth[0]) == 0);
		arrivals_free(&a);
	}
}

/* Only what is wanted of what was missed is kept. */
static void missed(void **state)
{
	struct arrivals a;
	struct arrivals_side *s;

	(void)state;
	arrivals_init(&a);
	arrivals_want(&a, 0, 0, 10, 20);
	s = arrivals_side(&a, 0, 0);
	arrivals_miss(s, false, 0, 12);
	arrivals_miss(s, true, 15, 30);
	arrivals_miss(s, true, 20, 30);
	assert_true(ranges_count(&s->lost, 0, 100) == 2 && ranges_count(&s->lost, 10, 12) == 2);
	assert_true(ranges_count(&s->unseen, 0, 100) == 5 && ranges_count(&s->unseen, 15, 20) == 5);
	arrivals_free(&a);
}

/* In any order, each byte goes to the earliest; what touches and is one stays one. */
static void firsts(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 100; life++) {
		uint64_t pkt[BYTES] = { 0 };
		struct arrivals a;
		struct arrivals_side *s;

		arrivals_init(&a);
		s = arrivals_make(&a, 3, 1);
		for (int i = 0; i < 60; i++) {
			int64_t from = (int64_t)random_below(&rng, BYTES - 60);
			int64_t to = from + 1 + (int64_t)random_below(&rng, 60);
			uint64_t n = 1 + random_below(&rng, 30);

			arrivals_first(s, &(struct arrival){ { from, to }, 10 * (int64_t)n, n, n });
			for (int64_t j = from; j < to; j++)
				if (!pkt[j] || pkt[j] > n)
					pkt[j] = n;
		}
		for (int64_t i = 0; i < BYTES; i++) {
			int64_t end = BYTES;
			const struct arrival *x = arrivals_find(s, 0, i, &end);

			assert_true((x ? x->pkt : 0) == pkt[i]);
			assert_true(!x || (x->own_pkt == x->pkt && x->time_ns == 10 * (int64_t)x->pkt));
			for (int64_t j = i; j < end; j++)
				assert_true(pkt[j] == pkt[i]);
		}
		arrivals_free(&a);
	}
}

static bool is_odd(const struct arrivals_side *s)
{
	return s->stream & 1;
}

static void dropped(void **state)
{
	struct arrivals a;

	(void)state;
	arrivals_init(&a);
	for (uint32_t i = 0; i < 100; i++) {
		struct arrivals_side *s = arrivals_want(&a, i, i & 2, 0, 1000);

		for (int64_t j = 0; j < 20; j++)
			arrivals_add(s, &(struct arrival){ { j, j + 1 }, 1, 1, 1 });
		assert_true(arrivals_weight(s) > 20 * sizeof(struct arrival));
	}
	arrivals_drop(&a, is_odd);
	for (uint32_t i = 0; i < 100; i++)
		assert_true((arrivals_side(&a, i, i & 2) == NULL) == (i & 1));
	arrivals_free(&a);
}

/* It is the same stream if any of the packets that it was named by is met; not many are kept. */
static void met(void **state)
{
	struct arrivals a;
	struct arrivals_side *s;

	(void)state;
	arrivals_init(&a);
	s = arrivals_make(&a, 3, 0);
	arrivals_meet(s, 7);
	assert_false(s->met);
	for (uint64_t pkt = 7; pkt < 100000; pkt += 2)
		arrivals_name(s, pkt);
	assert_true(arrivals_weight(s) < 4096);
	arrivals_meet(s, 8);
	assert_false(s->met);
	arrivals_meet(s, 9);
	assert_true(s->met);
	arrivals_meet(s, 8);
	assert_true(s->met);
	arrivals_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(missed),
		cmocka_unit_test(firsts),
		cmocka_unit_test(dropped),
		cmocka_unit_test(met),
	};

	return cmocka_run_group_tests_name("arrivals", tests, NULL, NULL);
}
