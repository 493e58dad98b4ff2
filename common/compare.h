/* Two captures read whole, one after the other, to find out which streams are in both. */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>

struct plan;
struct source;

/* What is joined when they are read again, with plain TCP too if `plain`. */
void compare(struct plan *plan, struct source *a, struct source *b, bool plain);

#endif
