/* The main loop of the tools that print figures, over all or by intervals, and their options. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"
#include "tally.h"

/* The tables that their columns are for. */
enum { TABLE_TOTAL = 1, TABLE_INTERVAL = 2, TABLE_BOTH = 3 };

/* Options that these tools have beside their own. */
#define REPORT_OPTIONS \
	{ 'c', "conn", "N", "only connection N" }, \
	{ 'i', "interval", "SECONDS", "a row for each interval of this length" }, \
	{ 'L', "linger", "SECONDS", "what is closed is over after so long (60)" }

struct report {
	/* set by report_option(), or 0 */
	int64_t step_ns;	/* length of the intervals; 0: none */
	int64_t linger_ns;
	bool only;		/* one connection: */
	uint32_t conn;
	struct cli *cli;	/* set by the tool */

	/* The interval that is over, for report_active(); since frame 1, and the epoch. */
	int64_t from_ns, start_ns;
	int64_t origin_ns;	/* when frame 1 was */
	int64_t count;		/* of the interval under way, if started */
	int64_t seen_ns;	/* the last segment, since frame 1, the same */
	bool started;
	bool fresh;		/* it came after input was last waited for */
	bool live;		/* and had just been captured */
};

/*
 * Take one of REPORT_OPTIONS; -i chooses TABLE_INTERVAL. A value that can't be
 * read ends the tool.
 */
void report_option(struct report *r, char letter, const char *value);

/* Whether rows of this connection are to be printed. */
bool report_wants(const struct report *r, uint32_t conn);

/* Smallest, mean and largest of these times, in three columns from `first` on; missing if there are none. */
void report_times(struct rows *r, size_t first, const struct spread *times);

/*
 * Called when an interval with segments is over: t->books and t->flows are
 * sorted. It is when a later segment comes, or, where a live capture has none,
 * when its time is over.
 */
typedef void report_interval(void *arg, struct tally *t);

/* Read all segments; options as for tally_init(). */
void report_run(struct report *r, const struct tally_options *o,
		report_interval *print);

#endif
