#include "arrivals.h"

#include <stdlib.h>

#include "mem.h"

enum { NAMED_MAX = 64 };	/* packets, or more if next to each other: one is enough */

void arrivals_init(struct arrivals *a)
{
	*a = (struct arrivals){ .n = 0 };
	map_init(&a->map);
}

static void side_free(struct arrivals_side *s)
{
	free(s->asked);
	ranges_free(&s->wanted);
	ranges_free(&s->lost);
	ranges_free(&s->unseen);
	ranges_free(&s->named);
	for (unsigned k = 0; k < ARRIVALS_MAX; k++)
		runs_free(&s->nth[k]);
	free(s);
}

void arrivals_free(struct arrivals *a)
{
	for (size_t i = 0; i < a->n; i++)
		side_free(a->side[i]);
	free(a->side);
	map_free(&a->map);
}

static uint32_t hash(const struct arrivals *a, uint32_t stream, unsigned role)
{
	uint32_t key[2] = { stream, role };

	return map_hash(&a->map, key, sizeof(key));
}

struct arrivals_side *arrivals_side(const struct arrivals *a, uint32_t stream,
				    unsigned role)
{
	uint32_t key = hash(a, stream, role);
	struct arrivals_side *s;
	size_t at = 0;

	while ((s = map_next(&a->map, key, &at)))
		if (s->stream == stream && s->role == role)
			return s;
	return NULL;
}

struct arrivals_side *arrivals_make(struct arrivals *a, uint32_t stream, unsigned role)
{
	struct arrivals_side *s = arrivals_side(a, stream, role);

	if (s)
		return s;
	s = mem_zero(sizeof(*s));
	s->stream = stream;
	s->role = (uint8_t)role;
	map_add(&a->map, hash(a, stream, role), s);
	a->side = mem_grow(a->side, &a->cap, a->n + 1, sizeof(struct arrivals_side *));
	a->side[a->n++] = s;
	return s;
}

struct arrivals_side *arrivals_want(struct arrivals *a, uint32_t stream, unsigned role,
				    int64_t from, int64_t to)
{
	struct arrivals_side *s = arrivals_make(a, stream, role);

	s->asked = mem_grow(s->asked, &s->cap, s->n + 1, sizeof(*s->asked));
	s->asked[s->n++] = (struct range){ from, to };
	return s;
}

void arrivals_name(struct arrivals_side *s, uint64_t pkt)
{
	if (s->named.n < NAMED_MAX)
		ranges_add(&s->named, (int64_t)pkt, (int64_t)pkt + 1);
}

void arrivals_meet(struct arrivals_side *s, uint64_t pkt)
{
	s->met = s->met || ranges_has(&s->named, (int64_t)pkt);
}

uint64_t arrivals_weight(const struct arrivals_side *s)
{
	uint64_t n = sizeof(*s) + MAP_PLACE + sizeof(struct arrivals_side *) +
		     (s->asked ? s->cap * sizeof(*s->asked) : 0) + ranges_weight(&s->wanted) +
		     ranges_weight(&s->lost) + ranges_weight(&s->unseen) +
		     ranges_weight(&s->named);

	for (unsigned k = 0; k < ARRIVALS_MAX; k++)
		n += runs_weight(&s->nth[k]);
	return n;
}

void arrivals_drop(struct arrivals *a, bool (*drops)(const struct arrivals_side *))
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct arrivals_side *s = a->side[i];

		if (!drops(s)) {
			a->side[n++] = s;
			continue;
		}
		map_remove(&a->map, hash(a, s->stream, s->role), s);
		side_free(s);
	}
	a->n = n;
}

static int by_from(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* In order, so that each is added at the end. */
static void sort(struct arrivals_side *s)
{
	qsort(s->asked, s->n, sizeof(*s->asked), by_from);
	for (size_t i = 0; i < s->n; i++)
		ranges_add(&s->wanted, s->asked[i].from, s->asked[i].to);
	free(s->asked);
	s->asked = NULL;
	s->sorted = true;
}

/* The first part of [from, to) that is wanted; false if there is none. */
static bool next_wanted(struct arrivals_side *s, struct range *part, int64_t from,
			int64_t to)
{
	const struct range *r;
	size_t i;

	if (!s->sorted)
		sort(s);
	i = ranges_find(&s->wanted, from);
	if (from >= to || i == s->wanted.n || s->wanted.range[i].from >= to)
		return false;
	r = &s->wanted.range[i];
	part->from = r->from > from ? r->from : from;
	part->to = r->to < to ? r->to : to;
	return true;
}

static const struct arrival *find(const struct runs *r, int64_t at, int64_t *end)
{
	size_t i = runs_find(r, at);
	const struct arrival *x = i < runs_n(r) ? runs_at(r, i) : NULL;
	bool in = x && x->bytes.from <= at;

	if (x && *end > (in ? x->bytes.to : x->bytes.from))
		*end = in ? x->bytes.to : x->bytes.from;
	return in ? x : NULL;
}

/* Each byte is put where its arrivals so far end. */
static void put(struct arrivals_side *s, const struct arrival *what,
		int64_t from, int64_t to)
{
	for (int64_t end; from < to; from = end) {
		unsigned k = 0;

		end = to;
		while (k < ARRIVALS_MAX && find(&s->nth[k], from, &end))
			k++;
		if (k < ARRIVALS_MAX) {
			struct runs *r = &s->nth[k];
			struct arrival *x = runs_insert(r, runs_find(r, from),
						sizeof(*x), 4);

			*x = *what;
			x->bytes = (struct range){ from, end };
		}
	}
}

void arrivals_add(struct arrivals_side *s, const struct arrival *what)
{
	struct range part = what->bytes;

	for (int64_t at = part.from; next_wanted(s, &part, at, what->bytes.to);
	     at = part.to)
		put(s, what, part.from, part.to);
}

void arrivals_miss(struct arrivals_side *s, bool unseen, int64_t from, int64_t to)
{
	struct range part;

	for (; next_wanted(s, &part, from, to); from = part.to)
		ranges_add(unseen ? &s->unseen : &s->lost, part.from, part.to);
}

const struct arrival *arrivals_find(const struct arrivals_side *s, unsigned nth,
				    int64_t at, int64_t *end)
{
	return nth < ARRIVALS_MAX ? find(&s->nth[nth], at, end) : NULL;
}

/* A piece before index i of what came first; it may be part of the one before it. */
static void put_first(struct runs *r, size_t i, const struct arrival *what, int64_t from,
		      int64_t to)
{
	struct arrival *x = i ? runs_at(r, i - 1) : NULL;

	if (x && x->bytes.to == from && x->pkt == what->pkt) {
		x->bytes.to = to;
		return;
	}
	x = runs_insert(r, i, sizeof(*x), 4);
	*x = *what;
	x->bytes = (struct range){ from, to };
}

/* Of the one at index i [from, to) goes to another, if that was earlier. */
static void take_first(struct runs *r, size_t i, const struct arrival *what, int64_t from,
		       int64_t to)
{
	struct arrival *x = runs_at(r, i), old = *x;

	if (old.pkt <= what->pkt)
		return;
	if (old.bytes.from < from) {
		x->bytes.to = from;
		x = runs_insert(r, ++i, sizeof(*x), 4);
		*x = old;
	}
	if (old.bytes.to > to) {
		x->bytes.from = to;
		put_first(r, i, what, from, to);
		return;
	}
	*x = *what;
	x->bytes = (struct range){ from, to };
}

void arrivals_first(struct arrivals_side *s, const struct arrival *what)
{
	struct runs *r = &s->nth[0];
	int64_t end;

	for (int64_t at = what->bytes.from; at < what->bytes.to; at = end) {
		size_t i = runs_find(r, at);
		const struct arrival *x;

		end = what->bytes.to;
		x = find(r, at, &end);
		if (x)
			take_first(r, i, what, at, end);
		else
			put_first(r, i, what, at, end);
	}
}
