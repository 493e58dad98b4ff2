/*
 * mapping: against an array that has, for each byte of the subflow, where it
 * was mapped to first and whether it waits to be.
 */
#include "test.h"

#include "mapping.h"

enum { BYTES = 100, NONE = -1, DATA = 4000, SENDINGS = 40 };

/* What is to be, and what `located` was told, as counts per relative DSN. */
struct model {
	int64_t dsn[BYTES];	/* NONE: not mapped */
	uint64_t waits[BYTES][SENDINGS];	/* which segments brought them */
	unsigned n[BYTES];	/* how many */
	unsigned want[DATA], got[DATA], again[DATA];
	uint64_t pkts, want_sum, got_sum;	/* of the segments handed on late, per byte */
};

static void located(void *arg, int64_t seq, int64_t dsn, int64_t len,
		    const struct mapping_wait *late)
{
	struct model *m = arg;

	assert_true(len > 0 && dsn >= 0 && dsn + len <= DATA);
	if (late) {
		assert_true(late->bytes.from == seq && late->bytes.to == seq + len);
		assert_true(late->time_ns == 10 * (int64_t)late->pkt);
		m->got_sum += late->pkt * (uint64_t)len;
		for (int64_t i = 0; i < len; i++)
			m->again[dsn + i] += late->again;
	}
	for (int64_t i = 0; i < len; i++) {
		if (seq + i < BYTES && m->dsn[seq + i] != NONE)
			assert_int_equal(m->dsn[seq + i], dsn + i);
		m->got[dsn + i]++;
	}
}

static bool model_add(struct model *m, int64_t seq, int64_t len, int64_t dsn)
{
	bool agrees = true;

	for (int64_t i = seq; i < seq + len; i++, dsn++) {
		if (m->dsn[i] != NONE) {
			agrees &= m->dsn[i] == dsn;
			continue;
		}
		m->dsn[i] = dsn;
		m->want[dsn] += m->n[i];
		while (m->n[i])
			m->want_sum += m->waits[i][--m->n[i]];
	}
	return agrees;
}

static void locate(struct mapping *map, struct model *m, int64_t seq, int64_t len)
{
	struct mapping_wait segment = { { seq, seq + len }, 10 * (int64_t)++m->pkts,
					m->pkts, false };

	mapping_locate(map, &segment, located, m);
}

static void model_locate(struct model *m, int64_t seq, int64_t len)
{
	for (int64_t i = seq; i < seq + len; i++) {
		if (m->dsn[i] == NONE)
			m->waits[i][m->n[i]++] = m->pkts;
		else
			m->want[m->dsn[i]]++;
	}
}

/* How many segments wait, or parts of them. */
static uint32_t waits(const struct mapping *map)
{
	return mapping_waits(map) ? mapping_waits(map)->n : 0;
}

/* How many segments with the byte at seq wait. */
static unsigned waiting(const struct mapping *map, int64_t seq)
{
	unsigned n = 0;

	for (size_t i = 0; i < waits(map); i++) {
		const struct range *r = &mapping_waits(map)->at[i].bytes;

		n += r->from <= seq && seq < r->to;
	}
	return n;
}

static void same_as_model(const struct mapping *map, const struct model *m)
{
	static struct trail_run run[BYTES];
	size_t n = mapping_n(map);

	if (map->more && map->more->n)
		memcpy(run, map->more->run, n * sizeof(*run));
	else
		trail_list(&map->runs, run);
	for (size_t i = 0; i < n; i++) {
		assert_true(run[i].from < run[i].to);
		/* two of one shift that touch are one */
		assert_true(!i || run[i - 1].to < run[i].from ||
			    (run[i - 1].to == run[i].from && run[i - 1].value != run[i].value));
	}
	assert_true(!n || run[n - 1].to == map->runs.top.to);
	for (int i = 0; i < BYTES; i++) {
		int64_t dsn = NONE;

		assert_true(mapping_find(map, i, &dsn) == (m->dsn[i] != NONE));
		assert_true(dsn == m->dsn[i]);
		assert_int_equal(waiting(map, i), m->n[i]);
	}
	assert_memory_equal(m->got, m->want, sizeof(m->got));
	assert_true(m->got_sum == m->want_sum);
}

/* One step of a life: mappings of three shifts that compete, and payload. */
static void step(struct mapping *map, struct model *m, uint64_t *rng,
		 int64_t moved)
{
	static const int64_t shift[] = { 0, 7, 300 };
	int64_t seq = (int)random_below(rng, BYTES);
	int64_t len = (int)random_below(rng, 12), dsn;

	if (len > BYTES - seq)
		len = BYTES - seq;
	if (random_below(rng, 2)) {
		locate(map, m, seq, len);
		model_locate(m, seq, len);
	} else {
		dsn = seq + shift[random_below(rng, COUNT(shift))] + moved;
		assert_true(mapping_add(map, seq, len, dsn, located, m) ==
			    model_add(m, seq, len, dsn));
	}
}

static void any_order(void **state)
{
	static struct model m;
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 1500; life++) {
		struct mapping map = { 0 };
		int64_t moved = 0;

		memset(&m, 0, sizeof(m));
		memset(m.dsn, 0xff, sizeof(m.dsn));
		for (int i = 0; i < 40; i++) {
			step(&map, &m, &rng, moved);
			if (random_below(&rng, 20) == 0) {
				int64_t by = (int)random_below(&rng, 50);

				mapping_renumber(&map, by);
				moved += by;
				for (int k = 0; k < BYTES; k++)
					m.dsn[k] += m.dsn[k] == NONE ? 0 : by;
			}
			if (random_below(&rng, 3) == 0)	/* nothing is acknowledged */
				mapping_trim(&map, INT64_MIN);
			same_as_model(&map, &m);
		}
		mapping_free(&map);
	}
}

/* What waits is handed on when its mapping comes, each time it was sent, and never again. */
static void late(void **state)
{
	static struct model m;
	struct mapping map = { 0 };

	(void)state;
	memset(&m, 0, sizeof(m));
	for (int i = 0; i < BYTES; i++)
		m.dsn[i] = i >= 1 && i < 51 ? i - 1 : NONE;
	locate(&map, &m, 1, 50);
	locate(&map, &m, 1, 25);
	assert_true(mapping_add(&map, 11, 20, 10, located, &m));
	for (int i = 0; i < 100; i++)
		assert_int_equal(m.got[i], i >= 10 && i < 30 ? 1 + (i < 25) : 0);
	assert_true(mapping_add(&map, 1, 50, 0, located, &m));
	assert_true(mapping_add(&map, 1, 50, 0, located, &m));
	for (int i = 0; i < 100; i++) {
		assert_int_equal(m.got[i], i < 25 ? 2 : i < 50);
		assert_int_equal(m.again[i], i < 25);
	}
	assert_false(mapping_add(&map, 40, 20, 0, located, &m));
	assert_int_equal(waits(&map), 0);
	assert_true(mapping_add(&map, 200, 5, 200, NULL, NULL));
	mapping_free(&map);
}

static void forever(void **state)
{
	static struct model m;
	struct mapping map = { 0 }, none = { 0 };
	int64_t dsn;

	(void)state;
	memset(&m, 0, sizeof(m));
	mapping_add(&map, 1, 100, 0, located, &m);
	locate(&map, &m, 101, 10);
	mapping_extend(&map, -1000, located, &m);
	assert_true(mapping_find(&map, INT64_C(1) << 60, &dsn));
	assert_true(dsn == (INT64_C(1) << 60) - 1);
	assert_int_equal(m.got[100] + m.got[109], 2);
	mapping_extend(&map, -1000, located, &m);
	assert_int_equal(mapping_n(&map), 1);
	mapping_free(&map);
	mapping_extend(&none, -301, NULL, NULL);
	assert_true(mapping_find(&none, 301, &dsn) && dsn == 0);
	mapping_free(&none);
}

/* Old runs are forgotten, those just below the ACK and all above it are not. */
static void trim(void **state)
{
	struct mapping map = { 0 };
	int64_t dsn;

	(void)state;
	for (int i = 0; i < 1000; i++)	/* apart, so that each is a run */
		mapping_add(&map, 1 + 10 * i, 9, 9 * i, NULL, NULL);
	assert_int_equal(mapping_n(&map), 1000);
	mapping_trim(&map, 9001);
	assert_true(mapping_n(&map) < 200);
	assert_false(mapping_find(&map, 1, &dsn));
	for (int i = 899; i < 1000; i++)
		assert_true(mapping_find(&map, 1 + 10 * i, &dsn) && dsn == 9 * i);
	mapping_trim(&map, INT64_MAX);
	assert_int_equal(mapping_n(&map), MAPPING_KEPT);
	assert_true(mapping_weight(&map) <= 8 * MAPPING_KEPT);
	for (int i = 1000 - MAPPING_KEPT; i < 1000; i++)
		assert_true(mapping_find(&map, 1 + 10 * i, &dsn) && dsn == 9 * i);
	mapping_free(&map);
}

static void count(void *arg, int64_t seq, int64_t dsn, int64_t len,
		  const struct mapping_wait *late)
{
	struct model *m = arg;

	assert_true(late && seq == dsn + 1);
	while (len--)
		m->got[dsn++]++;
}

static void nothing(void *arg, int64_t seq, int64_t dsn, int64_t len,
		    const struct mapping_wait *late)
{
	(void)arg;
	(void)seq;
	(void)late;
	(void)dsn;
	(void)len;
}

/* Without any ACK, and without any mapping, memory ends growing. */
static void bounded(void **state)
{
	struct mapping map = { 0 };
	int64_t dsn, last = 0;

	(void)state;
	for (int64_t i = 0; i < 100000; i++) {
		last = 10 * i;
		mapping_add(&map, last, 5, 1000000 + 7 * i, nothing, NULL);
		mapping_locate(&map, &(struct mapping_wait){ { last + 5, last + 8 }, i, 1 + (uint64_t)i,
							     false }, nothing, NULL);
		assert_true(mapping_n(&map) <= 4096 && waits(&map) <= 256);
	}
	assert_true(mapping_find(&map, last, &dsn));
	assert_int_equal(waiting(&map, last + 5) + waiting(&map, last + 7), 2);
	/* one mapping may leave two of each */
	for (int64_t i = 0; i < 5; i++)
		mapping_add(&map, 2000000 + 10 * i, 5, 0, nothing, NULL);
	for (int64_t i = 0; i < 1000; i++) {
		mapping_locate(&map, &(struct mapping_wait){ { 1999990, 2000100 }, i, 1 + (uint64_t)i,
							     false }, nothing, NULL);
		assert_true(waits(&map) <= 256);
	}
	mapping_add(&map, 2000008, 1, 0, nothing, NULL);
	assert_true(waits(&map) <= 256);
	mapping_free(&map);
}

/* Of many segments that wait one behind the other, none is lost, but their number is. */
static void long_wait(void **state)
{
	static struct model m;
	struct mapping map = { 0 };

	(void)state;
	memset(&m, 0, sizeof(m));
	memset(m.dsn, 0xff, sizeof(m.dsn));
	for (int64_t i = 0; i < 3000; i++)
		mapping_locate(&map, &(struct mapping_wait){ { 200 + i, 201 + i }, 0, 9, false },
			       nothing, NULL);
	assert_true(waits(&map) <= 256 && mapping_waits(&map)->at[0].pkt == 0);
	mapping_add(&map, 1, 3300, 0, count, &m);
	for (int i = 0; i < DATA; i++)
		assert_int_equal(m.got[i], i >= 199 && i < 3199);
	mapping_free(&map);
}

/* Of what is acknowledged as it is sent, as many as promised stay, and never many. */
static void few(void **state)
{
	struct mapping map = { 0 };
	int64_t dsn;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		mapping_make_room(&map, 10 * (i - 1));	/* all but two */
		mapping_add(&map, 1 + 10 * i, 9, 9 * i, NULL, NULL);
		assert_null(map.more);
		assert_true(mapping_n(&map) <= MAPPING_FEW);
		for (int k = i; k >= 0 && k > i - MAPPING_KEPT; k--)
			assert_true(mapping_find(&map, 1 + 10 * k, &dsn) && dsn == 9 * k);
	}
	for (int i = 1000; i < 2000; i++) {	/* and all of what is not */
		mapping_make_room(&map, 10000);
		mapping_add(&map, 1 + 10 * i, 9, 9 * i, NULL, NULL);
	}
	assert_true(mapping_n(&map) >= 1000);
	mapping_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(late),
		cmocka_unit_test(forever),
		cmocka_unit_test(trim),
		cmocka_unit_test(few),
		cmocka_unit_test(bounded),
		cmocka_unit_test(long_wait),
	};

	return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
