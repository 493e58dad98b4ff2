#include "sum.h"

#include <string.h>

#include "bytes.h"

static uint16_t fold(uint64_t v)
{
	v = (v >> 32) + (v & UINT32_MAX);
	v = (v >> 32) + (v & UINT32_MAX);
	v = (v >> 16) + (v & UINT16_MAX);
	v = (v >> 16) + (v & UINT16_MAX);
	return (uint16_t)v;
}

/*
 * A sum of 32-bit words folds to that of 16-bit words, and in the byte order
 * of any host to the same but for their order (RFC 1071 2).
 */
uint16_t sum_bytes(const uint8_t *p, size_t n)
{
	uint8_t rest[4] = { 0 };
	uint64_t sum = 0;
	uint32_t word;
	uint16_t v;

	for (; n >= 4; p += 4, n -= 4) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	memcpy(rest, p, n);
	memcpy(&word, rest, sizeof(word));
	v = fold(sum + word);
	return be16((const uint8_t *)&v);
}
