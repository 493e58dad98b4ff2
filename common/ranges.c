#include "ranges.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void ranges_free(struct ranges *r)
{
	free(r->range);
	*r = (struct ranges){ 0 };
}

/* The first range whose end is at or after v. */
static size_t first_reaching(const struct ranges *r, int64_t v)
{
	size_t low = 0, high = r->n;

	if (high && r->range[high - 1].to < v)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (r->range[mid].to < v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t ranges_find(const struct ranges *r, int64_t v)
{
	return v == INT64_MAX ? r->n : first_reaching(r, v + 1);
}

bool ranges_has(const struct ranges *r, int64_t v)
{
	size_t i = ranges_find(r, v);

	return i < r->n && r->range[i].from <= v;
}

/* Put `put` ranges in the place of the `cut` ones at i. */
static void splice(struct ranges *r, size_t i, size_t cut,
		   const struct range *with, size_t put)
{
	r->range = mem_grow32(r->range, &r->cap, r->n + put - cut,
			      sizeof(*r->range));
	memmove(r->range + i + put, r->range + i + cut,
		(r->n - i - cut) * sizeof(*r->range));
	if (put)
		memcpy(r->range + i, with, put * sizeof(*with));
	r->n = (uint32_t)(r->n + put - cut);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

uint64_t ranges_count(const struct ranges *r, int64_t from, int64_t to)
{
	uint64_t in = 0;

	for (size_t i = ranges_find(r, from); i < r->n; i++) {
		if (r->range[i].from >= to)
			break;
		in += (uint64_t)smaller(r->range[i].to, to) -
		      (uint64_t)larger(r->range[i].from, from);
	}
	return in;
}

uint64_t ranges_add(struct ranges *r, int64_t from, int64_t to)
{
	struct range all = { from, to };
	uint64_t old;
	size_t i, j;

	if (from >= to)
		return 0;
	i = j = first_reaching(r, from);
	old = ranges_count(r, from, to);
	for (; j < r->n && r->range[j].from <= to; j++) {
		all.from = smaller(all.from, r->range[j].from);
		all.to = larger(all.to, r->range[j].to);
	}
	if (j == i + 1)
		r->range[i] = all;
	else
		splice(r, i, j - i, &all, 1);
	return (uint64_t)to - (uint64_t)from - old;
}

uint64_t ranges_remove(struct ranges *r, int64_t from, int64_t to)
{
	struct range rest[2];
	size_t i, j, n = 0;
	uint64_t old;

	if (from >= to)
		return 0;
	old = ranges_count(r, from, to);
	if (!old)
		return 0;
	i = j = ranges_find(r, from);
	if (r->range[i].from < from)
		rest[n++] = (struct range){ r->range[i].from, from };
	while (j < r->n && r->range[j].from < to)
		j++;
	if (r->range[j - 1].to > to)
		rest[n++] = (struct range){ to, r->range[j - 1].to };
	splice(r, i, j - i, rest, n);
	return old;
}

void ranges_shift(struct ranges *r, int64_t by)
{
	for (size_t i = 0; i < r->n; i++) {
		struct range *v = &r->range[i];

		if (by > 0 ? v->to > INT64_MAX - by : v->from < INT64_MIN - by) {
			r->n = 0;
			return;
		}
		v->from += by;
		v->to += by;
	}
}

void ranges_note(struct ranges *r, int64_t v, uint32_t most)
{
	ranges_add(r, v, v + 1);
	if (r->n > most)
		ranges_add(r, r->range[0].from, r->range[r->n - 1].to);
}
