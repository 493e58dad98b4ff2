/* TSV out: a table of named columns, of which the user may pick some. */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

struct addr;
struct msg;
struct out;

/* A column, and in which tables of the tool it is (bits). */
struct rows_column {
	const char *name;
	unsigned tables;
};

struct rows {
	struct out *out;	/* not owned */
	const struct rows_column *column;	/* n of them; not owned */
	size_t n;
	uint8_t *pick;		/* indices of the columns printed, in their order */
	size_t picks;
	size_t again;		/* of these, how many were picked before */
	const char *na;		/* written where a cell is missing; not owned */
	size_t na_len;
	char *text;		/* the row being made: cells behind each other */
	size_t len, cap;
	struct { size_t from, to; } *cell;	/* per column, in text; empty: missing */
};

/*
 * The table `table` (a bit) of those that the `n` (at most 255) columns are
 * for; of its columns `picked` ("a,b,c", or NULL for all) are printed. A name
 * that it does not have ends the tool (usage).
 */
void rows_open(struct rows *r, struct out *out, struct msg *m,
	       const struct rows_column *columns, size_t n, unsigned table,
	       const char *picked, const char *na);
void rows_close(struct rows *r);

/* The line of column names. */
void rows_header(struct rows *r);

/* Set a cell of the row being made; those not set are missing. */
void rows_u64(struct rows *r, size_t column, uint64_t v);
void rows_i64(struct rows *r, size_t column, int64_t v);
void rows_hex(struct rows *r, size_t column, uint64_t v, unsigned digits);
void rows_digits(struct rows *r, size_t column, uint64_t v);	/* 16 hex digits, bare */
void rows_seconds(struct rows *r, size_t column, int64_t ns);
/* part / whole with 6 decimals; missing where whole is 0. */
void rows_ratio(struct rows *r, size_t column, uint64_t part, uint64_t whole);
/* So many bytes in ns nanoseconds as bits per second; missing where ns is not above 0. */
void rows_rate(struct rows *r, size_t column, uint64_t bytes, int64_t ns);
void rows_addr(struct rows *r, size_t column, const struct addr *a);
void rows_text(struct rows *r, size_t column, const char *s);

/* Print the row and begin the next one. */
void rows_end(struct rows *r);

#endif
