/*
 * Buffered standard output for rows.
 *
 * A write that fails is said once and ends with STATUS_DAMAGE; a reader that
 * went away (EPIPE) ends the tool without a word.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "msg.h"

struct out {
	int fd;			/* not owned */
	struct msg *msg;	/* where a failure is said; not owned */
	char *buf;
	size_t len;		/* bytes that wait in buf */
	size_t cap;
	bool each_row;		/* write every row at once */
	bool failed;		/* nothing can be written any more */
};

void out_open(struct out *o, int fd, struct msg *m, bool each_row);

/* Room for n more bytes; the caller says with out_commit() where it stopped. */
char *out_room(struct out *o, size_t n);
void out_commit(struct out *o, char *end);

/* Append n bytes. */
void out_write(struct out *o, const char *s, size_t n);

/* The row is complete: goes out now if every row does. */
void out_row(struct out *o);

/* Write what waits. */
void out_flush(struct out *o);

/* Flush, close and free. */
void out_close(struct out *o);

#endif
