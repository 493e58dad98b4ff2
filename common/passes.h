/*
 * Two captures read for what crosses between them, as often as it takes: files
 * to find out which streams are in both, and how their clocks differ, before
 * there are rows; pipes once, with what is known by then. Where nothing speaks
 * against taking streams and clocks as they show themselves, once is enough for
 * files too.
 */
#ifndef PASSES_H
#define PASSES_H

#include <stdbool.h>

#include "clock.h"
#include "duet.h"
#include "kept.h"
#include "plan.h"

struct cli;

struct passes {
	/* set by the user: */
	struct cli *cli;	/* its inputs, A and B, with `opens_later` */
	struct clock clock;	/* initialized */
	struct plan plan;	/* which streams are joined, if */
	bool planned;		/* that is known beforehand */
	bool plain, data, acks;	/* as in duet.h, like these: */
	void (*row)(void *arg, struct duet_row *row);
	void (*over)(void *arg, struct wire_about *about);	/* may be NULL */
	uint64_t (*weigh)(void *arg, const struct wire_about *about);	/* may be NULL */
	const uint64_t *beside;	/* may be NULL */
	void *arg;

	bool begun, read;	/* both were opened; all of them was read */
	struct kept kept;
	/* of the last pass; for duet_wait() */
	struct duet duet;
};

/* Read A and B, and hand over the rows; from here on in the sandbox. */
void passes_run(struct passes *p);

/* Say what was found out: that nothing matches, who is who, and about the clocks. */
void passes_tell(struct passes *p);

void passes_free(struct passes *p);

#endif
