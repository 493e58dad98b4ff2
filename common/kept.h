/*
 * Rows of a duet, kept in a file without a name until it is known whether they
 * are right.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct duet_row;
struct kept_record;
struct wire_about;

struct kept {
	FILE *file;		/* NULL: there is none */
	struct kept_record *block;	/* n of them are not written yet */
	size_t n;
	uint32_t wires;		/* with a row so far */
};

/* False if there can be no such file. */
bool kept_open(struct kept *k);
void kept_close(struct kept *k);

/* A row, and that its wire ended, in their order: for `row` and `over` of a duet. */
void kept_row(void *kept, struct duet_row *row);
void kept_over(void *kept, struct wire_about *about);

/* Whether there was room for all. */
bool kept_all(struct kept *k);

/*
 * Hand all of it over; false if the file can't be read. Of passages the rows have no
 * more than time_ns, pkt, and seq of what was sent.
 */
bool kept_tell(struct kept *k, void (*row)(void *arg, struct duet_row *row),
	       void (*over)(void *arg, struct wire_about *about), void *arg);

#endif
