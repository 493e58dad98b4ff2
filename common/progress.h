/* A line on a terminal's standard error that tells how far a long run is. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *tool;	/* not owned */
	bool shown;		/* the line is there and has to be wiped */
	double started;		/* seconds, of the monotonic clock; 0: never show */
	double last;
};

/* Shows nothing unless standard error is a terminal and standard output none. */
void progress_start(struct progress *p, const char *tool);

/* Call now and then; shows a line a second, from the second one on. */
void progress_tell(struct progress *p, uint64_t packets, uint64_t bytes);

void progress_end(struct progress *p);

#endif
