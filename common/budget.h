/*
 * What open streams and connections may take of memory, and what was given up
 * to stay below that.
 *
 * Whoever holds state weighs it in bytes, by what it has allocated: the same
 * input is given up on any machine whose types have the same sizes.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
	uint64_t limit;		/* bytes */
	bool prints;		/* each stream has a print of print.h, too */
	uint64_t used;		/* by all that was weighed */
	uint64_t given_up;	/* streams */
	uint32_t sure;		/* if `unsure`: streams below have this number in any reading */
	uint64_t cut;		/* streams and connections of which something was full, and forgot */
	uint64_t unkept;	/* streams and connections: over before their interval was, and not in it */
	uint64_t unjudged;	/* connections: what was sent again was more than could be judged */
	bool giving_up;		/* one is, just now */
	bool unsure;		/* a stream that was given up may go on, under another number */
};

/*
 * What a container adds to its weight once it was full and has forgotten something
 * that figures needed. Weights are added up, so that owners need not know of it.
 */
#define BUDGET_FULL (UINT64_C(1) << 56)

static inline uint64_t budget_bytes(uint64_t weight)
{
	return weight & (BUDGET_FULL - 1);
}

/*
 * Whether something of what takes `weight` is, or was when that was `known`; then it
 * is counted. The budget may be NULL.
 */
static inline bool budget_cut(struct budget *b, bool known, uint64_t weight)
{
	if (b && !known && weight >= BUDGET_FULL)
		b->cut++;
	return known || weight >= BUDGET_FULL;
}

/*
 * What weighed *weight so far takes so many bytes now, and the allocator an eighth
 * of it. The budget may be NULL.
 */
static inline void budget_weigh(struct budget *b, uint32_t *weight, uint64_t now)
{
	if (!b)
		return;
	now = budget_bytes(now);
	now += now / 8;
	if (now > UINT32_MAX)
		now = UINT32_MAX;
	b->used += now - *weight;
	*weight = (uint32_t)now;
}

/* In one of several readings of the same, so many streams were given up or cut. */
static inline void budget_gave_up(struct budget *b, uint64_t streams, uint64_t cut)
{
	if (b && b->given_up < streams)
		b->given_up = streams;
	if (b && b->cut < cut)
		b->cut = cut;
}

/* Whether a stream is just being given up. */
static inline bool budget_gives_up(const struct budget *b)
{
	return b && b->giving_up;
}

/*
 * With two captures each thing has a part of it: the streams of each with their
 * prints, prints of each that stay when streams are no more, and pairs of those, when
 * no streams are left; or both streams, and what was joined of them. The parts of
 * streams don't depend on anything else, so that each reading of a capture gives up
 * the same. What is joined has all that they leave: it takes much more, and to give it
 * up changes no reading. The budget may be NULL.
 */
enum { BUDGET_PARTS = 16, PARTS_STREAMS = 4, PARTS_PRINTS = 6, PARTS_PAIRS = 4, PARTS_PLAN = 1 };

/*
 * What a print of a stream takes with its places in an index, about: by what is known
 * of a stream in any reading, whether or not that has prints.
 */
enum { PRINT_BYTES = 1024, PRINT_MARK_BYTES = 64, PRINT_MARKS = 24 };

static inline uint32_t budget_print(bool mptcp, uint64_t segments)
{
	uint32_t most = PRINT_MARKS * (1u + mptcp);	/* of time stamps, and of mappings */

	return PRINT_BYTES * (1u + mptcp) +
	       PRINT_MARK_BYTES * (segments < most ? (uint32_t)segments : most);
}

static inline struct budget budget_part(const struct budget *b, unsigned parts)
{
	return (struct budget){ .limit = b ? b->limit / BUDGET_PARTS * parts : UINT64_MAX };
}

/* The part of the streams of one capture. */
static inline struct budget budget_of_capture(const struct budget *b)
{
	struct budget part = budget_part(b, PARTS_STREAMS);

	part.prints = true;
	return part;
}

/* What alone takes so much, and such a part of the budget, is not what that is meant for. */
enum { BUDGET_HEAVY = 128 << 10, BUDGET_HEAVY_PART = 64 };

static inline bool budget_is_heavy(const struct budget *b, uint64_t weight)
{
	return weight > BUDGET_HEAVY && weight > b->limit / BUDGET_HEAVY_PART;
}

static inline bool budget_exceeded(const struct budget *b)
{
	return b->used > b->limit;
}

#endif
