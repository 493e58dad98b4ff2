/* checksum: mappings checked from the sums of segments, however those are cut. */
#include "test.h"

#include "checksum.h"
#include "sum.h"

enum { BYTES = 6000, MAPS = 24 };

/* What was judged, and a stream of random bytes with its mappings. */
struct test {
	uint8_t data[BYTES];	/* from rel_seq 1 on */
	struct checksum_map map[MAPS];
	unsigned maps, right, wrong;
	uint64_t random;
	struct checksum checksum;
};

static const struct moment at = { 1, 1, 1 };

static void judged(void *arg, const struct checksum_map *m)
{
	struct test *t = arg;

	t->right += m->verdict == VERDICT_OK;
	t->wrong += m->verdict == VERDICT_BAD;
}

/* The checksum as RFC 8684 3.3.1 has it, byte for byte. */
static uint16_t made(const struct test *t, const struct checksum_map *m)
{
	uint8_t bytes[16 + BYTES + 1] = { 0 };
	size_t n = 16 + (size_t)(m->bytes.to - m->bytes.from);
	uint32_t sum = 0;

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(m->dsn >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		bytes[8 + i] = (uint8_t)(m->ssn >> (24 - 8 * i));
	bytes[12] = (uint8_t)(m->len >> 8);
	bytes[13] = (uint8_t)m->len;
	memcpy(bytes + 16, t->data + m->bytes.from - 1, n - 16);
	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Mappings of any length one behind the other, over all of the data. */
static struct test *prepare(uint64_t seed)
{
	struct test *t = calloc(1, sizeof(*t));
	int64_t from = 1;

	t->random = seed;
	for (size_t i = 0; i < BYTES; i++)
		t->data[i] = (uint8_t)random64(&t->random);
	while (from <= BYTES && t->maps < MAPS) {
		struct checksum_map *m = &t->map[t->maps++];
		int64_t len = 1 + (int64_t)(random64(&t->random) % 600);

		if (from + len > BYTES + 1 || t->maps == MAPS)
			len = BYTES + 1 - from;
		*m = (struct checksum_map){ .bytes = { from, from + len },
			.dsn = random64(&t->random), .ssn = (uint32_t)from,
			.len = (uint16_t)len };
		m->csum = made(t, m);
		from += len;
	}
	return t;
}

static void send_map(struct test *t, unsigned i)
{
	checksum_map(&t->checksum, &t->map[i], &at, judged, t);
}

static void send_bytes(struct test *t, int64_t from, int64_t to)
{
	uint16_t sum = sum_bytes(t->data + from - 1, (size_t)(to - from));

	checksum_payload(&t->checksum, from, to, sum, &at, judged, t);
}

static void finish(struct test *t)
{
	checksum_settle(&t->checksum, judged, t);
	checksum_free(&t->checksum);
	free(t);
}

/* Where the next segment ends: anywhere, but at the end of each third mapping. */
static int64_t next_cut(struct test *t, int64_t from)
{
	int64_t to = from + 1 + (int64_t)(random64(&t->random) % 300);

	for (unsigned i = 2; i < t->maps; i += 3)
		if (from < t->map[i].bytes.to && to > t->map[i].bytes.to)
			to = t->map[i].bytes.to;
	return to > BYTES + 1 ? BYTES + 1 : to;
}

/* Segments of any size, in any order, some twice and cut otherwise. */
static void send_all(struct test *t)
{
	int64_t cut[BYTES + 2] = { 1 };
	unsigned cuts = 0, order[BYTES];

	for (; cut[cuts] <= BYTES; cuts++)
		cut[cuts + 1] = next_cut(t, cut[cuts]);
	for (unsigned i = 0; i < cuts; i++)
		order[i] = i;
	for (unsigned i = cuts; i > 1; i--) {
		unsigned j = (unsigned)(random64(&t->random) % i), v = order[i - 1];

		order[i - 1] = order[j];
		order[j] = v;
	}
	for (unsigned i = 0; i < cuts; i++) {
		send_bytes(t, cut[order[i]], cut[order[i] + 1]);
		if (random64(&t->random) % 4 == 0) {
			int64_t from = 1 + (int64_t)(random64(&t->random) % (BYTES - 200));

			send_bytes(t, from, from + 1 + (int64_t)(random64(&t->random) % 200));
		}
	}
}

/* All that is right is found right: every mapping, since all its bytes came. */
static void any_cuts(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct test *t = prepare(seed);
		bool before = seed % 2;

		for (unsigned i = 0; before && i < t->maps; i++)
			send_map(t, i);
		send_all(t);
		for (unsigned i = t->maps; !before && i-- > 0; )
			send_map(t, i);
		assert_int_equal(t->wrong, 0);
		assert_int_equal(t->right, t->maps);
		finish(t);
	}
}

/* One changed byte: its mapping is wrong, or one beside it where no segment ends between. */
static void one_changed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct test *t = prepare(seed);
		uint8_t *byte = &t->data[random64(&t->random) % BYTES];

		*byte ^= (uint8_t)(1u << random64(&t->random) % 8);
		for (unsigned i = 0; i < t->maps; i++)
			send_map(t, i);
		for (unsigned i = 0; i < t->maps; i++)
			send_bytes(t, t->map[i].bytes.from, t->map[i].bytes.to);
		checksum_ack(&t->checksum, BYTES + 1, judged, t);
		assert_int_equal(t->wrong, 1);
		assert_int_equal(t->right, t->maps - 1);
		finish(t);
	}
}

/* A wrong copy before the right one is no harm until it is acknowledged. */
static void sent_again(void **state)
{
	struct test *t = prepare(7);

	(void)state;
	send_map(t, 0);
	t->data[0] ^= 1;
	send_bytes(t, 1, t->map[0].bytes.to);
	assert_int_equal(t->right + t->wrong, 0);
	t->data[0] ^= 1;
	send_bytes(t, 1, t->map[0].bytes.to);
	assert_int_equal(t->right, 1);
	checksum_ack(&t->checksum, BYTES, judged, t);
	assert_int_equal(t->wrong, 0);
	finish(t);
}

static void swapped(void **state)
{
	struct test *t = prepare(9);
	bool is = false;

	(void)state;
	t->map[0].csum = sum_swap(t->map[0].csum);
	assert_int_equal(checksum_verify(&t->map[0], sum_bytes(t->data, t->map[0].len), &is),
			 VERDICT_BAD);
	assert_true(is);
	finish(t);
}

/* However long it goes on without an ACK, memory is bounded. */
static void no_ack(void **state)
{
	struct test *t = prepare(11);

	(void)state;
	for (int64_t i = 0; i < 200000; i++) {
		struct checksum_map m = { .bytes = { 1 + 10 * i, 11 + 10 * i }, .len = 10 };

		checksum_map(&t->checksum, &m, &at, judged, t);
		checksum_payload(&t->checksum, m.bytes.from, m.bytes.to, 1, &at, judged, t);
	}
	assert_true(t->checksum.cap <= 20000 && t->checksum.maps_cap <= 10000);
	assert_true(t->wrong > 190000);
	assert_true(checksum_weight(&t->checksum) < BUDGET_FULL);
	finish(t);
}

/*
 * So many mappings in flight, each with its payload in two segments; of the first one
 * the second half is missing, if `lacks`. Returns whether some are said to be forgotten.
 */
static bool is_full(unsigned n, bool lacks)
{
	struct test *t = prepare(15);
	bool full;

	checksum_ack(&t->checksum, 2, judged, t);
	for (unsigned i = 0; i < n; i++) {
		int64_t from = 2 + 10 * (int64_t)i;
		struct checksum_map m = { .bytes = { from, from + 10 }, .len = 10, .csum = 0xfff5 };

		checksum_map(&t->checksum, &m, &at, judged, t);
		checksum_payload(&t->checksum, from, from + 4, 0, &at, judged, t);
		if (i || !lacks)
			checksum_payload(&t->checksum, from + 4, from + 10, 0, &at, judged, t);
	}
	full = checksum_weight(&t->checksum) >= BUDGET_FULL;
	assert_int_equal(t->right, n - lacks);
	finish(t);
	return full;
}

/* What is given up is said only where it was not judged. */
static void too_many(void **state)
{
	(void)state;
	assert_false(is_full(4000, true));
	assert_false(is_full(5000, false));
	assert_true(is_full(5000, true));
}

/* The sum of bytes against the sum of its parts, at even and odd places. */
static void sums(void **state)
{
	struct test *t = prepare(13);

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		size_t n = random64(&t->random) % 600, m = n ? random64(&t->random) % n : 0;
		uint16_t all = sum_bytes(t->data, n), a = sum_bytes(t->data, m);
		uint16_t b = sum_bytes(t->data + m, n - m);

		assert_true(sum_same(all, sum_plus(a, m & 1 ? sum_swap(b) : b)));
		assert_true(sum_same(a, sum_minus(all, m & 1 ? sum_swap(b) : b)));
	}
	finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cuts), cmocka_unit_test(one_changed),
		cmocka_unit_test(sent_again), cmocka_unit_test(swapped),
		cmocka_unit_test(no_ack), cmocka_unit_test(sums),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
