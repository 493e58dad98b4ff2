/*
 * How much of a connection's data was sent again, by the stream that had sent
 * it first and the one that sent it again.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"

/* What became of data sent again, see mptcp-reinject(1). */
enum verdict_kind { VERDICT_USEFUL, VERDICT_REDUNDANT, VERDICT_LOST, VERDICTS };

struct matrix_cell {
	uint32_t orig;		/* index of the stream that sent it first, if has_orig */
	uint32_t stream;	/* and of the one that sent it again */
	uint8_t role;		/* of the sender, CLIENT or SERVER */
	bool has_orig;
	bool has_orig_sf, has_sf;	/* for the user: */
	uint32_t orig_sf, sf;	/* the subflows' numbers */
	uint64_t bytes, after_ack_bytes;
	uint64_t count;		/* segments that had some of it */
	uint64_t verdict[VERDICTS];	/* bytes, where the user knows */
	uint64_t waits;		/* copies that wait for their verdict */
	uint64_t pkt;		/* of the segment counted last */
};

struct matrix {
	struct map map;		/* the cells, by all but the figures */
	struct matrix_cell **cell;	/* n of them, each where it is until the end */
	size_t n, cap;
};

struct matrix *matrix_new(void);
void matrix_free(struct matrix *m);	/* NULL: nothing to be done */

/* How many bytes it takes. */
static inline uint64_t matrix_weight(const struct matrix *m)
{
	return sizeof(*m) + m->cap * sizeof(struct matrix_cell *) +
	       m->n * (sizeof(struct matrix_cell) + MAP_PLACE);
}

/* The cell of these streams, all 0 if it is new; `orig` may be NULL: not known. */
struct matrix_cell *matrix_cell(struct matrix *m, unsigned role,
				const uint32_t *orig, uint32_t stream);

/* By role, orig, stream; what no orig is known of last. */
void matrix_sort(struct matrix *m);

/* All cells of `from`, which is freed, are `into`'s; its roles are swapped if `flip`. */
void matrix_merge(struct matrix *into, struct matrix *from, bool flip);

#endif
