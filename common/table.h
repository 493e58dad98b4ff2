/* The TSV of mptcp-extract, as segments. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "column.h"

struct input;
struct msg;
struct segment;
struct tsv;

struct table_options {
	const char *na;		/* how a missing cell may be written, "" */
	uint64_t wanted;	/* COLUMN() bits that the caller looks at */
	uint64_t later;		/* those of them that it reads by column_fetch() */
	uint64_t needed;	/* those without which it can't work */
};

struct table {
	struct msg *msg;
	struct tsv *tsv;	/* NULL: nothing to read */
	struct column_reader reader;
};

/*
 * An input at its beginning, which stays the caller's. What is wrong with it is
 * said, and there are no rows then. Returns whether it is such a table at all.
 */
bool table_open(struct table *t, struct input *in, struct msg *msg,
		const struct table_options *o);
void table_close(struct table *t);

/* The next row; false at the end. Rows that can't be read are said and left out. */
bool table_next(struct table *t, struct segment *seg);

#endif
