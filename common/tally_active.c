/* What was active in the interval under way. */
#include "tally.h"

#include <stdlib.h>

#include "budget.h"
#include "mem.h"

void tally_push_books(struct tally *t, struct books *b)
{
	if (b->active || !t->options.intervals)
		return;
	b->active = true;
	t->books = mem_grow(t->books, &t->books_cap, t->books_n + 1,
			    sizeof(struct books *));
	b->place = (uint32_t)t->books_n;
	t->books[t->books_n++] = b;
}

void tally_push_flow(struct tally *t, struct flow *f)
{
	if (f->active)
		return;
	f->active = true;
	t->flows = mem_grow(t->flows, &t->flows_cap, t->flows_n + 1,
			    sizeof(struct flow *));
	f->place = (uint32_t)t->flows_n;
	t->flows[t->flows_n++] = f;
}

static int by_index(const void *a, const void *b)
{
	uint32_t m = books_index(*(struct books *const *)a);
	uint32_t n = books_index(*(struct books *const *)b);

	return (m > n) - (m < n);
}

static int by_stream(const void *a, const void *b)
{
	uint32_t m = flow_identify(*(struct flow *const *)a).stream;
	uint32_t n = flow_identify(*(struct flow *const *)b).stream;

	return (m > n) - (m < n);
}

void tally_drop_books(struct tally *t, struct books *b)
{
	if (b->active) {
		t->books[b->place] = t->books[--t->books_n];
		t->books[b->place]->place = b->place;
	}
	books_free(b);
}

void tally_drop_flow(struct tally *t, struct flow *f)
{
	if (f->active) {
		t->flows[f->place] = t->flows[--t->flows_n];
		t->flows[f->place]->place = f->place;
	}
	flow_free(f);
}

void tally_sort(struct tally *t)
{
	if (t->books_n)
		qsort(t->books, t->books_n, sizeof(*t->books), by_index);
	if (t->flows_n)
		qsort(t->flows, t->flows_n, sizeof(*t->flows), by_stream);
}

void tally_reset(struct tally *t)
{
	for (size_t i = 0; i < t->books_n; i++) {
		struct books *b = t->books[i];

		books_reset(b);
		if (!b->conn)
			books_free(b);
	}
	t->books_n = 0;
	for (size_t i = 0; i < t->flows_n; i++) {
		struct flow *f = t->flows[i];

		f->active = false;
		flow_reset(f);
		if (f->settled)
			flow_free(f);
	}
	t->flows_n = 0;
	if (t->options.budget)
		t->options.budget->used -= t->kept;
	t->kept = 0;
}
