/* TSV in: a header line of names, then rows of cells. */
#ifndef TSV_H
#define TSV_H

#include <stddef.h>
#include <stdint.h>

struct input;

/* A cell's text, [from, to); both NULL: the row's table has no such column. */
struct cell {
	const char *from, *to;
};

struct tsv {
	struct input *in;	/* not owned */
	struct cell *name;	/* n column names, in the order of the file */
	size_t n;
	int *slot;		/* per column: where its cells go, -1: nowhere */
	size_t last;		/* columns behind this one are not looked at */
	uint64_t line;		/* number of the line read last, from 1 */
	char *header;		/* what the names point into */
};

/* Read the header line. Returns NULL when the input is empty or no text. */
struct tsv *tsv_open(struct input *in);
void tsv_close(struct tsv *t);

/* Put the cells of this column of the file into cells[slot] from now on. */
void tsv_want(struct tsv *t, size_t column, int slot);

/*
 * The next row: sets the wanted cells, which stay until the call after.
 * 1: a row; 0: the end; -1: a row with too few cells, or no newline at its end
 * because the input was cut: nothing set, go on or stop.
 */
int tsv_next(struct tsv *t, struct cell *cells);

#endif
