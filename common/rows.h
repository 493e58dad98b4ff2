/* TSV out: a table of named columns, of which the user may pick some. */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

struct addr;
struct msg;
struct out;

struct rows {
	struct out *out;	/* not owned */
	size_t n;		/* columns that there are */
	uint8_t *pick;		/* indices of the columns printed, in their order */
	size_t picks;
	const char *na;		/* written where a cell is missing; not owned */
	size_t na_len;
	char *text;		/* the row being made: cells behind each other */
	size_t len, cap;
	struct { size_t from, to; } *cell;	/* per column, in text; empty: missing */
};

/*
 * A table of the `n` (at most 255) columns named name(0) to name(n - 1), of
 * which `picked` ("a,b,c", or NULL for all) are printed. A name that there is
 * not ends the tool (usage).
 */
void rows_open(struct rows *r, struct out *out, struct msg *m,
	       const char *(*name)(size_t), size_t n, const char *picked,
	       const char *na);
void rows_close(struct rows *r);

/* The line of column names. */
void rows_header(struct rows *r, const char *(*name)(size_t));

/* Set a cell of the row being made; those not set are missing. */
void rows_u64(struct rows *r, size_t column, uint64_t v);
void rows_i64(struct rows *r, size_t column, int64_t v);
void rows_hex(struct rows *r, size_t column, uint64_t v, unsigned digits);
void rows_digits(struct rows *r, size_t column, uint64_t v);	/* 16 hex digits, bare */
void rows_seconds(struct rows *r, size_t column, int64_t ns);
void rows_addr(struct rows *r, size_t column, const struct addr *a);
void rows_text(struct rows *r, size_t column, const char *s);

/* Print the row and begin the next one. */
void rows_end(struct rows *r);

#endif
