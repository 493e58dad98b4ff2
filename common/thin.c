#include "thin.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

void thin_init(struct thin *t, size_t most)
{
	*t = (struct thin){ .most = most - 2 };
}

void thin_free(struct thin *t)
{
	free(t->at);
}

/* Which bucket it is in, counted from the first point. */
static int64_t bucket_of(const struct thin *t, const struct point *p)
{
	int64_t ns = seq_minus(p->time_ns, t->first.time_ns);

	return ns >= 0 ? ns >> t->shift : -1 - (-1 - ns) / (INT64_C(1) << t->shift);
}

/* How many are not later. */
static size_t find(const struct thin *t, int64_t time_ns)
{
	size_t low = 0, high = t->n;

	if (high && t->at[high - 1].time_ns <= time_ns)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->at[mid].time_ns <= time_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void insert(struct thin *t, const struct point *p)
{
	size_t i = find(t, p->time_ns);

	t->at = mem_grow(t->at, &t->cap, t->n + 1, sizeof(*t->at));
	memmove(t->at + i + 1, t->at + i, (t->n - i) * sizeof(*t->at));
	t->at[i] = *p;
	t->n++;
}

static void take_out(struct thin *t, size_t i)
{
	t->n--;
	memmove(t->at + i, t->at + i + 1, (t->n - i) * sizeof(*t->at));
}

/* The smallest and largest of its kind in its bucket; returns how many there are, up to 2. */
static unsigned rivals(const struct thin *t, const struct point *p,
		       size_t *smallest, size_t *largest)
{
	int64_t bucket = bucket_of(t, p);
	size_t i = find(t, p->time_ns), end = i;
	unsigned n = 0;

	while (i > 0 && bucket_of(t, &t->at[i - 1]) == bucket)
		i--;
	while (end < t->n && bucket_of(t, &t->at[end]) == bucket)
		end++;
	for (; i < end; i++) {
		if (t->at[i].kind != p->kind)
			continue;
		if (!n || t->at[i].y < t->at[*smallest].y)
			*smallest = i;
		if (!n || t->at[i].y >= t->at[*largest].y)
			*largest = i;
		n++;
	}
	return n;
}

static void add(struct thin *t, const struct point *p)
{
	size_t smallest, largest;

	if (rivals(t, p, &smallest, &largest) == 2) {
		if (p->y < t->at[smallest].y)
			take_out(t, smallest);
		else if (p->y > t->at[largest].y)
			take_out(t, largest);
		else
			return;
	}
	insert(t, p);
}

/* Buckets twice as wide. */
static void widen(struct thin *t)
{
	struct thin old = *t;

	t->at = NULL;
	t->n = t->cap = 0;
	t->shift++;
	for (size_t i = 0; i < old.n; i++)
		add(t, &old.at[i]);
	thin_free(&old);
}

void thin_add(struct thin *t, const struct point *p)
{
	if (t->points == 0)
		t->first = *p;
	if (t->points == 2)
		add(t, &t->last);
	if (t->points > 0)
		t->last = *p;
	if (t->points < 2)
		t->points++;
	while (t->n > t->most && t->shift < 62)
		widen(t);
}
