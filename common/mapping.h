/*
 * Where in the stream of data each byte of one direction of a subflow belongs:
 * the mappings of RFC 8684 3.3.1, in relative numbers.
 *
 * A mapping covers subflow bytes, not segments: it may be repeated, come
 * later than its bytes, or cover many segments. The one first seen holds.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ranges.h"
#include "trail.h"

#define MAPPING_FOREVER (INT64_MAX / 4)	/* the end of an infinite mapping */

/* Bytes of a segment that came before their mapping. */
struct mapping_wait {
	struct range bytes;	/* as rel_seq */
	int64_t time_ns;	/* of the segment */
	uint64_t pkt;		/* of the segment; 0: of several, no longer known which */
	bool again;		/* as handed on: the subflow sent these before */
};

struct mapping_waits {
	struct mapping_wait *at;	/* n, in the order in which they came */
	uint32_t n, cap;
	int64_t end;		/* all of them are below */
};

/*
 * Runs of subflow bytes, as rel_seq, whose value is the shift: what their data's
 * relative DSN is more. All 0 is none.
 */
struct mapping {
	struct trail runs;	/* apart or of different value; the last one only where they are many */
	struct mapping_more {
		struct trail_run *run;	/* all of them, ascending, where they are many */
		uint32_t n, cap;	/* of these; 0: they are few */
		struct mapping_waits waits;
	} *more;		/* NULL: few, and nothing waits */
};

void mapping_free(struct mapping *m);

/* How many runs there are. */
static inline size_t mapping_n(const struct mapping *m)
{
	return m->more && m->more->n ? m->more->n : trail_n(&m->runs);
}

/* What waits, or NULL. */
static inline const struct mapping_waits *mapping_waits(const struct mapping *m)
{
	return m->more && m->more->waits.n ? &m->more->waits : NULL;
}

/* How many bytes it takes beside itself. */
uint64_t mapping_weight(const struct mapping *m);

/*
 * Called for located bytes: `len` of the subflow from rel_seq `seq` on, the
 * data from `dsn` on. `late`: when they came, if not just now; else NULL.
 */
typedef void mapping_located(void *arg, int64_t seq, int64_t dsn, int64_t len,
			     const struct mapping_wait *late);

/*
 * Map `len` bytes from rel_seq `seq` on to the relative DSN `dsn` on. What an
 * earlier mapping covers stays. Bytes that waited for it are handed to
 * `located`, which may be NULL. Returns false if it contradicts an earlier one.
 */
bool mapping_add(struct mapping *m, int64_t seq, int64_t len, int64_t dsn,
		 mapping_located *located, void *arg);

/* Let the last run, or if there is none one of this shift, go on forever. */
void mapping_extend(struct mapping *m, int64_t shift,
		    mapping_located *located, void *arg);

/* The first part of [from, to) that is mapped, if there is one; from < to. */
bool mapping_piece(const struct mapping *m, int64_t from, int64_t to,
		   struct trail_run *piece);

/* The relative DSN of the byte at seq; false if no mapping covers it. */
bool mapping_find(const struct mapping *m, int64_t seq, int64_t *dsn);

/* The last run, if it covers [from, to) as most often it does; else NULL. */
static inline const struct trail_run *mapping_last(const struct mapping *m,
						   int64_t from, int64_t to)
{
	const struct trail_run *last = &m->runs.top;

	return last->from <= from && to <= last->to ? last : NULL;
}

/*
 * Hand the bytes of a segment to `located`, with their data; those not mapped
 * yet are remembered until they are.
 */
void mapping_locate(struct mapping *m, const struct mapping_wait *segment,
		    mapping_located *located, void *arg);

/* All DSNs, of what is known and what will come, are higher by `by` from now on. */
void mapping_renumber(struct mapping *m, int64_t by);

/*
 * Everything below acked was received: old runs may be forgotten, some being
 * kept for retransmissions that were needless.
 */
enum { MAPPING_KEPT = 16, MAPPING_FEW = 24 };
void mapping_trim_many(struct mapping *m, int64_t acked);

static inline void mapping_trim(struct mapping *m, int64_t acked)
{
	if (m->more)
		mapping_trim_many(m, acked);
}

/* The same before one is added: few are to stay so. */
void mapping_trim_few(struct mapping *m, int64_t acked);

static inline void mapping_make_room(struct mapping *m, int64_t acked)
{
	if (trail_n(&m->runs) == MAPPING_FEW)
		mapping_trim_few(m, acked);
}

/*
 * For mapping.c and mapping_wait.c: what is rare, to be added to; and no memory
 * for what says nothing.
 */
struct mapping_more *mapping_more_of(struct mapping *m);
void mapping_tidy(struct mapping *m);

/*
 * For mapping.c, in mapping_wait.c: [from, to) of a segment waits; what waits for
 * these bytes is handed on.
 */
void mapping_add_wait(struct mapping *m, const struct mapping_wait *segment,
		      int64_t from, int64_t to);
void mapping_locate_waiting(struct mapping *m, struct trail_run run,
			    mapping_located *located, void *arg);

#endif
