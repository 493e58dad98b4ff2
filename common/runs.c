#include "runs.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void runs_free(struct runs *r)
{
	free(r->at);
	r->at = NULL;
	r->head = r->n = r->cap = 0;
}

static struct range *range_at(const struct runs *r, size_t i)
{
	return runs_at(r, i);
}

size_t runs_find(const struct runs *r, int64_t v)
{
	size_t low = 0, high = r->n;

	if (high && range_at(r, high - 1)->to <= v)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (range_at(r, mid)->to <= v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Room for one more behind the last: what was dropped in front, or new. */
static void make_room(struct runs *r)
{
	if (r->head + r->n < r->cap)
		return;
	if (r->head > r->cap / 2) {
		memmove(r->at, runs_at(r, 0), r->n * r->size);
		r->head = 0;
	} else {
		size_t need = (size_t)r->head + r->n + 1;

		r->at = mem_grow32(r->at, &r->cap, need < r->first ? r->first : need,
				   r->size);
	}
}

/* Room before the first, as much as there is behind it, so that it lasts. */
static void make_front(struct runs *r)
{
	uint32_t room = r->n / 2 + 1;

	r->at = mem_grow32(r->at, &r->cap, (size_t)room + r->n, r->size);
	memmove(r->at + (size_t)room * r->size, r->at, (size_t)r->n * r->size);
	r->head = room;
}

void *runs_insert(struct runs *r, size_t i)
{
	if (i < r->n / 2) {
		if (!r->head)
			make_front(r);
		r->head--;
		r->n++;
		memmove(runs_at(r, 0), runs_at(r, 1), i * r->size);
		return runs_at(r, i);
	}
	make_room(r);
	memmove(runs_at(r, i + 1), runs_at(r, i), (r->n - i) * r->size);
	r->n++;
	return runs_at(r, i);
}

void runs_shift(struct runs *r, int64_t by)
{
	for (size_t i = 0; i < r->n; i++) {
		struct range *v = range_at(r, i);

		if (by > 0 ? v->to > INT64_MAX - by : v->from < INT64_MIN - by) {
			runs_drop(r, r->n);
			return;
		}
		v->from += by;
		v->to += by;
	}
}
