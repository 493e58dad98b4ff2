/* What all tools share on their command line, and around their main loop. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "msg.h"
#include "out.h"
#include "rows.h"
#include "source.h"

/* An option that one tool has beside the common ones. */
struct cli_option {
	char letter;
	const char *name;	/* long, without the dashes */
	const char *value;	/* name of its value in the help; NULL: it has none */
	const char *help;
};

struct cli {
	/* set by the tool before cli_start() */
	const char *name;	/* of the tool */
	const char *summary;	/* one line for the help */
	const struct cli_option *options;	/* ends with letter 0; or NULL */
	/* An own option was given; `value` is NULL if it takes none. */
	void (*set)(void *arg, char letter, const char *value);
	void *arg;
	const struct rows_column *column;	/* what it can print */
	size_t columns;			/* how many */
	unsigned table;			/* which of its tables; an own option may change it */
	bool no_table;			/* an own option said that it prints text instead */
	/* Its first operand is a word: what it is, and what takes it before the table is opened. */
	const char *word;
	void (*set_word)(void *arg, const char *word);
	void (*more_help)(void);	/* printed at the end of -h, or NULL */
	bool raw;		/* it reads its operands, input.paths, itself: source stays NULL */
	bool two;		/* it compares two inputs: exactly two operands, A and B */
	char **other;		/* or B is this path of an own option; NULL: no B */
	bool rereads;		/* operands and `other` are read more than once: they have to be files */
	bool opens_later;	/* it opens files after cli_start(); sandbox_enter() is its own affair */
	bool echoes;		/* its columns are those it reads: -o makes them needed */
	uint64_t wanted, later, needed;	/* COLUMN() bits of what it reads, see source.h */

	/*
	 * Called while there is nothing to read, if set; what it prints is
	 * written. Returns as `idle` in input.h does.
	 */
	int (*quiet)(void *arg);
	void *quiet_arg;

	/* for the tool to use afterwards */
	struct msg msg;
	struct budget budget;	/* set by -B: for what tracks streams; cli_end() says what was given up */
	struct out out;
	struct rows rows;
	struct source *source;
	struct source *second;	/* the other one, B, or NULL */

	struct source_options input;	/* for tools that are `raw` */
};

/*
 * Read the command line, open the operands, print the header. -h, -V and
 * mistakes end the tool. Common options: -B -f -H -h -l -N -o -V. From here on
 * SIGINT, SIGTERM and SIGHUP end the input (stop.h), and no more files can be
 * opened (sandbox.h) unless `opens_later` or `raw`.
 */
void cli_start(struct cli *c, int argc, char **argv);

/* The value of an option: a time above 0, in ns; a number up to `max`. A bad one ends the tool. */
int64_t cli_seconds(struct cli *c, char letter, const char *value);
uint64_t cli_number(struct cli *c, char letter, const char *value, uint64_t max,
		    const char *what);

/*
 * Read A and B from the beginning again, if all are files, as cli_are_files() says.
 * What is wrong with them is not said again, if it `was_said`, or anything was.
 */
bool cli_are_files(const struct cli *c);
void cli_rewind(struct cli *c, bool was_said);

/*
 * For cli.c, in cli_inputs.c: two operands, which can't both be standard input; with
 * `rereads` all have to be files, or the tool ends, but of one that is not there that
 * is said later; and B, opened.
 */
void cli_take_two(struct cli *c, char **path, int count);
void cli_need_files(struct cli *c);
struct source *cli_open_other(struct cli *c);

/* Text was printed with printf() instead of a table: ends the tool. */
void cli_end_text(struct cli *c);

/* Close everything. Returns the exit status. */
int cli_end(struct cli *c);

#endif
