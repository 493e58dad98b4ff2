/* TSV in: a header line of names, then rows of cells. */
#ifndef TSV_H
#define TSV_H

#include <stddef.h>
#include <stdint.h>

struct input;

/*
 * A cell's text, [from, to). At least INPUT_SLACK bytes behind it may be read
 * too (input.h).
 */
struct cell {
	const char *from, *to;
};

struct tsv;

/*
 * Sets `start` of the columns up to the one behind `last`, and of at most TSV_TABS
 * more, from a line of so many bytes; returns how many tabs were found, or more
 * than `last` when it stopped there.
 */
typedef size_t tsv_find_tabs(const struct tsv *t, const char *line, size_t len);
enum { TSV_TABS = 4 };

struct tsv {
	struct input *in;	/* not owned */
	struct cell *name;	/* n column names, in the order of the file */
	size_t n;
	size_t last;		/* columns behind this one are not looked at */
	const char *row;	/* the line read last */
	uint32_t *start;	/* per column up to the one behind `last`: where its cell begins */
	uint64_t line;		/* number of the line read last, from 1 */
	char *header;		/* what the names point into */
	tsv_find_tabs *find_tabs;	/* as this CPU does it fastest */
};

/*
 * Write n bytes of free text as a cell has it: tab, newline and backslash as
 * \t \n \\, any other control character as ?. At most 2 n bytes; returns how many.
 */
size_t tsv_escape(char *to, const char *from, size_t n);

/* Read the header line. Returns NULL when the input is empty or no text. */
struct tsv *tsv_open(struct input *in);
void tsv_close(struct tsv *t);

/* For tsv.c, in tsv_tabs.c: the one for any CPU, and the fastest for this one. */
tsv_find_tabs tsv_find_anywhere;
tsv_find_tabs *tsv_finder(void);

/* Cells up to this column of the file are going to be looked at. */
void tsv_want(struct tsv *t, size_t column);

/*
 * The next row. 1: tsv_cell() has its cells, until the call after; 0: the end;
 * -1: it has too few cells, or no newline at its end because the input was
 * cut: go on or stop.
 */
int tsv_next(struct tsv *t);

/* A cell of the row, of a column not behind the last one wanted. */
static inline struct cell tsv_cell(const struct tsv *t, size_t column)
{
	return (struct cell){ t->row + t->start[column],
			      t->row + t->start[column + 1] - 1 };
}

#endif
