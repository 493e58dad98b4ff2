/*
 * Ones' complement sums of 16-bit words, of which the checksums of TCP and of
 * the DSS option are made (RFC 1071, RFC 8684 3.3.1). 0 and 0xffff are the same.
 */
#ifndef SUM_H
#define SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of n bytes, the last one padded with 0. */
uint16_t sum_bytes(const uint8_t *p, size_t n);

static inline uint16_t sum_plus(uint16_t a, uint16_t b)
{
	uint32_t s = (uint32_t)a + b;

	return (uint16_t)(s + (s >> 16));
}

static inline uint16_t sum_minus(uint16_t a, uint16_t b)
{
	return sum_plus(a, (uint16_t)~b);
}

/* Of the same bytes, one place further on. */
static inline uint16_t sum_swap(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

static inline uint16_t sum_u64(uint64_t v)
{
	return sum_plus(sum_plus((uint16_t)v, (uint16_t)(v >> 16)),
			sum_plus((uint16_t)(v >> 32), (uint16_t)(v >> 48)));
}

/* Whether the two are the same number. */
static inline bool sum_same(uint16_t a, uint16_t b)
{
	return (a == UINT16_MAX ? 0 : a) == (b == UINT16_MAX ? 0 : b);
}

#endif
