/* stall: when data stands still, since when, and what brings it on again. */
#include "test.h"

#include "stall.h"

#define MS INT64_C(1000000)

static struct moment at(int64_t ms)
{
	return (struct moment){ ms * MS, ms * MS, (uint64_t)ms };
}

static void send(struct stall *s, int64_t from, int64_t end, uint32_t stream, int64_t ms)
{
	struct moment now = at(ms);

	stall_send(s, from, end, stream, &now);
}

static bool ack(struct stall *s, int64_t acked, int64_t ms)
{
	struct moment now = at(ms);

	return stall_ack(s, acked, &now);
}

/* Noticed when the data ACK has stood still for 200 ms; it began with what is missing. */
static void one_path_fails(void **state)
{
	struct stall s;

	(void)state;
	stall_init(&s);
	send(&s, 0, 100, 0, 0);
	send(&s, 100, 200, 0, 10);	/* lost */
	send(&s, 200, 300, 1, 20);
	assert_false(ack(&s, 100, 50));
	assert_false(stall_check(&s, 0, 250 * MS));
	assert_true(stall_check(&s, 0, 251 * MS));
	assert_int_equal(s.since.pkt, 10);
	assert_false(stall_check(&s, 0, 300 * MS));	/* only once */
	send(&s, 100, 200, 1, 400);
	assert_true(ack(&s, 300, 440));
	assert_true(s.carried);
	assert_int_equal(s.carrier, 1);
	assert_false(stall_check(&s, 0, 5000 * MS));	/* nothing waits */
	stall_free(&s);
}

/* Silence is none: all was acknowledged. Nor is data after it, at once. */
static void silence(void **state)
{
	struct stall s;

	(void)state;
	stall_init(&s);
	send(&s, 0, 100, 0, 0);
	ack(&s, 100, 30);
	assert_false(stall_check(&s, 0, 9000 * MS));
	send(&s, 100, 200, 0, 9000);
	assert_false(stall_check(&s, 0, 9150 * MS));
	assert_true(stall_check(&s, 0, 9201 * MS));
	assert_int_equal(s.since.pkt, 9000);
	stall_free(&s);
}

/* Two round trips count where they are longer; a threshold that was set, always. */
static void threshold(void **state)
{
	struct stall s;
	int64_t n = 0;

	(void)state;
	stall_init(&s);
	for (int64_t ms = 0; ms < 30000; ms += 300, n++) {
		send(&s, 100 * n, 100 * n + 100, 0, ms);
		ack(&s, 100 * n + 100, ms + 300);
	}
	assert_int_equal(s.rtt_ns, 300 * MS);
	assert_int_equal(stall_threshold(&s, 0), 600 * MS);
	assert_int_equal(stall_threshold(&s, 7), 7);
	send(&s, 100 * n, 100 * n + 100, 0, 30300);
	assert_false(stall_check(&s, 0, 30900 * MS));
	assert_true(stall_check(&s, 0, 30901 * MS));
	stall_free(&s);
}

/* The next stall does not begin before the end of the last. */
static void two(void **state)
{
	struct stall s;

	(void)state;
	stall_init(&s);
	send(&s, 0, 100, 0, 0);
	send(&s, 100, 200, 0, 5);
	assert_true(stall_check(&s, 0, 500 * MS));
	assert_int_equal(s.since.pkt, 0);
	assert_true(ack(&s, 100, 600));
	assert_true(stall_check(&s, 0, 900 * MS));
	assert_int_equal(s.since.pkt, 600);
	stall_free(&s);
}

/* Numbers that prove to be relative to others; a clock that steps; no ACK at all. */
static void odd(void **state)
{
	struct stall s;

	(void)state;
	stall_init(&s);
	send(&s, 0, 100, 0, 1000);
	stall_renumber(&s, 5000);
	assert_false(ack(&s, 100, 1010));
	assert_false(stall_check(&s, 0, -9000 * MS));
	assert_true(stall_check(&s, 0, 1300 * MS));
	assert_true(ack(&s, 5100, 1400));
	for (int64_t i = 0; i < 100000; i++)
		send(&s, 5100 + i, 5101 + i, (uint32_t)(i % 3), 2000 + 2 * i);
	assert_true(!s.marks.room || s.marks.room->cap < 20000);
	stall_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_path_fails), cmocka_unit_test(silence),
		cmocka_unit_test(threshold), cmocka_unit_test(two), cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
