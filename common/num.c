#include "num.h"

#include <string.h>


#define NONE16 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1
#define LETTERS -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1

/* What a character is worth as a hexadecimal digit; negative: it is none. */
static const int8_t hex_value[256] = {
	NONE16, NONE16, NONE16,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
	LETTERS, NONE16, LETTERS, NONE16,
	NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16
};

enum { NINE = 1000000000 };	/* what so many digits count to */

#define DIGITS(h, t, o) '0' + h, '0' + t, '0' + o, h ? 0 : t ? 1 : 2
#define TEN(h, t) DIGITS(h, t, 0), DIGITS(h, t, 1), DIGITS(h, t, 2), DIGITS(h, t, 3), \
	DIGITS(h, t, 4), DIGITS(h, t, 5), DIGITS(h, t, 6), DIGITS(h, t, 7), \
	DIGITS(h, t, 8), DIGITS(h, t, 9)
#define HUNDRED(h) TEN(h, 0), TEN(h, 1), TEN(h, 2), TEN(h, 3), TEN(h, 4), \
	TEN(h, 5), TEN(h, 6), TEN(h, 7), TEN(h, 8), TEN(h, 9)

/* Each number of three digits, and behind it how many are leading zeros. */
static const char three_digits[4 * 1000] = {
	HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
	HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)
};

/* Three digits; uses a fourth byte. */
static inline char *put_three(char *p, uint32_t v)
{
	memcpy(p, three_digits + 4 * v, 4);
	return p + 3;
}

/* The same without leading zeros. */
static inline char *put_first(char *p, uint32_t v)
{
	const char *digits = three_digits + 4 * v;

	memcpy(p, digits + digits[3], 4);
	return p + 3 - digits[3];
}

static inline char *put_six(char *p, uint32_t v)
{
	return put_three(put_three(p, v / 1000), v % 1000);
}

static inline char *put_nine(char *p, uint32_t v)
{
	return put_six(put_three(p, v / 1000000), v % 1000000);
}
/* Any number below 10^9. */
static inline char *put_small(char *p, uint32_t v)
{
	if (v < 1000)
		return put_first(p, v);
	if (v < 1000000)
		return put_three(put_first(p, v / 1000), v % 1000);
	return put_six(put_first(p, v / 1000000), v % 1000000);
}

char *num_u64(char *p, uint64_t v)
{
	uint64_t high;

	if (v < NINE)
		return put_small(p, (uint32_t)v);
	high = v / NINE;
	if (high < NINE)
		p = put_small(p, (uint32_t)high);
	else
		p = put_nine(put_first(p, (uint32_t)(high / NINE)), (uint32_t)(high % NINE));
	return put_nine(p, (uint32_t)(v % NINE));
}

char *num_dotted(char *p, const uint8_t *b)
{
	for (int i = 0; i < 4; i++) {
		p = put_first(p, b[i]);
		*p++ = '.';
	}
	return p - 1;
}

char *num_i64(char *p, int64_t v)
{
	if (v >= 0)
		return num_u64(p, (uint64_t)v);
	*p++ = '-';
	return num_u64(p, 0 - (uint64_t)v);
}

/* Eight hexadecimal digits: bytes, then halves of bytes, apart, and then all at once. */
static inline void put_hex(char *p, uint32_t v)
{
	uint64_t x = v >> 16 | (uint64_t)(v & 0xffff) << 32;

	x = (x >> 8 | x << 16) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x >> 4 | x << 8) & EACH_BYTE(0x0f);
	put_le64(p, x + EACH_BYTE('0') + ((x + EACH_BYTE(6)) >> 4 & EACH_BYTE(1)) * ('a' - '0' - 10));
}

char *num_hex(char *p, uint64_t v, unsigned digits)
{
	*p++ = '0';
	*p++ = 'x';
	v <<= 4 * (16 - digits);
	put_hex(p, (uint32_t)(v >> 32));
	if (digits > 8)
		put_hex(p + 8, (uint32_t)v);
	return p + digits;
}

char *num_seconds(char *p, int64_t ns)
{
	uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		*p++ = '-';
	p = num_u64(p, v / NINE);
	*p++ = '.';
	return put_nine(p, (uint32_t)(v % NINE));
}

char *num_ratio(char *p, uint64_t part, uint64_t whole)
{
	uint64_t rest = part % whole, millionths;

	part /= whole;
	while (whole > UINT64_MAX / 4000000) {
		whole >>= 1;
		rest >>= 1;
	}
	millionths = (rest * 2000000 + whole) / (2 * whole);
	p = num_u64(p, part + millionths / 1000000);
	*p++ = '.';
	return put_six(p, (uint32_t)(millionths % 1000000));
}

uint64_t num_rate(uint64_t bytes, int64_t ns)
{
	double rate = (double)bytes * 8e9 / (double)ns + 0.5;

	return rate < 1.8e19 ? (uint64_t)rate : UINT64_MAX;
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

bool num_cell_u64(const char *s, const char *e, uint64_t *v)
{
	uint64_t odd = 0;

	if (e - s < 1 || e - s > NUM_DIGITS)
		return num_parse_u64(s, e, UINT64_MAX, v);
	*v = num_digits(s, (size_t)(e - s), &odd);
	return !(odd & NUM_ODD);
}

bool num_cell_i64(const char *s, const char *e, int64_t *v)
{
	uint64_t n;
	bool negative = s < e && *s == '-';

	if (!num_cell_u64(s + negative, e, &n) || n > (uint64_t)INT64_MAX + negative)
		return false;
	*v = (int64_t)(negative ? 0 - n : n);
	return true;
}

int num_hex_digit(char c)
{
	return hex_value[(uint8_t)c];
}

bool num_parse_hex(const char *s, const char *e, unsigned digits, uint64_t *v)
{
	uint64_t n = 0;
	int8_t bad = 0;

	if (e - s < 3 || e - s > 18 || s[0] != '0' || s[1] != 'x')
		return false;
	if (digits && e - s != (long)digits + 2)
		return false;
	for (s += 2; s < e; s++) {
		int8_t d = hex_value[(uint8_t)*s];

		n = n << 4 | ((uint8_t)d & 15u);
		bad |= d;
	}
	if (bad < 0)
		return false;
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
	if (!num_parse_u64(s, dot ? dot : e, INT64_MAX / 1000000000, &whole))
		return false;
	if (dot) {
		if (e - dot > 10 || !num_parse_u64(dot + 1, e, 999999999, &part))
			return false;
		for (long n = e - dot; n < 10; n++)
			part *= 10;
	}
	whole = whole * 1000000000 + part;
	if (whole > (uint64_t)INT64_MAX + negative)
		return false;
	*ns = (int64_t)(negative ? 0 - whole : whole);
	return true;
}
