/* The one table of segment columns, and rows of them written and read. */
#ifndef COLUMN_H
#define COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mptcp_option;
struct segment;
struct tcp_options;
struct tsv;
struct cell;

enum column_kind {
	KIND_U64, KIND_U32, KIND_U16, KIND_U8,	/* decimal, unsigned */
	KIND_HEX16,				/* hexadecimal, 4 digits */
	KIND_I64,				/* decimal, signed */
	KIND_SECONDS,				/* int64_t ns, as seconds */
	KIND_TEXT, KIND_DIR, KIND_ADDR, KIND_FLAGS, KIND_SACK,
	KIND_SUBTYPES, KIND_ERRORS,
	/* members of mptcp_option, one item per option that can have it: */
	KIND_OPTION,
	KIND_OPT_U8 = KIND_OPTION, KIND_OPT_U16, KIND_OPT_U32, KIND_OPT_I64,
	KIND_OPT_HEX8, KIND_OPT_HEX16, KIND_OPT_HEX32, KIND_OPT_HEX64,
	KIND_OPT_DSN, KIND_OPT_ACK, KIND_OPT_HMAC, KIND_OPT_ADDR, KIND_OPT_IDS
};

struct column_info {
	const char *name;
	enum column_kind kind;
	uint16_t offset;	/* of the member in segment or mptcp_option */
	uint32_t field;		/* option columns: its HAS_… bit */
	uint16_t carriers;	/* option columns: bits of the subtypes that can have it */
	const char *type;	/* for the manual */
	const char *text;	/* for the manual: meaning, unit, formula */
};

extern const struct column_info column_info[];

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

/* Whether a cell that is not empty says that there is no value: `na`, or as tools do. */
bool cell_is_na(struct cell c, unsigned column, const char *na);

/*
 * Sets the member of a column from a cell that is not missing; `record` is the
 * segment. False if the cell can't be read.
 */
typedef bool cell_read(struct cell c, const struct column_info *info, void *record);

/* That of the columns of a kind. */
cell_read *cell_reader(enum column_kind kind);

/* How rows of a file are read. */
struct column_reader {
	const struct tsv *tsv;	/* not owned */
	/* the columns there are, in the order of enum column, and where in the file */
	struct column_place {
		cell_read *read;
		const struct column_info *info;
		uint16_t at;
		uint8_t column;
	} *want;
	size_t n;
	size_t now;		/* the first `now` of them; the rest by column_fetch() */
	const char *na;		/* how a missing cell may be written; not owned */
	bool na_start[256];	/* whether a cell that says so may begin with this character */
};

/* All columns of the file that are in `wanted`; those in `later` on demand. */
void column_reader_open(struct column_reader *r, struct tsv *t, uint64_t wanted,
			uint64_t later, const char *na);
void column_reader_close(struct column_reader *r);

/*
 * Set the segment from the row that tsv_next() read. Returns -1 when all is
 * well, or the first column whose cell can't be read, and then *bad is the cell.
 */
int column_read(const struct column_reader *r, struct segment *s, struct cell *bad);

/*
 * Read these columns too, if they are among the later ones of the row that the
 * segment was read from; until the next row. What can't be read is missing.
 */
void column_fetch(struct segment *s, uint64_t columns);

#endif
