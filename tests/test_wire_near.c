/* wire_near: which host a capture was taken at, by how long answers take. */
#include "test.h"

#include "wire.h"

/* What one capture shows of an exchange: end 0 sends, is answered, and answers. */
static void exchange(struct wire_answer a[2], int64_t answered_us, int64_t answers_us, bool syn)
{
	const uint8_t flag = syn ? PASSAGE_SYN : 0;
	int64_t ns = INT64_C(1700000000000000000);
	struct passage p = { .time_ns = ns, .seq = 0, .end = 1, .flags = flag };

	memset(a, 0, 2 * sizeof(*a));
	wire_answer(a, &p, 0);
	p.time_ns = ns += answered_us * 1000;
	p.has_ack = true;
	p.ack = 1;
	wire_answer(a, &p, 1);
	p.time_ns = ns + answers_us * 1000;
	p.flags = 0;
	p.seq = 1;
	p.end = 101;
	wire_answer(a, &p, 0);
}

/* SYN and SYN/ACK are the same two in both: the path between tells, however short. */
static void test_handshake(void **state)
{
	struct wire_answer near[2], far[2];

	(void)state;
	exchange(near, 375, 312, true);
	exchange(far, 255, 432, true);
	assert_int_equal(wire_nearness(near, far, false), 1);
	assert_int_equal(wire_nearness(far, near, false), -1);
	exchange(far, 365, 322, true);	/* stamps may be late by as much */
	assert_int_equal(wire_nearness(near, far, false), 0);
}

/* The quickest answers may be to other segments, and tell only by far. */
static void test_data(void **state)
{
	struct wire_answer near[2], far[2];

	(void)state;
	exchange(near, 375, 312, false);
	exchange(far, 255, 432, false);
	assert_int_equal(wire_nearness(near, far, false), 0);
	exchange(far, 155, 532, false);
	assert_int_equal(wire_nearness(near, far, false), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_data),
	};

	return cmocka_run_group_tests_name("wire_near", tests, NULL, NULL);
}
