/* seq: 32-bit numbers next to the 64-bit ones they came from. */
#include "test.h"

#include "seq.h"

static void unwrap_near(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t ref = random_any(&rng);
		int32_t ahead = (int32_t)(uint32_t)random_any(&rng);
		uint64_t want = ref + (uint64_t)(int64_t)ahead;

		assert_true(seq_unwrap(ref, (uint32_t)want) == want);
		assert_int_equal(seq_ahead((uint32_t)ref, (uint32_t)want), ahead);
	}
}

/* The DSN behind a key whose 30th byte of data crosses 2^32. */
static void unwrap_dsn(void **state)
{
	const uint64_t idsn = UINT64_C(0x3120661affffffe2);

	(void)state;
	for (uint64_t at = idsn, i = 0; i < 100000; i++, at += 12345)
		assert_true(seq_unwrap(at, (uint32_t)(at + 30)) == at + 30);
	assert_true(seq_unwrap(idsn + 1, 5) == UINT64_C(0x3120661b00000005));
	assert_true(seq_unwrap(UINT64_C(0x3120661b00000005), 0xffffffe3) == idsn + 1);
}

static void ahead_wraps(void **state)
{
	(void)state;
	assert_int_equal(seq_ahead(0xffffffff, 0), 1);
	assert_int_equal(seq_ahead(0, 0xffffffff), -1);
	assert_int_equal(seq_ahead(5, 5), 0);
	assert_int_equal(seq_ahead(0, 0x7fffffff), INT32_MAX);
	assert_int_equal(seq_ahead(0, 0x80000000), INT32_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unwrap_near),
		cmocka_unit_test(unwrap_dsn),
		cmocka_unit_test(ahead_wraps),
	};

	return cmocka_run_group_tests_name("seq", tests, NULL, NULL);
}
