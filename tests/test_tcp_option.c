/* tcp_option: walking an option area that someone else wrote. */
#include "test.h"

#include "tcp_option.h"

enum { AREA_MAX = 40 };

static unsigned unhex(const char *s, uint8_t *b)
{
	unsigned n = 0;

	for (; *s; s += *s == ' ')
		sscanf(s, "%2hhx", &b[n++]), s += 2;
	return n;
}

/* Decode from memory that ends where what was captured does. */
static void decode(const uint8_t *b, unsigned len, unsigned avail,
		   struct tcp_options *o)
{
	uint8_t *copy = malloc(avail ? avail : 1);

	memcpy(copy, b, avail);
	memset(o, 0xa5, sizeof(*o));
	tcp_options_decode(copy, len, avail, o);
	free(copy);
}

static struct tcp_options options_of(const char *hex)
{
	uint8_t b[AREA_MAX];
	struct tcp_options o;
	unsigned len = unhex(hex, b);

	decode(b, len, len, &o);
	return o;
}

static void syn(void **state)
{
	struct tcp_options o = options_of("020405b4 0402 080a0001e24000000007"
					  "01 030308 1e040181");

	(void)state;
	assert_int_equal(o.has, HAS_MSS | HAS_WSCALE | HAS_TS);
	assert_int_equal(o.errors, 0);
	assert_int_equal(o.mss, 1460);
	assert_int_equal(o.wscale, 8);
	assert_int_equal(o.tsval, 123456);
	assert_int_equal(o.tsecr, 7);
	assert_int_equal(o.sacks, 0);
	assert_int_equal(o.mptcps, 1);
	assert_int_equal(o.mptcp_has, HAS_VERSION | HAS_MP_FLAGS);
}

static void sack(void **state)
{
	static const char *const bad[] = {
		"0502", "050300", "050900000000000000", "050b000000010000000200",
		"051100000001000000020000000300000004",
	};
	struct tcp_options o = options_of("0101 0522 00000001 00000002"
		"00000003 00000004 fffffff0 00000010 00000007 00000008");

	(void)state;
	assert_int_equal(o.sacks, 4);
	assert_int_equal(o.sack[0].left, 1);
	assert_int_equal(o.sack[0].right, 2);
	assert_int_equal(o.sack[2].left, 0xfffffff0);
	assert_int_equal(o.sack[3].right, 8);
	assert_int_equal(o.errors, 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		o = options_of(bad[i]);
		assert_int_equal(o.sacks, 0);
		assert_int_equal(o.errors, OPTION_BAD_LENGTH);
	}
}

/* A length that can't be ends the walk; what came before stays. */
static void bad_lengths(void **state)
{
	static const char *const bad[] = {
		"1e00 02040578", "1e01 02040578",	/* shorter than itself */
		"fd00 02040578", "fd01 02040578",	/* of any kind */
		"1e0c 2001", "020a 05b4",		/* longer than the area */
		"1e", "02", "01011e",			/* no length at all */
	};
	char hex[80];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct tcp_options o;

		snprintf(hex, sizeof(hex), "030307 %s", bad[i]);
		o = options_of(hex);
		assert_int_equal(o.errors, OPTION_BAD_LENGTH);
		assert_int_equal(o.has, HAS_WSCALE);
		assert_int_equal(o.mptcps, 0);
	}
}

/* A length that its kind can't have is said, and the walk goes on. */
static void wrong_lengths(void **state)
{
	static const char *const wrong[] = {
		"020305", "020505b400", "0302", "03040700", "080900010203040506",
		"080b000102030405060708", "1e02", "1e0351 1e051000ff",
	};
	char hex[80];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct tcp_options o;

		snprintf(hex, sizeof(hex), "%s fe04aabb 1e045009", wrong[i]);
		o = options_of(hex);
		assert_int_equal(o.errors, OPTION_BAD_LENGTH);
		assert_int_equal(o.has, 0);
		assert_true(o.mptcp_has & HAS_ADDR_ID);
	}
}

/* Behind the end of the list there is padding, whatever it holds. */
static void end_of_list(void **state)
{
	struct tcp_options o = options_of("030307 00 02040578 1e00");

	(void)state;
	assert_int_equal(o.has, HAS_WSCALE);
	assert_int_equal(o.errors, 0);
	o = options_of("00ffffff");
	assert_int_equal(o.has | o.errors | o.mptcps, 0);
	o = options_of("");
	assert_int_equal(o.has | o.errors | o.mptcps, 0);
	o = options_of("01010101");
	assert_int_equal(o.has | o.errors | o.mptcps, 0);
}

/* All that 40 bytes can hold: 13 options of 3 bytes. */
static void most(void **state)
{
	uint8_t b[AREA_MAX];
	struct tcp_options o;

	(void)state;
	for (unsigned i = 0; i < 39; i += 3) {
		b[i] = 30;
		b[i + 1] = 3;
		b[i + 2] = (uint8_t)(9 << 4 | i / 3);
	}
	b[39] = 1;
	decode(b, AREA_MAX, AREA_MAX, &o);
	assert_int_equal(o.mptcps, MPTCP_OPTIONS_MAX);
	assert_int_equal(o.errors, 0);
	for (unsigned i = 0; i < o.mptcps; i++)
		assert_int_equal(o.mptcp[i].subtype, 9);
}

static void several(void **state)
{
	struct tcp_options o = options_of("1e08 2001 01020304 1e0351 1e0830010a000202"
					  "1e0350");
	const struct mptcp_option *p;

	(void)state;
	assert_int_equal(o.mptcps, 4);
	assert_int_equal(o.errors, OPTION_BAD_LENGTH);	/* ADD_ADDR without HMAC */
	p = tcp_options_find(&o, MP_PRIO);
	assert_ptr_equal(p, &o.mptcp[1]);
	assert_int_equal(p->backup, 1);
	assert_int_equal(o.mptcp[3].backup, 0);
	assert_null(tcp_options_find(&o, MP_FAIL));
}

/*
 * Cut behind each byte by the snapshot length: said as such, never as a bad
 * length; whole fields before the cut are there.
 */
static void cut(void **state)
{
	uint8_t b[AREA_MAX];
	unsigned len = unhex("020405b4 01 030308 080a0001e24000000007"
			     "1e0c 1107 2ff5f1f0 96a3c294 0000", b);
	struct tcp_options o;

	(void)state;
	for (unsigned avail = 0; avail <= len; avail++) {
		unsigned join = 0;

		decode(b, len, avail, &o);
		/* the end of the list is at 30 */
		assert_int_equal(o.errors, avail <= 30 ? OPTION_CUT : 0);
		assert_int_equal(o.has, (avail >= 4 ? HAS_MSS : 0) |
				 (avail >= 8 ? HAS_WSCALE : 0) |
				 (avail >= 18 ? HAS_TS : 0));
		assert_int_equal(o.mptcps, avail >= 21);
		join |= avail >= 21 ? HAS_BACKUP : 0;
		join |= avail >= 22 ? HAS_ADDR_ID : 0;
		join |= avail >= 26 ? HAS_TOKEN : 0;
		join |= avail >= 30 ? HAS_NONCE : 0;
		assert_int_equal(o.mptcp_has, join);
	}
}

static void anything(void **state)
{
	uint64_t rng = 1;
	struct tcp_options o;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		static const uint8_t kind[] = { 1, 2, 3, 5, 8, 30, 30, 30 };
		uint8_t b[AREA_MAX];
		unsigned len = 4 * random_below(&rng, 11);
		unsigned avail = random_below(&rng, len + 1);

		for (unsigned k = 0; k < len; k++)
			b[k] = (uint8_t)random64(&rng);
		for (unsigned k = 0; k + 1 < len; k += b[k + 1]) {
			b[k] = kind[random_below(&rng, COUNT(kind))];
			b[k + 1] = (uint8_t)(2 + random_below(&rng, 24));
		}
		decode(b, len, avail, &o);
		assert_true(o.sacks <= SACK_MAX && o.mptcps <= MPTCP_OPTIONS_MAX);
		if (avail == len)
			assert_false(o.errors & OPTION_CUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn),
		cmocka_unit_test(sack),
		cmocka_unit_test(bad_lengths),
		cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(end_of_list),
		cmocka_unit_test(most),
		cmocka_unit_test(several),
		cmocka_unit_test(cut),
		cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests_name("tcp_option", tests, NULL, NULL);
}
