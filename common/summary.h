/* A connection in a few lines for people: who, how much each way, and by which subflows. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stddef.h>

struct books;
struct flow;
struct out;

/* All 0 to begin with; what is used from one connection to the next. */
struct summary {
	struct flow **flows;
	size_t cap;
};

void summary_free(struct summary *s);

/* `b` must have kept its forgotten subflows. */
void summary_print(struct summary *s, struct out *o, const struct books *b);

#endif
