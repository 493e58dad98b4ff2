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

#define MAPPING_FOREVER (INT64_MAX / 4)	/* the end of an infinite mapping */

/* Subflow bytes [from, to), as rel_seq, are data bytes from + shift on. */
struct mapping_run {
	int64_t from, to;
	int64_t shift;
};

/* Bytes of a segment that came before their mapping. */
struct mapping_wait {
	struct range bytes;	/* as rel_seq */
	int64_t time_ns;	/* of the segment */
	uint64_t pkt;		/* of the segment; 0: of several, no longer known which */
	bool again;		/* as handed on: the subflow sent these before */
};

struct mapping_waits {
	struct mapping_wait *at;	/* n, at least 1, in the order in which they came */
	uint32_t n, cap;
	int64_t end;		/* all of them are below */
};

struct mapping {
	struct mapping_run *run;	/* n, ascending, apart or of different shift */
	uint32_t n, cap;
	struct mapping_waits *waits;	/* NULL: none does */
};

void mapping_free(struct mapping *m);

/* How many bytes it takes beside itself. */
static inline uint64_t mapping_weight(const struct mapping *m)
{
	return m->cap * sizeof(*m->run) +
	       (m->waits ? sizeof(*m->waits) + m->waits->cap * sizeof(*m->waits->at) : 0);
}

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

/* The relative DSN of the byte at seq; false if no mapping covers it. */
bool mapping_find(const struct mapping *m, int64_t seq, int64_t *dsn);

/* The last run, if it covers [from, to) as most often it does; else NULL. */
static inline const struct mapping_run *mapping_last(const struct mapping *m,
						     int64_t from, int64_t to)
{
	const struct mapping_run *last = m->n ? m->run + m->n - 1 : NULL;

	return last && last->from <= from && to <= last->to ? last : NULL;
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
enum { MAPPING_KEPT = 16 };
void mapping_trim_many(struct mapping *m, int64_t acked);

static inline void mapping_trim(struct mapping *m, int64_t acked)
{
	if (m->n > 2 * MAPPING_KEPT)
		mapping_trim_many(m, acked);
}

#endif
