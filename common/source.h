/* Operands to segments: captures merged by time, or the TSV of mptcp-extract. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "table.h"

struct msg;
struct segment;
struct source;

struct source_options {
	struct msg *msg;	/* where damage is said; not owned */
	char **paths;		/* operands; NULL or none: standard input */
	int count;
	const char *filter;	/* libpcap filter expression, or NULL */
	bool once;		/* leave out segments captured before at another interface */
	struct table_options columns;	/* what is read of TSV */

	/* Called before a read that has to wait, see input.h; NULL for none. */
	int (*idle)(void *arg);
	void *idle_arg;
};

/*
 * Open all operands. What can't be opened is said; the others are read. Ends
 * the tool (usage) where TSV is given along with something else or a filter.
 */
struct source *source_open(const struct source_options *o);

/*
 * All of them from the beginning again, without opening any: they have to be files,
 * as input_is_file() says. What is wrong is not said again, if it `was_said`.
 */
void source_rewind(struct source *s, bool was_said);

/* The next segment. False at the end; damage was said and is in msg->status. */
bool source_next(struct source *s, struct segment *seg);

/* Whether source_next() would not have to wait, as far as can be seen. */
bool source_ready(const struct source *s);

/* Whether it ever has to: some of it is no file. */
bool source_waits(const struct source *s);

void source_close(struct source *s);

#endif
