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
		r->want[r->n++] = (struct column_place){
			cell_reader(column_info[column].kind), &column_info[column],
			(uint16_t)i, column
		};
		tsv_want(t, i);
	}
}

void column_reader_open(struct column_reader *r, struct tsv *t, uint64_t wanted,
			uint64_t later, const char *na)
{
	*r = (struct column_reader){ .tsv = t, .na = na };
	for (const char *p = "Nn-\\"; *p; p++)
		r->na_start[(unsigned char)*p] = true;
	r->na_start[(unsigned char)*na] = true;
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

/* Read a cell, and set the bit of its column. False if it can't be read. */
static inline bool read_column(const struct column_reader *r, struct cell c,
			       const struct column_place *w, struct segment *s,
			       uint64_t *has)
{
	if (c.from == c.to)
		return true;
	if (r->na_start[(unsigned char)*c.from] && cell_is_na(c, w->column, r->na))
		return true;
	if (!w->read(c, w->info, s))
		return false;
	*has |= UINT64_C(1) << w->column;
	return true;
}

int column_read(const struct column_reader *r, struct segment *s, struct cell *bad)
{
	const struct column_place *w, *end = r->want + r->now;
	const struct tsv *t = r->tsv;
	uint64_t has = 0;

	s->tracked = true;
	s->reader = r;
	s->payload = NULL;
	s->flags = 0;
	s->opt.has = s->opt.errors = s->opt.sacks = s->opt.mptcps = 0;
	s->opt.mptcp_bytes = 0;
	s->opt.mptcp_has = 0;
	for (w = r->want; w < end; w++) {
		struct cell c = tsv_cell(t, w->at);

		if (!read_column(r, c, w, s, &has)) {
			*bad = c;
			return w->column;
		}
	}
	s->has = has;
	s->opt.has = (uint8_t)((has & COLUMN(MSS) ? HAS_MSS : 0) |
			       (has & COLUMN(WSCALE) ? HAS_WSCALE : 0) |
			       (has & COLUMN(TSVAL) ? HAS_TS : 0));
	for (unsigned i = 0; i < s->opt.mptcps; i++)
		s->opt.mptcp_has |= s->opt.mptcp[i].has;
	return -1;
}

void column_fetch(struct segment *s, uint64_t columns)
{
	const struct column_reader *r = s->reader;

	for (size_t i = r ? r->now : 0; r && i < r->n; i++) {
		const struct column_place *w = &r->want[i];

		if (columns & ~s->has & UINT64_C(1) << w->column)
			read_column(r, tsv_cell(r->tsv, w->at), w, s, &s->has);
	}
}
