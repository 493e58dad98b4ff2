/*
 * Quantiles of any number of times, in bounded memory: how many fell into each
 * of 128 parts of an octave (as in HdrHistogram, Tene 2012). What is returned
 * differs from a sample of that rank by at most 1/256 of it; below 128 ns it
 * is exact.
 */
#ifndef QUANTILE_H
#define QUANTILE_H

#include <stdint.h>

enum { QUANTILE_PARTS = 128, QUANTILE_OCTAVES = 57 };

/* All 0 is none. */
struct quantile {
	uint64_t n;
	int64_t min, max;	/* exact */
	/* by sign, octave and part; an octave without samples is NULL */
	uint64_t *octave[2][QUANTILE_OCTAVES];
	uint32_t octaves;	/* that have samples */
};

/* What it has allocated, in bytes. */
static inline uint64_t quantile_weight(const struct quantile *q)
{
	return q->octaves * (uint64_t)QUANTILE_PARTS * sizeof(**q->octave[0]);
}

void quantile_free(struct quantile *q);
void quantile_add(struct quantile *q, int64_t v);

/* The value of rank ceil(part n / whole), n > 0, part <= whole. */
int64_t quantile_at(const struct quantile *q, uint64_t part, uint64_t whole);

#endif
