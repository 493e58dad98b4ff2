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

/* Up to a number that has no more than `bits` binary digits before zeros. */
static int64_t round_up(unsigned bits, int64_t v)
{
	uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	unsigned shift = 0;

	if (!bits)
		return v;
	while (m >> shift >> bits)
		shift++;
	if (v < 0)
		return -(int64_t)(m >> shift << shift);
	m += (UINT64_C(1) << shift) - 1;
	m = m >> shift << shift;
	return m > INT64_MAX ? INT64_MAX : (int64_t)m;
}

/* Of what ascends, the same values become one. */
static void merge(struct dist *d)
{
	size_t n = 0;

	for (size_t i = 1; i < d->n; i++) {
		if (d->at[n].value == d->at[i].value)
			d->at[n].weight += d->at[i].weight;
		else
			d->at[++n] = d->at[i];
	}
	d->n = d->sorted = n + 1;
}

/* Digits to begin with: with fewer, of numbers of any size, there is always room. */
enum { BITS_FIRST = 24, BITS_LEAST = 7 };

static void coarsen(struct dist *d)
{
	while (d->n > DIST_VALUES / 2 && d->bits != BITS_LEAST) {
		d->bits = d->bits ? d->bits - 1 : BITS_FIRST;
		for (size_t i = 0; i < d->n; i++)
			d->at[i].value = round_up(d->bits, d->at[i].value);
		merge(d);
	}
}

void dist_settle(struct dist *d)
{
	if (d->sorted != d->n) {
		qsort(d->at, d->n, sizeof(*d->at), by_value);
		merge(d);
	}
	if (d->n > DIST_VALUES)
		coarsen(d);
}

void dist_add(struct dist *d, int64_t value, uint64_t weight)
{
	struct dist_value *last;

	if (d->n >= 4 * DIST_VALUES)
		dist_settle(d);		/* may change how values are rounded */
	if (!d->n || d->max < value)
		d->max = value;
	d->total += weight;
	value = round_up(d->bits, value);
	last = d->n ? &d->at[d->n - 1] : NULL;
	if (last && last->value == value) {
		last->weight += weight;
		return;
	}
	d->at = mem_grow(d->at, &d->cap, d->n + 1, sizeof(*d->at));
	d->at[d->n++] = (struct dist_value){ value, weight };
}
