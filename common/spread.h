/* Number, smallest, mean, largest and standard deviation of samples. */
#ifndef SPREAD_H
#define SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "seq.h"

/* All 0 is none. */
struct spread {
	uint64_t n;		/* samples, each as often as it weighs */
	int64_t min, max;
	int64_t first;		/* what the sums are relative to, so that they stay small */
	double sum, squares;
};

/* Add the sample v, `weight` times. */
static inline void spread_add(struct spread *s, int64_t v, uint64_t weight)
{
	double d, w = (double)weight;

	if (s->n == 0)
		s->min = s->max = s->first = v;
	s->n += weight;
	if (s->min > v)
		s->min = v;
	if (s->max < v)
		s->max = v;
	d = (double)seq_minus(v, s->first);
	s->sum += w * d;
	s->squares += w * d * d;
}

/*
 * The same of the time from one moment to another, in ns. Where it would be
 * negative, or out of all reason, the clock stepped: no sample.
 */
static inline void spread_add_time(struct spread *s, int64_t from_ns,
				   int64_t to_ns, uint64_t weight)
{
	int64_t v = seq_minus(to_ns, from_ns);

	if (v >= 0 && seq_is_sane(v))
		spread_add(s, v, weight);
}

/* All samples of `from` too. */
void spread_merge(struct spread *into, const struct spread *from);

/* The arithmetic mean, rounded; n must not be 0. */
int64_t spread_mean(const struct spread *s);

/* The standard deviation of the sample (n - 1), rounded; n must be above 1. */
int64_t spread_deviation(const struct spread *s);

#endif
