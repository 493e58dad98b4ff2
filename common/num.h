/*
 * Numbers to text and back, for the row path: no locale, no format string.
 *
 * Printers write at p and return one past the last character; they end nothing
 * with a 0, and may use up to NUM_MAX bytes from p on. Parsers take exactly
 * [s, e) and return false unless all of it is one number in range.
 */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

enum {
	NUM_MAX = 32		/* room for any number */
};

/* Decimal. */
char *num_u64(char *p, uint64_t v);
char *num_i64(char *p, int64_t v);

/* `0x` and exactly `digits` (1 to 16) lower-case hexadecimal digits. */
char *num_hex(char *p, uint64_t v, unsigned digits);

/* Four bytes, dots between. */
char *num_dotted(char *p, const uint8_t *b);

/* Nanoseconds as seconds with 9 decimals. */
char *num_seconds(char *p, int64_t ns);

/* part / whole, rounded to 6 decimals; whole must not be 0. */
char *num_ratio(char *p, uint64_t part, uint64_t whole);

/* Bytes in so many nanoseconds, above 0, as bits per second, rounded. */
uint64_t num_rate(uint64_t bytes, int64_t ns);

/* Decimal digits, at most `max`. */
bool num_parse_u64(const char *s, const char *e, uint64_t max, uint64_t *v);

/*
 * The same for cells, eight digits at a time: NUM_SLACK bytes from e on have to
 * be readable, whatever they hold.
 */
enum { NUM_SLACK = 8, NUM_DIGITS = 19 };
bool num_cell_u64(const char *s, const char *e, uint64_t *v);
bool num_cell_i64(const char *s, const char *e, int64_t *v);

/* Eight digits, the first in the lowest byte, each less '0': pairs, fours, and all. */
static inline uint64_t num_eight(uint64_t v)
{
	v = v * (10 << 8 | 1) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
	v = v * (100 << 16 | 1) >> 16 & UINT64_C(0x0000ffff0000ffff);
	return v * (UINT64_C(10000) << 32 | 1) >> 32;
}

/*
 * The number that the digits of a cell are, at least one. Sets bits of NUM_ODD
 * in *odd if it is none or has more than NUM_DIGITS, so that many cells can be
 * asked for that at once.
 */
#define NUM_ODD EACH_BYTE(0x80)
static inline uint64_t num_digits(const char *s, size_t digits, uint64_t *odd)
{
	/* the first one to eight: those that are not there become leading zeros */
	uint64_t v = (le64(s) ^ EACH_BYTE('0')) << (-(8 * digits) & 63);
	uint64_t n = num_eight(v);

	*odd |= v | (v + EACH_BYTE(0x7f - 9));
	if (digits <= 8)
		return n;
	if (digits > NUM_DIGITS)
		*odd = NUM_ODD;
	for (s += (digits - 1) % 8 + 1, digits = (digits - 1) / 8; digits; digits--, s += 8) {
		v = le64(s) ^ EACH_BYTE('0');
		*odd |= v | (v + EACH_BYTE(0x7f - 9));
		n = n * 100000000 + num_eight(v);
	}
	return n;
}

/* `0x` and `digits` digits, or any number from 1 to 16 where digits is 0. */
bool num_parse_hex(const char *s, const char *e, unsigned digits, uint64_t *v);

/* Seconds with up to 9 decimals, to nanoseconds. */
bool num_parse_seconds(const char *s, const char *e, int64_t *ns);

/* One hexadecimal digit of either case, or -1. */
int num_hex_digit(char c);

#endif
