/* Rows of a file to segments. */
#include "column.h"

#include <stdlib.h>

#include "mem.h"
#include "segment.h"
#include "tsv.h"

/* The column of the file that has this name; t->n if none. */
static size_t find_in_file(const struct tsv *t, int column)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (column_find(t->name[i].from, (size_t)(t->name[i].to -
				t->name[i].from)) == column)
			break;
	return i;
}

/* Add the columns of the file that are among these. */
static void want(struct column_reader *r, struct tsv *t, uint64_t columns)
{
	for (uint8_t column = 0; column < COLUMNS; column++) {
		size_t i = find_in_file(t, column);

		if (i == t->n || i > UINT16_MAX || !(columns >> column & 1))
			continue;
		/* without their subtypes, fields have no option to belong to */
		if (column_info[column].kind >= KIND_OPTION &&
		    find_in_file(t, COL_MPTCP) == t->n)
			continue;
		r->want[r->n].column = column;
		r->want[r->n++].at = (uint16_t)i;
		tsv_want(t, i);
	}
}

void column_reader_open(struct column_reader *r, struct tsv *t, uint64_t wanted,
			uint64_t later, const char *na)
{
	*r = (struct column_reader){ .tsv = t, .na = na };
	r->want = mem_zero(COLUMNS * sizeof(*r->want));
	want(r, t, wanted & ~later);
	r->now = r->n;
	want(r, t, wanted & later);
}

void column_reader_close(struct column_reader *r)
{
	free(r->want);
	r->want = NULL;
}

/* Read one column. False if its cell can't be read. */
static inline bool read_column(const struct column_reader *r, size_t i,
			       struct segment *s, struct cell *cell)
{
	unsigned column = r->want[i].column;

	*cell = tsv_cell(r->tsv, r->want[i].at);
	if (cell->from == cell->to)
		return true;
	/* most cells are numbers, and no number says that there is none */
	if ((*cell->from < '0' || *cell->from > '9' || *cell->from == *r->na) &&
	    cell_is_na(cell, column, r->na))
		return true;
	if (!cell_read(cell, column, s))
		return false;
	s->has |= UINT64_C(1) << column;
	return true;
}

int column_read(const struct column_reader *r, struct segment *s, struct cell *bad)
{
	s->has = 0;
	s->tracked = true;
	s->reader = r;
	s->payload = NULL;
	s->flags = 0;
	s->opt.has = s->opt.errors = s->opt.sacks = s->opt.mptcps = 0;
	s->opt.mptcp_bytes = 0;
	s->opt.mptcp_has = 0;
	for (size_t i = 0; i < r->now; i++)
		if (!read_column(r, i, s, bad))
			return r->want[i].column;
	s->opt.has = (uint8_t)((s->has & COLUMN(MSS) ? HAS_MSS : 0) |
			       (s->has & COLUMN(WSCALE) ? HAS_WSCALE : 0) |
			       (s->has & COLUMN(TSVAL) ? HAS_TS : 0));
	for (unsigned i = 0; i < s->opt.mptcps; i++)
		s->opt.mptcp_has |= s->opt.mptcp[i].has;
	return -1;
}

void column_fetch(struct segment *s, uint64_t columns)
{
	const struct column_reader *r = s->reader;
	struct cell cell;

	for (size_t i = r ? r->now : 0; r && i < r->n; i++)
		if (columns & ~s->has & UINT64_C(1) << r->want[i].column)
			read_column(r, i, s, &cell);
}
