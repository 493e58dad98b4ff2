/* Two captures read whole, one after the other, to find out which streams are in both. */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stdint.h>

struct budget;
struct plan;
struct source;

/* What is joined when they are read again, with plain TCP too if `plain`. */
void compare(struct plan *plan, struct source *a, struct source *b, bool plain,
	     struct budget *budget);

/*
 * Compare how they begin: whether some stream did in both, and by how much B's
 * clock is ahead then, roughly.
 */
bool compare_heads(struct source *a, struct source *b, int64_t *ahead_ns,
		   struct budget *budget);

#endif
