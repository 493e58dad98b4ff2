#include "quantile.h"

#include <stdlib.h>

#include "mem.h"

enum { PART_BITS = 7 };

void quantile_free(struct quantile *q)
{
	for (unsigned sign = 0; sign < 2; sign++)
		for (unsigned i = 0; i < QUANTILE_OCTAVES; i++)
			free(q->octave[sign][i]);
	*q = (struct quantile){ 0 };
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

void quantile_add(struct quantile *q, int64_t v)
{
	uint64_t m = magnitude(v);
	unsigned octave = 0, sign = v < 0;

	while (m >> octave >= 2 * QUANTILE_PARTS)
		octave++;
	octave += m >= QUANTILE_PARTS;
	m >>= octave ? octave - 1 : 0;
	if (!q->octave[sign][octave]) {
		q->octave[sign][octave] = mem_zero(QUANTILE_PARTS * sizeof(uint64_t));
		q->octaves++;
	}
	q->octave[sign][octave][m % QUANTILE_PARTS]++;
	if (!q->n || q->min > v)
		q->min = v;
	if (!q->n || q->max < v)
		q->max = v;
	q->n++;
}

/* The middle of a part of an octave, as a value. */
static int64_t middle(unsigned sign, unsigned octave, unsigned part)
{
	uint64_t from = octave ? (uint64_t)(part + QUANTILE_PARTS) << (octave - 1) : part;
	uint64_t width = octave ? UINT64_C(1) << (octave - 1) : 1;
	uint64_t m = from + (width - 1) / 2;

	return sign ? -(int64_t)m : (int64_t)m;
}

static int64_t within(const struct quantile *q, int64_t v)
{
	return v < q->min ? q->min : v > q->max ? q->max : v;
}

int64_t quantile_at(const struct quantile *q, uint64_t part, uint64_t whole)
{
	uint64_t rank = q->n / whole * part + (q->n % whole * part + whole - 1) / whole;
	uint64_t seen = 0;

	/* from the most negative to the largest */
	for (unsigned k = 0; k < 2 * QUANTILE_OCTAVES * QUANTILE_PARTS; k++) {
		unsigned sign = k < QUANTILE_OCTAVES * QUANTILE_PARTS;
		unsigned at = sign ? QUANTILE_OCTAVES * QUANTILE_PARTS - 1 - k :
				     k - QUANTILE_OCTAVES * QUANTILE_PARTS;
		const uint64_t *octave = q->octave[sign][at / QUANTILE_PARTS];

		seen += octave ? octave[at % QUANTILE_PARTS] : 0;
		if (seen && seen >= rank)
			return within(q, middle(sign, at / QUANTILE_PARTS,
						at % QUANTILE_PARTS));
	}
	return q->max;
}
