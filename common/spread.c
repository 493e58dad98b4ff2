#include "spread.h"

#include <math.h>

void spread_merge(struct spread *into, const struct spread *from)
{
	double d, n = (double)from->n;

	if (into->n == 0) {
		*into = *from;
		return;
	}
	if (from->n == 0)
		return;
	if (into->min > from->min)
		into->min = from->min;
	if (into->max < from->max)
		into->max = from->max;
	d = (double)seq_minus(from->first, into->first);
	into->n += from->n;
	into->sum += from->sum + n * d;
	into->squares += from->squares + 2 * d * from->sum + n * d * d;
}

int64_t spread_mean(const struct spread *s)
{
	return seq_plus(s->first, (int64_t)floor(s->sum / (double)s->n + 0.5));
}

int64_t spread_deviation(const struct spread *s)
{
	double n = (double)s->n;
	double v = (s->squares - s->sum * s->sum / n) / (n - 1);

	return v > 0 ? (int64_t)floor(sqrt(v) + 0.5) : 0;
}
