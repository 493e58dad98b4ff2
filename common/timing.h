/* What is to be done about two clocks, and what was found out about them. */
#ifndef TIMING_H
#define TIMING_H

#include <stdio.h>

struct clock;
struct msg;

/* -C, -O and -P; a value that can't be read ends the tool. */
void timing_option(struct clock *c, char letter, const char *value, struct msg *msg);

/* Say what was corrected, and what could not be. */
void timing_tell(const struct clock *c, struct msg *msg);

/* Open a file for timing_write(), which is left as it is until then; NULL if that failed, which was said. */
FILE *timing_open(const char *path, struct msg *msg);

/* A row for each segment, instead of what is in the file, which is closed. What fails is said. */
void timing_write(const struct clock *c, FILE *f, const char *path, struct msg *msg);

#endif
