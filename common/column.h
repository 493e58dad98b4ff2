/* The one table of segment columns, and rows of them written and read. */
#ifndef COLUMN_H
#define COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsv.h"

struct mptcp_option;
struct segment;
struct tcp_options;

enum column_kind {
	KIND_U8, KIND_U16, KIND_U32, KIND_U64,	/* decimal, unsigned */
	KIND_I64,				/* decimal, signed */
	KIND_DECIMAL = KIND_I64,		/* the last of these */
	KIND_HEX8, KIND_HEX16, KIND_HEX32, KIND_HEX64,	/* hexadecimal, so many bits */
	KIND_SECONDS,				/* int64_t ns, as seconds */
	KIND_ADDR,
	/* of the segment: */
	KIND_TEXT, KIND_DIR, KIND_FLAGS, KIND_SACK, KIND_SUBTYPES, KIND_ERRORS,
	/* of an option: */
	KIND_DSN, KIND_DATA_ACK, KIND_HMAC, KIND_IDS
};

struct column_info {
	const char *name;
	enum column_kind kind;
	uint16_t offset;	/* of the member in segment or mptcp_option */
	uint32_t field;		/* option columns: its HAS_… bit; 0: of the segment */
	uint16_t carriers;	/* option columns: bits of the subtypes that can have it */
	const char *type;	/* for the manual */
	const char *text;	/* for the manual: meaning, unit, formula */
};

extern const struct column_info column_info[];

enum { COLUMNS_MAX = 64 };	/* as many as a word has bits */

/* The column of this name, or -1. */
int column_find(const char *name, size_t n);

/* Whether this option of the segment has an item in the column's cell. */
bool column_carries(const struct column_info *c, const struct tcp_options *t,
		    const struct mptcp_option *o);

/* The longest text in a cell, in bytes, as written. */
enum { COLUMN_TEXT_MAX = 2048 };

/* The most bytes that column_write() uses for these columns, in any row. */
size_t column_row_max(const uint8_t *columns, size_t n, size_t na_len);

/*
 * Write one row of these columns at p, tabs between and a newline behind;
 * `na` (of na_len bytes) where a cell is missing. Returns one past the end.
 */
char *column_write(char *p, const struct segment *s, const uint8_t *columns,
		   size_t n, const char *na, size_t na_len);

/*
 * Sets the member of a column from a cell that is not missing; `record` is the
 * segment, or the option. False if the cell can't be read.
 */
typedef bool cell_read(struct cell c, const struct column_info *info, void *record);

/* That of the columns of a kind. */
extern cell_read *const cell_reader[];

/* The next item of a list: up to a comma or the end, and that taken off. */
struct cell cell_item(struct cell *c);

/* Whether a cell that can't be read says that there is no value, as tools do. */
bool cell_is_na(struct cell c);

/* A column of decimal numbers. */
struct column_number {
	uint64_t bit;		/* of the column */
	uint64_t over;		/* bits that are too high for the member */
	uint16_t at;		/* which column of the file */
	uint16_t offset;
	uint8_t kind;
};

/* Columns of the file that are side by side, [from, to). */
struct column_stretch {
	uint32_t from, to;
};

/* How rows of a file are read. */
struct column_reader {
	const struct tsv *tsv;	/* not owned */
	uint64_t now, later;	/* bits of the columns there are; `later` by column_fetch() */
	uint64_t words;		/* of those read now, the ones that are no decimal numbers */
	struct column_number number[COLUMNS_MAX];	/* the others: up to `own` of the segment, */
	size_t own, usual, numbers;	/* then those of an option, the rare ones last */
	uint64_t rare;		/* bits of those read now that few rows have, */
	struct column_stretch stretch[COLUMNS_MAX];	/* and where they are */
	size_t stretches;
	uint64_t carried[16];	/* by subtype: bits of the columns that it can have */
	uint16_t at[COLUMNS_MAX];	/* by enum column: which of the file */
	size_t head;		/* bytes of a segment before its options */
	struct cell na;		/* how a missing cell may be written; not owned */
};

/* All columns of the file that are in `wanted`; those in `later` on demand. */
void column_reader_open(struct column_reader *r, struct tsv *t, uint64_t wanted,
			uint64_t later, const char *na);

/*
 * Set the segment from the row that tsv_next() read. Returns -1 when all is
 * well, or the first column whose cell can't be read.
 */
int column_read(const struct column_reader *r, struct segment *s);

/*
 * Read these columns too, if they are among the later ones of the row that the
 * segment was read from; until the next row. What can't be read is missing.
 */
void column_fetch(struct segment *s, uint64_t columns);

#endif
