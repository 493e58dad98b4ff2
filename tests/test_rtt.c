/* rtt: what each ACK answers, by hand and against a list of all segments. */
#include "test.h"

#include "rtt.h"
#include "segment.h"
#include "spread.h"

/* One direction, and the samples so far. */
struct test {
	struct rtt rtt;
	int64_t acked;		/* the highest ACK so far */
	struct spread spread;
	bool stamped;		/* segments have time stamps */
	bool forgot;		/* some that an ACK could have answered */
};

static int setup(void **state)
{
	static struct test t;

	memset(&t, 0, sizeof(t));
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	rtt_free(&((struct test *)*state)->rtt);
	return 0;
}

static void stamp(const struct test *t, struct segment *seg)
{
	seg->has = t->stamped ? COLUMN(TSVAL) | COLUMN(TSECR) : 0;
	seg->opt.has = t->stamped ? HAS_TS : 0;
}

static void send_at(struct test *t, int64_t from, int64_t to, int64_t ns, uint32_t tsval)
{
	struct segment seg = { .time_ns = ns };

	stamp(t, &seg);
	seg.opt.tsval = tsval;
	t->forgot |= rtt_send(&t->rtt, &seg, from, to, t->acked);
}

/* Returns the sample, or -1. */
static int64_t ack_at(struct test *t, int64_t ack, int64_t ns, uint32_t tsecr)
{
	struct segment seg = { .time_ns = ns, .rel_ack = ack };
	int64_t rtt_ns;

	stamp(t, &seg);
	seg.opt.tsecr = tsecr;
	if (ack <= t->acked)
		return -1;
	t->acked = ack;
	rtt_ns = rtt_ack(&t->rtt, &seg);
	if (rtt_ns != RTT_NONE)
		spread_add(&t->spread, rtt_ns, 1);
	return rtt_ns;
}

static void simple(void **state)
{
	struct test *t = *state;

	send_at(t, 1, 101, 1000, 0);
	assert_int_equal(ack_at(t, 1, 1010, 0), -1);	/* covers nothing */
	assert_int_equal(ack_at(t, 101, 1050, 0), 50);
	assert_int_equal(ack_at(t, 50, 1070, 0), -1);
	send_at(t, 101, 201, 2000, 0);
	send_at(t, 201, 202, 2001, 0);			/* a FIN */
	assert_int_equal(ack_at(t, 201, 2050, 0), 50);
	assert_int_equal(ack_at(t, 202, 2061, 0), 60);
	assert_true(t->spread.n == 3 && t->spread.min == 50 && t->spread.max == 60);
}

/* One for several segments is of the last; of what was not seen, none. */
static void delayed(void **state)
{
	struct test *t = *state;

	send_at(t, 1, 101, 1000, 0);
	send_at(t, 101, 201, 1010, 0);
	assert_int_equal(ack_at(t, 201, 1050, 0), 40);
	send_at(t, 301, 401, 2000, 0);
	assert_int_equal(ack_at(t, 501, 2050, 0), -1);	/* up to 500: not captured */
	send_at(t, 601, 701, 3000, 0);
	assert_int_equal(ack_at(t, 701, 3050, 0), 50);	/* 501 … 600 was not seen */
	assert_int_equal(runs_n(&t->rtt.runs), 0);
}

static void partial(void **state)
{
	struct test *t = *state;

	send_at(t, 1, 1001, 1000, 0);
	assert_int_equal(ack_at(t, 501, 1040, 0), 40);
	send_at(t, 1001, 2001, 1050, 0);
	assert_int_equal(ack_at(t, 2001, 1095, 0), 45);
	/* of what is sent again, only what was not acknowledged */
	send_at(t, 2001, 2101, 2000, 0);
	send_at(t, 1901, 2201, 2020, 0);
	assert_int_equal(ack_at(t, 2101, 2030, 0), -1);
	assert_int_equal(ack_at(t, 2201, 2035, 0), 15);
	/* what was acknowledged and comes again is nothing */
	send_at(t, 2101, 2201, 2040, 0);
	assert_int_equal(runs_n(&t->rtt.runs), 0);
}

static void karn(void **state)
{
	struct test *t = *state;

	send_at(t, 1, 101, 1000, 0);
	send_at(t, 101, 201, 1001, 0);
	send_at(t, 201, 301, 1002, 0);
	send_at(t, 101, 201, 1100, 0);
	assert_int_equal(ack_at(t, 101, 1110, 0), 110);
	assert_int_equal(ack_at(t, 301, 1120, 0), -1);	/* covers the one sent again */
	/* parts of segments: all of each counts as sent again */
	send_at(t, 601, 701, 3001, 0);
	send_at(t, 701, 801, 3002, 0);
	send_at(t, 650, 651, 3003, 0);
	assert_int_equal(ack_at(t, 640, 3011, 0), -1);
	assert_int_equal(ack_at(t, 701, 3012, 0), -1);
	assert_int_equal(ack_at(t, 801, 3013, 0), 11);
	/* over a hole: what was in it is new */
	send_at(t, 801, 811, 4000, 0);
	send_at(t, 821, 831, 4001, 0);
	send_at(t, 801, 841, 4002, 0);
	assert_int_equal(((struct range *)runs_at(&t->rtt.runs, 1))->to, 821);
	assert_int_equal(ack_at(t, 811, 4010, 0), -1);
	assert_int_equal(ack_at(t, 821, 4011, 0), 9);
	assert_int_equal(ack_at(t, 831, 4012, 0), -1);
}

static void stamps(void **state)
{
	struct test *t = *state;

	t->stamped = true;
	send_at(t, 1, 101, 1000, 7);
	send_at(t, 1, 101, 1100, 9);
	assert_int_equal(ack_at(t, 101, 1110, 9), 10);
	send_at(t, 101, 201, 2000, 17);
	send_at(t, 101, 201, 2100, 19);
	assert_int_equal(ack_at(t, 201, 2110, 17), 110);
	send_at(t, 201, 301, 3000, 27);
	send_at(t, 201, 301, 3100, 28);
	send_at(t, 201, 301, 3200, 29);
	assert_int_equal(ack_at(t, 251, 3210, 29), 10);
	assert_int_equal(ack_at(t, 301, 3211, 28), -1);	/* not the first, nor the last */
	send_at(t, 301, 401, 4000, 31);
	send_at(t, 301, 401, 4001, 31);
	assert_int_equal(ack_at(t, 401, 4010, 31), -1);	/* which of both? */
	/* the lowest one that was sent again says it */
	send_at(t, 401, 501, 5000, 41);
	send_at(t, 501, 601, 5001, 41);
	send_at(t, 601, 701, 5002, 41);
	send_at(t, 601, 701, 5100, 43);
	send_at(t, 501, 601, 5101, 42);
	assert_int_equal(ack_at(t, 701, 5110, 42), 9);
	/* without a stamp on the ACK nothing does */
	send_at(t, 701, 801, 6000, 51);
	send_at(t, 701, 801, 6100, 52);
	t->stamped = false;
	assert_int_equal(ack_at(t, 801, 6110, 52), -1);
}

/* A byte sent after the last one covered is what the ACK may have waited for. */
static void reordered(void **state)
{
	struct test *t = *state;

	send_at(t, 101, 201, 1000, 0);
	send_at(t, 1, 101, 1010, 0);
	assert_int_equal(ack_at(t, 201, 1050, 0), -1);
	send_at(t, 301, 401, 2000, 0);
	send_at(t, 201, 301, 2010, 0);
	assert_int_equal(ack_at(t, 301, 2050, 0), 40);
	assert_int_equal(ack_at(t, 401, 2060, 0), 60);
	send_at(t, 501, 601, 3000, 0);
	send_at(t, 401, 501, 3000, 0);
	assert_int_equal(ack_at(t, 601, 3050, 0), 50);
}

/* As many wait as an ACK may come for; few if none ever did. */
static void bounded(void **state)
{
	struct test *t = *state;

	for (int64_t i = 0; i < 5000; i++) {
		send_at(t, 1 + 20 * i, 11 + 20 * i, i, 0);
		send_at(t, 1 + 20 * i, 11 + 20 * i, i, 0);
		assert_true(runs_n(&t->rtt.runs) <= 64 && t->rtt.runs.room->cap <= 256);
	}
	assert_int_equal(runs_n(&t->rtt.runs), 64);
	assert_false(t->forgot);
	send_at(t, 100001, 100011, 5000, 0);
	assert_int_equal(ack_at(t, 1 + 20 * 4999, 5003, 0), -1);
	assert_int_equal(ack_at(t, 100001, 5004, 0), -1);
	assert_int_equal(ack_at(t, 100011, 5005, 0), 5);
	for (int64_t i = 0; i < 70000; i++) {
		send_at(t, 200000 + 2 * i, 200001 + 2 * i, 6000 + i, 0);
		assert_true(runs_n(&t->rtt.runs) <= 1 << 16);
		assert_true(t->forgot == (i >= 1 << 16));
	}
	assert_int_equal(runs_n(&t->rtt.runs), 1 << 16);
	assert_int_equal(ack_at(t, 200000 + 2 * 69999 + 1, 80000, 0), 80000 - 75999);
	assert_null(t->rtt.runs.room);
}

/* The segments [1 + 10 k, 11 + 10 k). */
enum { SEGMENTS = 200, SIZE = 10 };

struct model {
	struct {
		int64_t first_ns, last_ns;
		uint32_t first_ts, last_ts;
		unsigned times;
	} seg[SEGMENTS];
	int64_t acked;
};

static void model_send(struct model *m, size_t k, int64_t ns, uint32_t ts)
{
	if (1 + SIZE * (int64_t)(k + 1) <= m->acked)
		return;
	if (m->seg[k].times++ == 0)
		m->seg[k].first_ns = ns, m->seg[k].first_ts = ts;
	m->seg[k].last_ns = ns, m->seg[k].last_ts = ts;
}

static int64_t model_ack(struct model *m, int64_t ack, int64_t ns, uint32_t ts)
{
	size_t from = m->acked > 1 ? (size_t)(m->acked - 1) / SIZE : 0;
	size_t last = (size_t)(ack - 2) / SIZE;

	if (ack <= m->acked || ack < 2)
		return -1;
	m->acked = ack;
	if (!m->seg[last].times)
		return -1;
	for (size_t k = from; k <= last; k++) {
		if (m->seg[k].times < 2)
			continue;
		if (m->seg[k].first_ts == m->seg[k].last_ts)
			return -1;
		return ts == m->seg[k].last_ts ? ns - m->seg[k].last_ns :
		       ts == m->seg[k].first_ts ? ns - m->seg[k].first_ns : -1;
	}
	for (size_t k = from; k <= last; k++)
		if (m->seg[k].times && m->seg[k].first_ns > m->seg[last].first_ns)
			return -1;
	return ns - m->seg[last].first_ns;
}

static void any_order(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int life = 0; life < 400; life++) {
		struct test t = { .stamped = true };
		struct model m = { .acked = 0 };
		size_t next = 0;

			for (int64_t ns = 1; ns < 400 && next + 3 < SEGMENTS; ns++) {
			uint32_t ts = (uint32_t)ns / 4, old = ts - random_below(&rng, 5);
			size_t k = next > 12 ? next - random_below(&rng, 12) : next;
			int64_t ack = m.acked + (int)random_below(&rng, 40);

			if (random_below(&rng, 4) == 0) {
				if (ack <= 1 + SIZE * (int64_t)(next + 1))
					assert_int_equal(ack_at(&t, ack, ns, old),
							 model_ack(&m, ack, ns, old));
				continue;
			}
			if (random_below(&rng, 3) == 0)
				k = next += random_below(&rng, 3);
			send_at(&t, 1 + SIZE * (int64_t)k, 1 + SIZE * (int64_t)(k + 1),
				ns, ts);
			model_send(&m, k, ns, ts);
		}
		rtt_free(&t.rtt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(simple, setup, teardown),
		cmocka_unit_test_setup_teardown(delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(partial, setup, teardown),
		cmocka_unit_test_setup_teardown(karn, setup, teardown),
		cmocka_unit_test_setup_teardown(stamps, setup, teardown),
		cmocka_unit_test_setup_teardown(reordered, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test(any_order),
	};

	return cmocka_run_group_tests_name("rtt", tests, NULL, NULL);
}
