#include "num.h"

#include <string.h>

#include "bytes.h"

#define NONE16 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1
#define LETTERS -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1

/* What a character is worth as a hexadecimal digit; negative: it is none. */
static const int8_t hex_value[256] = {
	NONE16, NONE16, NONE16,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
	LETTERS, NONE16, LETTERS, NONE16,
	NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16, NONE16
};

enum { EIGHT = 100000000 };	/* what eight digits count to */

/*
 * The eight decimal digits of v, the first in the lowest byte: halves, then
 * quarters, then single digits, each in its part of the word. Rows are mostly
 * numbers, and nothing here hangs on how long they are.
 */
static inline uint64_t eight_digits(uint32_t v)
{
	uint64_t four = v / 10000 | (uint64_t)(v % 10000) << 32, two, one;

	two = four * 10486 >> 20 & UINT64_C(0x0000007f0000007f);
	two |= (four - 100 * two) << 16;
	one = two * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	return one | (two - 10 * one) << 8;
}

static inline void put_digits(char *p, uint64_t digits)
{
	put_le64(p, digits | UINT64_C(0x3030303030303030));
}

/* A number of at most eight digits. */
static inline char *up_to_eight(char *p, uint32_t v)
{
	uint64_t digits = eight_digits(v);
	unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;

	put_digits(p, digits >> 8 * zeros);
	return p + 8 - zeros;
}

char *num_u64(char *p, uint64_t v)
{
	uint64_t high;

	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	if (v < EIGHT)
		return up_to_eight(p, (uint32_t)v);
	high = v / EIGHT;
	if (high < EIGHT) {
		p = up_to_eight(p, (uint32_t)high);
	} else {
		p = up_to_eight(p, (uint32_t)(high / EIGHT));
		put_digits(p, eight_digits((uint32_t)(high % EIGHT)));
		p += 8;
	}
	put_digits(p, eight_digits((uint32_t)(v % EIGHT)));
	return p + 8;
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
	v %= 1000000000;
	*p++ = '.';
	*p++ = (char)('0' + v / EIGHT);
	put_digits(p, eight_digits((uint32_t)(v % EIGHT)));
	return p + 8;
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
	millionths %= 1000000;
	for (uint64_t digit = 100000; digit; digit /= 10)
		*p++ = (char)('0' + millionths / digit % 10);
	return p;
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

/*
 * Up to eight digits at once: those that are not there become leading zeros,
 * then pairs are added, fours, and all, each in its part of the word.
 */
static inline bool eight_at_once(const char *s, unsigned digits, uint64_t *n)
{
	uint64_t v = le64(s);

	if (digits < 8)
		v = v << (64 - 8 * digits) |
		    UINT64_C(0x3030303030303030) >> (8 * digits);
	v -= UINT64_C(0x3030303030303030);
	if ((v | (v + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080))
		return false;
	v = (v * 10 + (v >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v * 100 + (v >> 16)) & UINT64_C(0x0000ffff0000ffff);
	v = (v * 10000 + (v >> 32)) & UINT64_C(0xffffffff);
	*n = v;
	return true;
}

static inline bool cell_u64(const char *s, const char *e, uint64_t *v)
{
	unsigned digits = (unsigned)(e - s);
	uint64_t high, middle = 0, low = 0;

	if (digits - 1 >= 19)
		return num_parse_u64(s, e, UINT64_MAX, v);
	if (digits <= 8)
		return eight_at_once(s, digits, v);
	if (digits > 16) {
		if (!eight_at_once(s, digits - 16, &high) ||
		    !eight_at_once(e - 16, 8, &middle))
			return false;
		high *= EIGHT;
	} else if (!eight_at_once(s, digits - 8, &high)) {
		return false;
	}
	if (!eight_at_once(e - 8, 8, &low))
		return false;
	*v = (high + middle) * EIGHT + low;
	return true;
}

bool num_cell_u64(const char *s, const char *e, uint64_t *v)
{
	return cell_u64(s, e, v);
}

bool num_cell_i64(const char *s, const char *e, int64_t *v)
{
	uint64_t n;
	bool negative = s < e && *s == '-';

	if (!cell_u64(s + negative, e, &n) || n > (uint64_t)INT64_MAX + negative)
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
