/* sketch: the smallest hashes are kept, with the places of their first marks. */
#include "test.h"

#include "sketch.h"

static int by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* The sketch has the smallest of these hashes, each once, in order. */
static void check(const struct sketch *k, const uint64_t *hash, size_t n)
{
	uint64_t sorted[4096];
	size_t m = 0;

	memcpy(sorted, hash, n * sizeof(*hash));
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (size_t i = 0; i < n; i++)
		if (!m || sorted[m - 1] != sorted[i])
			sorted[m++] = sorted[i];
	assert_int_equal(k->n, m < SKETCH_MAX ? m : SKETCH_MAX);
	for (size_t i = 0; i < k->n; i++)
		assert_true(k->mark[i].hash == sorted[i]);
}

static void test_smallest(void **state)
{
	uint64_t seed = 1, hash[4096];

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		struct sketch k = { 0 };
		size_t n = 1 + random_below(&seed, COUNT(hash) / (1 + round % 5 * 40));

		for (size_t i = 0; i < n; i++) {
			uint32_t v = random_below(&seed, (unsigned)n);
			struct mark m = { .hash = sketch_hash(v, 0), .seq = v };

			hash[i] = m.hash;
			sketch_add(&k, &m);
		}
		check(&k, hash, n);
		sketch_free(&k);
	}
}

static void test_hash(void **state)
{
	uint64_t hash[4096];

	(void)state;
	for (uint32_t i = 0; i < COUNT(hash); i++)
		hash[i] = sketch_hash(i / 64, i % 64);
	qsort(hash, COUNT(hash), sizeof(*hash), by_value);
	for (size_t i = 1; i < COUNT(hash); i++)
		assert_true(hash[i - 1] < hash[i]);
	assert_true(sketch_hash(1, 2) != sketch_hash(2, 1));
}

/* The first place stays; nowhere is no place. */
static void test_place(void **state)
{
	struct sketch k = { 0 };
	struct mark m = { .hash = 7, .seq = MARK_NOWHERE, .ack = 1 };

	(void)state;
	assert_true(sketch_add(&k, &m));
	assert_false(sketch_add(&k, &m));
	sketch_shift(&k, 5, 10);
	assert_true(k.mark[0].seq == MARK_NOWHERE && k.mark[0].ack == 11);
	m = (struct mark){ .hash = 7, .seq = 100, .ack = 2 };
	assert_true(sketch_add(&k, &m));
	m.seq = 200;
	assert_false(sketch_add(&k, &m));
	assert_int_equal(k.n, 1);
	assert_true(k.mark[0].seq == 100 && k.mark[0].ack == 2);
	sketch_shift(&k, -30, 4);
	assert_true(k.mark[0].seq == 70 && k.mark[0].ack == 6);
	sketch_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smallest), cmocka_unit_test(test_hash),
		cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests_name("sketch", tests, NULL, NULL);
}
