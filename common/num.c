#include "num.h"

#include <string.h>

static const char pairs[201] =
	"0001020304050607080910111213141516171819"
	"2021222324252627282930313233343536373839"
	"4041424344454647484950515253545556575859"
	"6061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

/* The number of decimal digits of v. */
static unsigned digits_of(uint64_t v)
{
	unsigned n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* The low n decimal digits of v, with leading zeros. */
static void fixed(char *p, uint64_t v, unsigned n)
{
	char *q = p + n;

	for (; n >= 2; n -= 2, v /= 100)
		memcpy(q -= 2, pairs + 2 * (v % 100), 2);
	if (n)
		*--q = (char)('0' + v % 10);
}

char *num_u64(char *p, uint64_t v)
{
	unsigned n;

	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	n = digits_of(v);
	fixed(p, v, n);
	return p + n;
}

char *num_i64(char *p, int64_t v)
{
	if (v >= 0)
		return num_u64(p, (uint64_t)v);
	*p++ = '-';
	return num_u64(p, 0 - (uint64_t)v);
}

char *num_hex(char *p, uint64_t v, unsigned digits)
{
	*p++ = '0';
	*p++ = 'x';
	for (unsigned i = digits; i-- > 0; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
	return p + digits;
}

char *num_seconds(char *p, int64_t ns)
{
	uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		*p++ = '-';
	p = num_u64(p, v / 1000000000);
	*p++ = '.';
	fixed(p, v % 1000000000, 9);
	return p + 9;
}

bool num_parse_u64(const char *s, const char *e, uint64_t max, uint64_t *v)
{
	uint64_t n = 0;

	if (s == e)
		return false;
	for (; s < e; s++) {
		unsigned d = (unsigned)*s - '0';

		if (d > 9 || n > UINT64_MAX / 10 || n * 10 > UINT64_MAX - d)
			return false;
		n = n * 10 + d;
	}
	*v = n;
	return n <= max;
}

bool num_parse_i64(const char *s, const char *e, int64_t *v)
{
	uint64_t n;
	bool negative = s < e && *s == '-';

	if (!num_parse_u64(s + negative, e, (uint64_t)INT64_MAX + negative, &n))
		return false;
	*v = (int64_t)(negative ? 0 - n : n);
	return true;
}

int num_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool num_parse_hex(const char *s, const char *e, unsigned digits, uint64_t *v)
{
	uint64_t n = 0;

	if (e - s < 3 || e - s > 18 || s[0] != '0' || s[1] != 'x')
		return false;
	if (digits && e - s != (long)digits + 2)
		return false;
	for (s += 2; s < e; s++) {
		int d = num_hex_digit(*s);

		if (d < 0)
			return false;
		n = n << 4 | (unsigned)d;
	}
	*v = n;
	return true;
}

bool num_parse_seconds(const char *s, const char *e, int64_t *ns)
{
	bool negative = s < e && *s == '-';
	const char *dot;
	uint64_t whole, part = 0;

	s += negative;
	dot = memchr(s, '.', (size_t)(e - s));
	if (!num_parse_u64(s, dot ? dot : e, INT64_MAX / 1000000000 - 1, &whole))
		return false;
	if (dot) {
		if (e - dot > 10 || !num_parse_u64(dot + 1, e, 999999999, &part))
			return false;
		for (long n = e - dot; n < 10; n++)
			part *= 10;
	}
	*ns = (int64_t)(whole * 1000000000 + part);
	if (negative)
		*ns = -*ns;
	return true;
}
