/* Which of several copies arrived: each criterion in turn. */
#include "test.h"

#include "match.h"

static struct passage copy(uint64_t pkt, uint32_t tsval, uint16_t ip_id)
{
	return (struct passage){ .pkt = pkt, .seq = 1000, .end = 3000, .ack = 5,
		.has_ack = true, .win = 10, .tsval = tsval, .has_tsval = true,
		.ip_id = ip_id, .has_ip_id = true, .at_ns = (int64_t)pkt };
}

/* The one of `n` copies that arrived as rx, by number from 0; -1: none. */
static int choose(struct match_path *path, const struct passage *sent, unsigned n,
		  const struct passage *rx, uint32_t arrived, enum match_by by)
{
	struct candidate c[MATCH_MAX];
	struct match m;

	for (unsigned i = 0; i < n; i++)
		c[i] = (struct candidate){ &sent[i], NULL, arrived >> i & 1 };
	m = match_choose(path, c, n, rx, false);
	if (!m.which)
		return -1;
	assert_int_equal(m.by, by);
	return (int)(m.which->sent - sent);
}

static void test_criteria(void **unused)
{
	struct match_path path = { 0 };
	struct passage sent[3] = { copy(1, 100, 7), copy(2, 200, 8), copy(3, 200, 9) };
	struct passage rx = copy(0, 100, 7);

	(void)unused;
	assert_int_equal(choose(&path, sent, 1, &rx, 0, MATCH_ONLY), 0);
	assert_int_equal(choose(&path, sent, 3, &rx, 0, MATCH_TSVAL), 0);
	rx = copy(0, 200, 9);
	assert_int_equal(choose(&path, sent, 3, &rx, 0, MATCH_IP_ID), 2);
	/* a part of the second one, which begins where it does; then a later part */
	sent[1].ip_id = 20;
	rx.ip_id = 20;
	rx.end = 2000;
	assert_int_equal(choose(&path, sent, 3, &rx, 0, MATCH_IP_ID), 1);
	rx.ip_id = 21;
	rx.seq = 2000;
	rx.end = 3000;
	assert_int_equal(choose(&path, sent, 3, &rx, 0, MATCH_IP_ID), 1);
	/* identifications rewritten: the window tells */
	rx = copy(0, 200, 999);
	sent[2].win = rx.win = 11;
	assert_int_equal(choose(&path, sent, 3, &rx, 0, MATCH_ACK), 2);
}

/* What can't be told apart comes in order, what came already came twice. */
static void test_order(void **unused)
{
	struct match_path path = { .timed = true };
	struct passage sent[2] = { copy(10, 100, 0), copy(20, 100, 0) };
	struct passage rx = copy(0, 100, 0);

	(void)unused;
	rx.at_ns = 15;
	assert_int_equal(choose(&path, sent, 2, &rx, 0, MATCH_CAUSALITY), 0);
	rx.at_ns = 30;
	assert_int_equal(choose(&path, sent, 2, &rx, 0, MATCH_ORDER), 0);
	assert_int_equal(choose(&path, sent, 2, &rx, 1, MATCH_ORDER), 1);
	assert_int_equal(choose(&path, sent, 2, &rx, 3, MATCH_ORDER), 1);
	sent[0].has_tsval = sent[1].has_tsval = rx.has_tsval = false;
	assert_int_equal(choose(&path, sent, 2, &rx, 0, MATCH_ORDER), 1);
}

/* Where time stamps come through, another one is another sending; but merged ones differ a bit. */
static void test_other_stamp(void **unused)
{
	struct match_path path = { 0 };
	struct passage sent = copy(1, 100, 7), rx = copy(0, 500, 7);

	(void)unused;
	assert_int_equal(choose(&path, &sent, 1, &rx, 0, MATCH_ONLY), 0);
	rx.tsval = 100;
	assert_int_equal(choose(&path, &sent, 1, &rx, 0, MATCH_ONLY), 0);
	assert_true(path.ts_kept && path.id_kept);
	rx.tsval = 500;
	assert_int_equal(choose(&path, &sent, 1, &rx, 0, MATCH_ONLY), -1);
	rx.tsval = 102;
	assert_int_equal(choose(&path, &sent, 1, &rx, 0, MATCH_ONLY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_criteria),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_other_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
