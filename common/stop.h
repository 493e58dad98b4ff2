/*
 * SIGINT, SIGTERM and SIGHUP as the end of the input, so that a tool still
 * prints what it knows, as tcpdump does. A second one ends it at once, but for
 * SIGHUP, and for one that comes together with the first.
 *
 * What was asked for is kept where signals are kept, in the process's handlers.
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

/* From here on; signals that the caller had ignored stay ignored. */
void stop_prepare(void);

/* Whether one came. */
bool stop_asked(void);

/* What was asked for is done, one input of several ended: the next one is a first one. */
void stop_done(void);

/*
 * Wait until the file can be read, a signal comes, or `ms` milliseconds are
 * over (below 0: as long as it takes). Returns whether it can be read.
 */
bool stop_wait(int fd, int ms);

#endif
