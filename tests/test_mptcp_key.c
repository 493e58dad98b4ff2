/* mptcp_key: tokens, IDSNs and HMACs of real captures, and made ones. */
#include "test.h"

#include "mptcp_key.h"

static void digests(void **state)
{
	static const struct {
		unsigned version;
		uint64_t key;
		uint32_t token;
		uint64_t idsn;
	} t[] = {
		{ 0, 0xca2f07947b1bfd2b, 0x87f53114, 0x528b5d084e92c2fc },
		{ 0, 0xa78213619e4beafc, 0x2ff5f1f0, 0x488c0d28e589f0d3 },
		{ 0, 0xd8e9bdfad036fbf0, 0x0a8c8e8c, 0x83a45002a2fd3909 },
		{ 0, 0xd72afc372a0ad242, 0x303b9394, 0xdaa2dd62e240025a },
		{ 0, 0x0102030405060708, 0xdd5783bc, 0x3a95ed6e4ebb4ad5 },
		{ 0, 0x1112131415161718, 0x3383d918, 0x9e1ae42f702627a9 },
		{ 1, 0x1fdb5df328bc3def, 0x239fbdb0, 0xc8072fb90edab04d },
		{ 1, 0x29a6c86981ad933c, 0xa35d6d82, 0xa28e87fddd1d30f1 },
		{ 1, 0x0102030405060708, 0x66840dda, 0xf5a101d3d29d6f72 },
		{ 1, 0x1112131415161718, 0xccad45ac, 0x535beea38e087c8e },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct mptcp_digest d = mptcp_digest(t[i].version, t[i].key);

		assert_int_equal(d.token, t[i].token);
		assert_int_equal(d.idsn, t[i].idsn);
	}
	/* of these only one of the two numbers is known */
	assert_int_equal(mptcp_digest(0, 0x967d2770b6960552).token, 0xe47f0142);
	assert_int_equal(mptcp_digest(0, 0x0000000000113c69).idsn, 0x3120661affffffe2);
}

static void unhex(const char *s, uint8_t *b)
{
	for (; *s; s += 2)
		sscanf(s, "%2hhx", b++);
}

/* The initiator of a JOIN, the receiver, and what each of them sends. */
static void joins(void **state)
{
	static const struct {
		unsigned version;
		uint64_t key_i, key_r;
		uint32_t nonce_i, nonce_r;
		const char *synack, *ack;
	} t[] = {
		{ 0, 0xca2f07947b1bfd2b, 0xa78213619e4beafc, 0x96a3c294, 0x0f0cc049,
		  "84037deda67a454c45c34f38d38eefe06ff64e91",
		  "66e36626703eacb8f72ec5be13f8c4ef4f6d4dd8" },
		{ 0, 0x9c9eabd1e46a33b2, 0x967d2770b6960552, 0x1b665a18, 0x33abe9d5,
		  "5ab680c7884af03d", "cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a" },
		{ 0, 0x0102030405060708, 0x1112131415161718, 0xaabbccdd, 0x11223344,
		  "1628a8ed9003b9ac", "3078ffd36d649a00bf561db78fc17682317b5450" },
		{ 1, 0x0102030405060708, 0x1112131415161718, 0xaabbccdd, 0x11223344,
		  "72bea43c69c0c206", "c2986b9ffe33dedc10955fc5c9c31544e3ac05c0" },
		/* the server joins the client */
		{ 1, 0x1112131415161718, 0x0102030405060708, 0xaabbccdd, 0x11223344,
		  "1ad9c812e4e9247d", "9c5d2ed9203e23bc5a3333a6db84eb84993793d2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		uint8_t want[20] = { 0 }, got[20];

		unhex(t[i].synack, want);
		mptcp_join_hmac(t[i].version, t[i].key_r, t[i].key_i,
				t[i].nonce_r, t[i].nonce_i, got);
		assert_memory_equal(got, want, strlen(t[i].synack) / 2);
		unhex(t[i].ack, want);
		mptcp_join_hmac(t[i].version, t[i].key_i, t[i].key_r,
				t[i].nonce_i, t[i].nonce_r, got);
		assert_memory_equal(got, want, 20);
	}
}

/* The column conn_id has to stay the same from release to release. */
static void names(void **state)
{
	const uint64_t a = 0xca2f07947b1bfd2b, b = 0xa78213619e4beafc;

	(void)state;
	assert_int_equal(mptcp_name('k', a, b), 0x04bf9fdec820145f);
	assert_int_equal(mptcp_name('d', 1, UINT64_MAX), 0x0dec84499ccbebe5);
	assert_true(mptcp_name('k', a, b) != mptcp_name('k', b, a));
	assert_true(mptcp_name('k', a, b) != mptcp_name('i', a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(joins),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("mptcp_key", tests, NULL, NULL);
}
