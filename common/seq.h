/* Sequence numbers of 32 bits, unwrapped to 64 (RFC 9293, 3.4). */
#ifndef SEQ_H
#define SEQ_H

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

#endif
