/* What is to be done about two clocks, and what was found out about them. */
#ifndef TIMING_H
#define TIMING_H

#include <stdbool.h>

struct clock;
struct msg;

/* -C, -O and -P; a value that can't be read ends the tool. */
void timing_option(struct clock *c, char letter, const char *value, struct msg *msg);

/* Say what was corrected, and what could not be. */
void timing_tell(const struct clock *c, struct msg *msg);

/* A row for each segment, into a file; false if that failed, which was said. */
bool timing_write(const struct clock *c, const char *path, struct msg *msg);

#endif
