/* num: printing against printf(), parsing at its limits, both against each other. */
#include "test.h"

#include <inttypes.h>

#include "num.h"

/* A printer's text, ended with a 0. */
#define TEXT(call) (*(call) = '\0', text)

static char text[64];

static void print_u64(void **state)
{
	uint64_t rng = 1, power = 1;
	char want[32];

	(void)state;
	for (int i = 0; i < 20; i++, power *= 10) {
		for (int d = -2; d <= 2; d++) {
			uint64_t v = power + (uint64_t)(int64_t)d;

			snprintf(want, sizeof(want), "%" PRIu64, v);
			assert_string_equal(TEXT(num_u64(text, v)), want);
		}
	}
	for (int i = 0; i < 100000; i++) {
		uint64_t v = random_any(&rng);

		snprintf(want, sizeof(want), "%" PRIu64, v);
		assert_string_equal(TEXT(num_u64(text, v)), want);
	}
	assert_string_equal(TEXT(num_u64(text, UINT64_MAX)), "18446744073709551615");
}

static void print_i64(void **state)
{
	static const int64_t v[] = { 0, 1, -1, 9, -9, 10, -10, INT64_MAX, INT64_MIN };
	char want[32];

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		snprintf(want, sizeof(want), "%" PRId64, v[i]);
		assert_string_equal(TEXT(num_i64(text, v[i])), want);
		assert_true(strlen(want) < NUM_MAX);
	}
}

static void print_dotted(void **state)
{
	static const uint8_t b[] = { 0, 9, 10, 255, 99, 100, 1 };

	(void)state;
	assert_string_equal(TEXT(num_dotted(text, b)), "0.9.10.255");
	assert_string_equal(TEXT(num_dotted(text, b + 3)), "255.99.100.1");
}

static void print_hex(void **state)
{
	(void)state;
	assert_string_equal(TEXT(num_hex(text, 0, 2)), "0x00");
	assert_string_equal(TEXT(num_hex(text, 0xabc, 4)), "0x0abc");
	assert_string_equal(TEXT(num_hex(text, UINT64_MAX, 8)), "0xffffffff");
	assert_string_equal(TEXT(num_hex(text, 0x9a0f, 1)), "0xf");
	assert_string_equal(TEXT(num_hex(text, UINT64_C(0x8a7b6c5d4), 9)), "0x8a7b6c5d4");
	assert_string_equal(TEXT(num_hex(text, UINT64_C(0x0123456789abcdef), 16)),
			    "0x0123456789abcdef");
}

static void seconds(void **state)
{
	static const struct { int64_t ns; const char *s; } t[] = {
		{ 0, "0.000000000" }, { 1, "0.000000001" },
		{ -1, "-0.000000001" }, { 999999999, "0.999999999" },
		{ 1000000000, "1.000000000" }, { -1500000000, "-1.500000000" },
		{ INT64_C(1700000000123456789), "1700000000.123456789" },
		{ INT64_MAX, "9223372036.854775807" },
		{ INT64_MIN + 1, "-9223372036.854775807" },
	};
	uint64_t rng = 2;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_string_equal(TEXT(num_seconds(text, t[i].ns)), t[i].s);
		assert_true(strlen(t[i].s) <= NUM_MAX);
		if (!num_parse_seconds(text, text + strlen(text), &ns) ||
		    ns != t[i].ns)
			fail_msg("%s is not read back", t[i].s);
	}
	assert_string_equal(TEXT(num_seconds(text, INT64_MIN)), "-9223372036.854775808");
	for (int i = 0; i < 100000; i++) {
		int64_t v = (int64_t)(random_any(&rng) >> 2);

		v = i & 1 ? -v : v;
		assert_true(num_parse_seconds(text, num_seconds(text, v), &ns));
		assert_true(ns == v);
	}
}

static bool parse_seconds(const char *s, int64_t *ns)
{
	return num_parse_seconds(s, s + strlen(s), ns);
}

static void seconds_malformed(void **state)
{
	static const char *const bad[] = {
		"", "-", ".", "1.", ".1", "-.1", "1.0000000000", "--1", "1.-1",
		"1e5", "1.2.3", " 1", "1 ", "+1", "9223372036.854775808",
		"9223372037", "-9223372037", "18446744073709551616", "1.1234567890",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (parse_seconds(bad[i], &ns))
			fail_msg("\"%s\" is no number of seconds", bad[i]);
	assert_true(parse_seconds("5", &ns) && ns == INT64_C(5000000000));
	assert_true(parse_seconds("5.5", &ns) && ns == INT64_C(5500000000));
	assert_true(parse_seconds("-0.25", &ns) && ns == -250000000);
}

/* part / whole in whole numbers, a half rounded up. */
static void print_ratio(void **state)
{
	static const struct { uint64_t part, whole; const char *s; } t[] = {
		{ 0, 1, "0.000000" }, { 1, 1, "1.000000" }, { 1, 3, "0.333333" },
		{ 2, 3, "0.666667" }, { 1, 2000000, "0.000001" },
		{ 1, 2000001, "0.000000" }, { 1999999, 2000000, "1.000000" },
		{ 7, 2, "3.500000" }, { UINT64_MAX, 1, "18446744073709551615.000000" },
		{ UINT64_MAX, UINT64_MAX, "1.000000" }, { 1, UINT64_MAX, "0.000000" },
		{ UINT64_MAX - 1, UINT64_MAX, "1.000000" },
		{ UINT64_MAX / 2, UINT64_MAX, "0.500000" },
		{ UINT64_MAX, UINT64_MAX / 2, "2.000000" },
	};
	uint64_t rng = 5;
	char want[64];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_string_equal(TEXT(num_ratio(text, t[i].part, t[i].whole)), t[i].s);
		assert_true(strlen(t[i].s) <= NUM_MAX);
	}
	for (int i = 0; i < 100000; i++) {
		uint64_t whole = random_any(&rng) >> 22 | 1, part = random_any(&rng);
		uint64_t rest = part % whole, n = (rest * 2000000 + whole) / (2 * whole);

		snprintf(want, sizeof(want), "%" PRIu64 ".%06" PRIu64,
			 part / whole + n / 1000000, n % 1000000);
		assert_string_equal(TEXT(num_ratio(text, part, whole)), want);
	}
}

#ifdef __SIZEOF_INT128__	/* what is expected needs it: not on 32-bit machines */
/* Of numbers of any size the last digit may be one off. */
static void print_ratio_any(void **state)
{
	uint64_t rng = 6;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t whole = random_any(&rng), part, n;
		const char *dot;
		int64_t off;

		whole += !whole;
		part = random_any(&rng) % whole;
		dot = strchr(TEXT(num_ratio(text, part, whole)), '.');
		assert_true(dot && strlen(dot) == 7);
		assert_true(num_parse_u64(dot + 1, dot + 7, 1000000, &n));
		n += *text == '1' ? 1000000 : 0;
		off = (int64_t)n - (int64_t)((unsigned __int128)part * 1000000 / whole);
		assert_true(off >= 0 && off <= 1);
	}
}
#endif

static void rate(void **state)
{
	uint64_t rng = 7;

	(void)state;
	assert_true(num_rate(0, 1) == 0);
	assert_true(num_rate(0, INT64_MAX) == 0);
	assert_true(num_rate(1, 1) == UINT64_C(8000000000));
	assert_true(num_rate(125, 1000000000) == 1000);
	assert_true(num_rate(1, INT64_C(16000000000)) == 1);	/* a half goes up */
	assert_true(num_rate(1, INT64_C(16000000001)) == 0);
	assert_true(num_rate(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(num_rate(UINT64_C(2305843010), 1) == UINT64_MAX);
	assert_true(num_rate(UINT64_MAX, INT64_MAX) == UINT64_C(16000000000));
	for (int i = 0; i < 100000; i++) {
		uint64_t bytes = random64(&rng) >> 47, ns = random_any(&rng) >> 20 | 1;

		assert_true(num_rate(bytes, (int64_t)ns) ==
			    (bytes * 16000000000 + ns) / (2 * ns));
	}
#ifdef __SIZEOF_INT128__
	for (int i = 0; i < 100000; i++) {
		uint64_t bytes = random_any(&rng), ns = random_any(&rng) >> 1 | 1;
		unsigned __int128 want = (unsigned __int128)bytes * 8000000000 / ns;
		uint64_t got = num_rate(bytes, (int64_t)ns), most = UINT64_C(18000000000000000000);
		unsigned __int128 off = got > want ? got - want : want - got;

		if (want < most)	/* to the 15 digits of a double */
			assert_true(off <= 1 + (want >> 50));
		else
			assert_true(got >= most - (most >> 50));
	}
#endif
}

static bool parse_u64(const char *s, uint64_t max, uint64_t *v)
{
	return num_parse_u64(s, s + strlen(s), max, v);
}

static void parse_limits(void **state)
{
	uint64_t v;
	int64_t i;

	(void)state;
	assert_true(parse_u64("18446744073709551615", UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_false(parse_u64("18446744073709551616", UINT64_MAX, &v));
	assert_false(parse_u64("18446744073709551620", UINT64_MAX, &v));
	assert_false(parse_u64("99999999999999999999", UINT64_MAX, &v));
	assert_true(parse_u64("255", 255, &v) && v == 255);
	assert_false(parse_u64("256", 255, &v));
	assert_true(parse_u64("007", 7, &v) && v == 7);
	assert_true(num_cell_i64(text, num_i64(text, INT64_MIN), &i));
	assert_true(i == INT64_MIN);
	assert_true(num_cell_i64(text, num_i64(text, INT64_MAX), &i));
	assert_true(i == INT64_MAX);
	strcpy(text, "9223372036854775808");
	assert_false(num_cell_i64(text, text + 19, &i));
	strcpy(text, "-9223372036854775809");
	assert_false(num_cell_i64(text, text + 20, &i));
	strcpy(text, "-");
	assert_false(num_cell_i64(text, text + 1, &i));
	strcpy(text, "--1");
	assert_false(num_cell_i64(text, text + 3, &i));
}

static void parse_malformed(void **state)
{
	static const char *const bad[] = {
		"", "+1", "-1", " 1", "1 ", "1a", "a", "0x1", "1.0", "1,2", "1_0",
	};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (parse_u64(bad[i], UINT64_MAX, &v))
			fail_msg("\"%s\" is no decimal number", bad[i]);
}

/* A cell amid other text, read in both ways. */
static void same_as_cell(const char *digits, size_t n, const char *around)
{
	char *p = malloc(n + NUM_SLACK);
	uint64_t plain = 0, cell = 0;
	bool is;

	memcpy(p, digits, n);
	memcpy(p + n, around, NUM_SLACK);
	is = num_parse_u64(p, p + n, UINT64_MAX, &plain);
	if (num_cell_u64(p, p + n, &cell) != is || (is && plain != cell))
		fail_msg("\"%.*s\" before \"%.*s\"", (int)n, digits, NUM_SLACK, around);
	free(p);
}

static void cell_any_number(void **state)
{
	uint64_t rng = 3;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char digits[26], around[NUM_SLACK];
		size_t n = random_below(&rng, 26);

		for (size_t k = 0; k < n; k++)
			digits[k] = (char)('0' + random_below(&rng, 10));
		for (size_t k = 0; k < NUM_SLACK; k++)
			around[k] = (char)random64(&rng);
		same_as_cell(digits, n, around);
	}
}

/* Every byte that is no digit is found, wherever it stands. */
static void cell_any_byte(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 21; n++) {
		for (size_t at = 0; at < n; at++) {
			for (int c = 0; c < 256; c++) {
				char digits[22] = "111111111111111111111";

				digits[at] = (char)c;
				same_as_cell(digits, n, "\t7777777");
			}
		}
	}
}

static bool parse_hex(const char *s, unsigned digits, uint64_t *v)
{
	return num_parse_hex(s, s + strlen(s), digits, v);
}

static void hex(void **state)
{
	static const char *const bad[] = {
		"", "0", "0x", "0X1", "x1", "00x1", "0xg", "0x1g", "0x-1", "0x 1",
		"1x1", "0x1 ", "0x11111111111111111", "ff",
	};
	uint64_t rng = 4, v;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (parse_hex(bad[i], 0, &v))
			fail_msg("\"%s\" is no hexadecimal number", bad[i]);
	assert_true(parse_hex("0xffffffffffffffff", 0, &v) && v == UINT64_MAX);
	assert_true(parse_hex("0xAbCd", 4, &v) && v == 0xabcd);
	assert_false(parse_hex("0xabcd", 3, &v));
	assert_false(parse_hex("0xabcd", 5, &v));
	for (int i = 0; i < 20000; i++) {
		uint64_t want = random_any(&rng);

		assert_true(num_parse_hex(text, num_hex(text, want, 16), 16, &v));
		assert_true(v == want);
	}
}

static void hex_digit(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		const char *all = "0123456789abcdef", *upper = "0123456789ABCDEF";
		const char *at = c ? strchr(all, c) : NULL;
		int want = at ? (int)(at - all) : -1;

		if (want < 0 && c && (at = strchr(upper, c)))
			want = (int)(at - upper);
		assert_int_equal(num_hex_digit((char)c), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_u64),
		cmocka_unit_test(print_i64),
		cmocka_unit_test(print_dotted),
		cmocka_unit_test(print_hex),
		cmocka_unit_test(seconds),
		cmocka_unit_test(seconds_malformed),
		cmocka_unit_test(print_ratio),
#ifdef __SIZEOF_INT128__
		cmocka_unit_test(print_ratio_any),
#endif
		cmocka_unit_test(rate),
		cmocka_unit_test(parse_limits),
		cmocka_unit_test(parse_malformed),
		cmocka_unit_test(cell_any_number),
		cmocka_unit_test(cell_any_byte),
		cmocka_unit_test(hex),
		cmocka_unit_test(hex_digit),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
