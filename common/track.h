/*
 * Where each segment belongs: its stream, connection, direction and place in
 * the data. One pass; what a capture says and what TSV already says end alike.
 */
#ifndef TRACK_H
#define TRACK_H

#include <stdbool.h>

#include "conn.h"
#include "stream.h"

struct budget;
struct segment;

struct track {
	struct streams streams;
	struct conns conns;
	bool sums;		/* set payload_sum where DSS checksums are used */
};

/* `hooks` may be NULL; it is copied. So may the budget, which is not owned. */
void track_init(struct track *t, const struct conn_hooks *hooks, struct budget *budget);

/*
 * Set all columns that tracking knows, unless the segment came with them.
 * Returns its stream, which lives at least until the next segment.
 */
struct stream *track_segment(struct track *t, struct segment *seg);

/* The input is over: every connection is gone, in order of index, then every stream. */
void track_end(struct track *t);

/*
 * The columns without which segments from TSV can't be tracked, and those of
 * them that are fetched where needed.
 */
uint64_t track_columns(void);
uint64_t track_columns_also(void);	/* by which more is known where they are there */
uint64_t track_columns_later(void);

#endif
