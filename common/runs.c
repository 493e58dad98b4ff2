#include "runs.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void runs_free(struct runs *r)
{
	free(r->room);
	r->room = NULL;
}

static struct range *range_at(const struct runs *r, size_t i)
{
	return runs_at(r, i);
}

size_t runs_find(const struct runs *r, int64_t v)
{
	size_t low = 0, high = runs_n(r);

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

static void start(struct runs *r, size_t size, size_t first)
{
	r->room = mem_resize(NULL, sizeof(*r->room) + first * size);
	*r->room = (struct runs_room){ .size = (uint32_t)size, .cap = (uint32_t)first };
}

/* Room for `need` elements at least. */
static void grow(struct runs *r, size_t need)
{
	size_t cap = r->room->cap, size = r->room->size;

	if (need <= cap)
		return;
	cap = mem_more(cap, need <= UINT32_MAX / 2 ? need : SIZE_MAX, size);
	r->room = mem_resize(r->room, sizeof(*r->room) + cap * size);
	r->room->cap = (uint32_t)cap;
}

/* Room for one more behind the last: what was dropped in front, or new. */
static void make_room(struct runs *r)
{
	struct runs_room *m = r->room;

	if (m->head + m->n < m->cap)
		return;
	if (m->head > m->cap / 2) {
		memmove(m->at, runs_at(r, 0), (size_t)m->n * m->size);
		m->head = 0;
	} else {
		grow(r, (size_t)m->head + m->n + 1);
	}
}

/* Room before the first, as much as there is behind it, so that it lasts. */
static void make_front(struct runs *r)
{
	uint32_t room = r->room->n / 2 + 1;

	grow(r, (size_t)room + r->room->n);
	memmove(runs_at(r, room), r->room->at, (size_t)r->room->n * r->room->size);
	r->room->head = room;
}

static void *insert_low(struct runs *r, size_t i)
{
	if (!r->room->head)
		make_front(r);
	r->room->head--;
	r->room->n++;
	memmove(runs_at(r, 0), runs_at(r, 1), i * r->room->size);
	return runs_at(r, i);
}

void *runs_insert(struct runs *r, size_t i, size_t size, size_t first)
{
	size_t n;

	if (!r->room)
		start(r, size, first);
	n = r->room->n;
	if (i < n / 2)
		return insert_low(r, i);
	make_room(r);
	if (i < n)
		memmove(runs_at(r, i + 1), runs_at(r, i), (n - i) * size);
	r->room->n++;
	return runs_at(r, i);
}

void runs_shift(struct runs *r, int64_t by)
{
	for (size_t i = 0; i < runs_n(r); i++) {
		struct range *v = range_at(r, i);

		if (by > 0 ? v->to > INT64_MAX - by : v->from < INT64_MIN - by) {
			runs_free(r);
			return;
		}
		v->from += by;
		v->to += by;
	}
}
