/* Sequence numbers of 32 bits, unwrapped to 64 (RFC 9293, 3.4). */
#ifndef SEQ_H
#define SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* The number nearest to ref whose low 32 bits are v. */
static inline uint64_t seq_unwrap(uint64_t ref, uint32_t v)
{
	return ref + (uint64_t)(int64_t)(int32_t)(v - (uint32_t)ref);
}

/* How far b is ahead of a on the 32-bit circle, negative if behind. */
static inline int32_t seq_ahead(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

/* Sum and difference of any two numbers: what is too large wraps around. */
static inline int64_t seq_plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t seq_minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* No connection sends so much: relative numbers beyond it are nonsense. */
#define SEQ_SANE (INT64_C(1) << 62)

static inline bool seq_is_sane(int64_t v)
{
	return v >= -SEQ_SANE && v <= SEQ_SANE;
}

#endif
