/* addr: the text of addresses, by RFC 5952 and against inet_ntop(). */
#include "test.h"

#include <arpa/inet.h>

#include "addr.h"

static const char *text_of(const struct addr *a)
{
	static char text[ADDR_TEXT_MAX + 1];

	*addr_print(text, a) = '\0';
	return text;
}

static bool parse(const char *s, struct addr *a)
{
	/* no 0 behind it, and something that might go on */
	char *copy = malloc(strlen(s) + 1);
	bool is;

	memcpy(copy, s, strlen(s));
	copy[strlen(s)] = '1';
	is = addr_parse(copy, copy + strlen(s), a);
	free(copy);
	return is;
}

static void rfc5952(void **state)
{
	static const struct { const char *in, *out; } t[] = {
		/* 4.1 leading zeros, 4.2 as short as can be, 4.3 lower case */
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:DB8:AAAA::ABCD", "2001:db8:aaaa::abcd" },
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1:0:0:0:0:0:0:0", "1::" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
		{ "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "fe80::0:1", "fe80::1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		/* IPv4 in its own way */
		{ "10.0.1.2", "10.0.1.2" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::ffff:192.0.2.33", "192.0.2.33" },
		{ "::ffff:c000:221", "192.0.2.33" },
	};
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		if (!parse(t[i].in, &a))
			fail_msg("%s is an address", t[i].in);
		assert_string_equal(text_of(&a), t[i].out);
	}
}

static void malformed(void **state)
{
	static const char *const bad[] = {
		"", ".", ":", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5",
		".1.2.3", "1..2.3", "256.1.1.1", "1.2.3.999", "1.2.3.4 ",
		" 1.2.3.4", "1.2.3.-4", "1.2.3.a", "1,2,3,4", ":::", "1::2::3",
		"12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8", "::1%eth0", "::1/64", "[::1]",
		"99999999999999999999.1.1.1",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
	};
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (parse(bad[i], &a))
			fail_msg("\"%s\" is no address", bad[i]);
}

static void any_v4(void **state)
{
	uint64_t rng = 1;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char want[INET_ADDRSTRLEN];
		uint64_t v = random64(&rng);
		uint8_t b[4];
		struct addr a, back;

		memcpy(b, &v, 4);
		a = addr_v4(b);
		assert_true(addr_is_v4(&a));
		inet_ntop(AF_INET, b, want, sizeof(want));
		assert_string_equal(text_of(&a), want);
		assert_true(parse(want, &back));
		assert_int_equal(addr_cmp(&a, &back), 0);
	}
}

static void any_v6(void **state)
{
	uint64_t rng = 2;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		char want[INET6_ADDRSTRLEN];
		unsigned zeros = random_below(&rng, 256);
		uint8_t b[16];
		struct addr a, back;

		for (int k = 0; k < 16; k++)
			b[k] = zeros >> k / 2 & 1 ? 0 : (uint8_t)random64(&rng);
		b[0] |= 0x20;	/* not what inet_ntop() ends in IPv4 */
		a = addr_v6(b);
		assert_false(addr_is_v4(&a));
		inet_ntop(AF_INET6, b, want, sizeof(want));
		assert_string_equal(text_of(&a), want);
		assert_true(parse(want, &back));
		assert_int_equal(addr_cmp(&a, &back), 0);
	}
}

static void order(void **state)
{
	struct addr a, b;

	(void)state;
	assert_true(parse("10.0.0.2", &a) && parse("10.0.0.10", &b));
	assert_true(addr_cmp(&a, &b) < 0);
	assert_true(addr_cmp(&b, &a) > 0);
	assert_int_equal(addr_cmp(&a, &a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5952),
		cmocka_unit_test(malformed),
		cmocka_unit_test(any_v4),
		cmocka_unit_test(any_v6),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
