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
 * The same as num_parse_u64(), for cells: 8 bytes are read at a time, so that
 * NUM_SLACK bytes from e on have to be readable, whatever they hold.
 */
enum { NUM_SLACK = 8 };
bool num_cell_u64(const char *s, const char *e, uint64_t *v);
bool num_cell_i64(const char *s, const char *e, int64_t *v);

/* `0x` and `digits` digits, or any number from 1 to 16 where digits is 0. */
bool num_parse_hex(const char *s, const char *e, unsigned digits, uint64_t *v);

/* Seconds with up to 9 decimals, to nanoseconds. */
bool num_parse_seconds(const char *s, const char *e, int64_t *ns);

/* One hexadecimal digit of either case, or -1. */
int num_hex_digit(char c);

#endif
