/* The places where segments begin and end, and the sums between them. */
#include <string.h>

#include "checksum.h"
#include "mem.h"
#include "sum.h"

enum {
	POINTS_KEPT = 512,	/* acknowledged or not */
	POINTS_MAX = 8192	/* no ACK may ever be captured */
};

/* The first point at or behind this place. */
static uint32_t find_point(const struct checksum *c, int64_t at)
{
	uint32_t low = 0, high = c->n;

	if (high && c->point[high - 1].at <= at)
		return high - (c->point[high - 1].at == at);
	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (c->point[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct checksum_point *checksum_point_at(const struct checksum *c, int64_t at)
{
	uint32_t i = find_point(c, at);

	return i < c->n && c->point[i].at == at ? &c->point[i] : NULL;
}

static void add_point(struct checksum *c, int64_t at, uint32_t chain, uint16_t sum)
{
	uint32_t i = find_point(c, at);

	c->point = mem_grow32(c->point, &c->cap, c->n + 1, sizeof(*c->point));
	memmove(c->point + i + 1, c->point + i, (c->n++ - i) * sizeof(*c->point));
	c->point[i] = (struct checksum_point){ at, chain, sum };
}

static void drop_points(struct checksum *c, uint32_t n)
{
	c->n -= n;
	memmove(c->point, c->point + n, c->n * sizeof(*c->point));
}

void checksum_forget_points(struct checksum *c, int64_t below)
{
	uint32_t n = find_point(c, below);

	if (c->n > POINTS_KEPT && n)
		drop_points(c, n);
}

/* The chain `from` is part of `into`; the sums of its points are more by `more` there. */
static void merge(struct checksum *c, uint32_t into, uint32_t from, uint16_t more)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (c->point[i].chain != from)
			continue;
		c->point[i].chain = into;
		c->point[i].sum = sum_plus(c->point[i].sum, more);
	}
}

bool checksum_connect(struct checksum *c, int64_t from, int64_t to, uint16_t sum,
		      uint16_t *more)
{
	struct checksum_point *a, *b;

	if (c->n >= POINTS_MAX) {
		checksum_note_full(c, c->point[c->n / 2].at);
		drop_points(c, c->n / 2);
	}
	a = checksum_point_at(c, from);
	b = checksum_point_at(c, to);
	if (!a && !b) {
		uint32_t chain = c->chains++;

		add_point(c, from, chain, 0);
		add_point(c, to, chain, sum);
	} else if (!b) {
		add_point(c, to, a->chain, sum_plus(a->sum, sum));
	} else if (!a) {
		add_point(c, from, b->chain, sum_minus(b->sum, sum));
	} else if (a->chain != b->chain) {
		merge(c, a->chain, b->chain, sum_minus(sum_plus(a->sum, sum), b->sum));
	} else {
		*more = sum_minus(sum, sum_minus(b->sum, a->sum));
		return sum_same(*more, 0);
	}
	return true;
}
