#include "hull.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void hull_free(struct hull *h)
{
	free(h->at);
	*h = (struct hull){ 0 };
}

void hull_copy(struct hull *into, const struct hull *from)
{
	into->at = mem_grow32(into->at, &into->cap, from->n + 1, sizeof(*into->at));
	if (from->n)
		memcpy(into->at, from->at, from->n * sizeof(*from->at));
	into->n = from->n;
}

/* How far b lies below the line from a to c, times the distance of these. */
static double below(const struct hull_point *a, const struct hull_point *b,
		    const struct hull_point *c)
{
	return (double)(c->v - a->v) * (double)(b->t - a->t) -
	       (double)(b->v - a->v) * (double)(c->t - a->t);
}

/* The first corner at or after t. */
static size_t find(const struct hull *h, int64_t t)
{
	size_t low = 0, high = h->n;

	if (!high || h->at[high - 1].t < t)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (h->at[mid].t < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void drop(struct hull *h, size_t i, size_t k)
{
	if (!k)
		return;
	memmove(h->at + i, h->at + i + k, (h->n - i - k) * sizeof(*h->at));
	h->n -= (uint32_t)k;
}

/* Drop those next to corner i that are no corners any more. */
static void mend(struct hull *h, size_t i)
{
	size_t from = i, to = i;

	while (from >= 2 &&
	       below(&h->at[from - 2], &h->at[from - 1], &h->at[i]) <= 0)
		from--;
	while (to + 2 < h->n &&
	       below(&h->at[i], &h->at[to + 1], &h->at[to + 2]) <= 0)
		to++;
	drop(h, i + 1, to - i);
	drop(h, from, i - from);
}

/* Forget the corner that lies the least below its neighbours. */
static void simplify(struct hull *h)
{
	size_t least = 0;
	double depth = 0;

	for (size_t i = 1; i + 1 < h->n; i++) {
		double d = below(&h->at[i - 1], &h->at[i], &h->at[i + 1]) /
			   (double)(h->at[i + 1].t - h->at[i - 1].t);

		if (!least || d < depth) {
			least = i;
			depth = d;
		}
	}
	drop(h, least, 1);
}

bool hull_add(struct hull *h, int64_t t, int64_t v)
{
	struct hull_point p = { t, v };
	size_t i = find(h, t);

	/* the last one is no corner any more, as so often */
	if (i == h->n && i > 1 && below(&h->at[i - 2], &h->at[i - 1], &p) <= 0) {
		h->at[--i] = p;
		mend(h, i);
		return true;
	}
	if (i < h->n && h->at[i].t == t) {
		if (h->at[i].v <= v)
			return false;
		h->at[i].v = v;
	} else {
		if (i && i < h->n && below(&h->at[i - 1], &p, &h->at[i]) <= 0)
			return false;
		h->at = mem_grow32(h->at, &h->cap, h->n + 1, sizeof(*h->at));
		memmove(h->at + i + 1, h->at + i, (h->n - i) * sizeof(*h->at));
		h->at[i] = p;
		h->n++;
	}
	mend(h, i);
	if (h->n > HULL_MAX)
		simplify(h);
	return true;
}

double hull_slope(const struct hull *h, size_t i)
{
	return (double)(h->at[i + 1].v - h->at[i].v) /
	       (double)(h->at[i + 1].t - h->at[i].t);
}

size_t hull_touch(const struct hull *h, double slope)
{
	size_t low = 0, high = h->n - 1;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (hull_slope(h, mid) < slope)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
