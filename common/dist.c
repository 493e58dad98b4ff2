#include "dist.h"

#include <stdlib.h>

#include "mem.h"

void dist_free(struct dist *d)
{
	free(d->at);
}

static int by_value(const void *a, const void *b)
{
	int64_t m = ((const struct dist_value *)a)->value;
	int64_t n = ((const struct dist_value *)b)->value;

	return (m > n) - (m < n);
}

/*
 * Put the same values together, and neighbours as long as they weigh no more
 * than `most`. Any two that are left weigh more, so that they are few.
 */
static void merge(struct dist *d, uint64_t most)
{
	size_t n = 0;

	for (size_t i = 1; i < d->n; i++) {
		struct dist_value *last = &d->at[n], *v = &d->at[i];

		if (last->value == v->value || last->weight + v->weight <= most) {
			last->value = v->value;
			last->weight += v->weight;
		} else {
			d->at[++n] = *v;
		}
	}
	d->n = d->sorted = n + 1;
}

void dist_settle(struct dist *d)
{
	if (d->sorted == d->n)
		return;
	qsort(d->at, d->n, sizeof(*d->at), by_value);
	merge(d, 0);
	if (d->n > DIST_VALUES)
		merge(d, 2 * (d->total / DIST_VALUES + 1));
}

void dist_add(struct dist *d, int64_t value, uint64_t weight)
{
	struct dist_value *last = d->n ? &d->at[d->n - 1] : NULL;

	if (!d->n || d->min > value)
		d->min = value;
	d->total += weight;
	if (last && last->value == value) {
		last->weight += weight;
		return;
	}
	if (d->n >= 4 * DIST_VALUES)
		dist_settle(d);
	d->at = mem_grow(d->at, &d->cap, d->n + 1, sizeof(*d->at));
	d->at[d->n++] = (struct dist_value){ value, weight };
}
