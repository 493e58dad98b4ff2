/*
 * What waits for its verdict takes memory of the budget. Beyond its part,
 * connections are given up: their copies are told of without one.
 *
 * None of a connection is judged by a part of its copies: one that is not there
 * any more may have arrived before.
 */
#include <stdlib.h>

#include "budget.h"
#include "mem.h"
#include "verdict.h"

struct verdict_conn {
	uint32_t conn;		/* index */
	bool heavy, gone;	/* see give_up() */
	uint64_t weight;	/* bytes */
	uint64_t last;		/* its latest copy: the number of that */
};

enum {
	PART = 2,		/* of the budget, until captures are read */
	WHILE_READ = 4,		/* times what it takes by then, at most, and */
	LEAST_PART = 16,	/* at least */
	ENOUGH = 4,		/* such a part is free after connections were given up */
	GONE_MAX = 4096		/* ranges of those, see ranges_note() */
};

void verdicts_room_init(struct verdicts *v)
{
	map_init(&v->map);
	v->most = v->budget ? v->budget->limit / PART : UINT64_MAX;
}

void verdicts_room_free(struct verdicts *v)
{
	for (size_t i = 0; i < v->conns; i++)
		free(v->conn[i]);
	free(v->conn);
	map_free(&v->map);
	ranges_free(&v->gone);
}

bool verdicts_gave_up(const struct verdicts *v, uint32_t conn)
{
	return ranges_has(&v->gone, conn);
}

static uint32_t hash(const struct verdicts *v, uint32_t conn)
{
	return map_hash(&v->map, &conn, sizeof(conn));
}

/* The allocator takes an eighth of it. */
static void charge(struct verdicts *v, struct verdict_conn *c, uint64_t bytes)
{
	bytes += bytes / 8;
	c->weight += bytes;
	v->weight += bytes;
	if (v->budget)
		v->budget->used += bytes;
}

struct verdict_conn *verdicts_conn(struct verdicts *v, uint32_t conn)
{
	struct verdict_conn *c;
	size_t at = 0;

	if (verdicts_gave_up(v, conn))
		return NULL;
	while ((c = map_next(&v->map, hash(v, conn), &at)))
		if (c->conn == conn)
			return c;
	c = mem_zero(sizeof(*c));
	c->conn = conn;
	map_add(&v->map, hash(v, conn), c);
	v->conn = mem_grow(v->conn, &v->conns_cap, v->conns + 1, sizeof(struct verdict_conn *));
	v->conn[v->conns++] = c;
	charge(v, c, sizeof(*c) + MAP_PLACE + sizeof(c));
	return c;
}

void verdicts_charge(struct verdicts *v, uint32_t conn, uint64_t bytes)
{
	struct verdict_conn *c = verdicts_conn(v, conn);

	if (c)
		charge(v, c, bytes);
}

/* It may take less than before, once it knows what is wanted; but not much. */
void verdicts_weigh(struct verdicts *v, struct arrivals_side *s)
{
	uint64_t now = arrivals_weight(s);

	if (now <= s->weight)
		return;
	charge(v, s->owner, now - s->weight);
	s->weight = now;
}

void verdicts_weigh_row(struct verdicts *v, struct verdict_conn *c, const struct resent *r)
{
	c->last = ++v->copies;
	/* the array grows by half */
	charge(v, c, 3 * sizeof(*r) / 2 + (r->cell ? sizeof(*r->cell) + MAP_PLACE : 0));
}

/* What is heavy, the largest first, then what was silent for longest. */
static int least_first(const void *a, const void *b)
{
	const struct verdict_conn *c = *(struct verdict_conn *const *)a;
	const struct verdict_conn *d = *(struct verdict_conn *const *)b;

	if (c->heavy != d->heavy)
		return c->heavy ? -1 : 1;
	if (c->heavy && c->weight != d->weight)
		return c->weight > d->weight ? -1 : 1;
	return (c->last > d->last) - (c->last < d->last);
}

static void set_gone(struct verdicts *v, struct verdict_conn *c)
{
	c->gone = true;
	ranges_note(&v->gone, c->conn, GONE_MAX);
	v->weight -= c->weight;
	v->budget->used -= c->weight;
	v->budget->unjudged++;
}

static bool is_gone(const struct arrivals_side *s)
{
	return ((const struct verdict_conn *)s->owner)->gone;
}

/* Their copies are told of. */
static size_t drop_rows(struct verdicts *v, size_t n)
{
	static const struct verdict none = { .kind = VERDICTS };
	size_t kept = 0, before = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct resent r = v->row[i];

		if (!verdicts_gave_up(v, r.conn)) {
			v->row[kept++] = r;
			continue;
		}
		before += i < n;
		if (r.cell)
			r.cell->waits--;
		v->tell(v->arg, &r, &none);
	}
	v->n = kept;
	return before;
}

static void drop_conns(struct verdicts *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->conns; i++) {
		struct verdict_conn *c = v->conn[i];

		if (!c->gone) {
			v->conn[n++] = c;
			continue;
		}
		map_remove(&v->map, hash(v, c->conn), c);
		free(c);
	}
	v->conns = n;
}

/* Back below the limit, by so much that this need not be done soon again. */
static size_t give_up(struct verdicts *v, size_t n)
{
	for (size_t i = 0; i < v->conns; i++)
		v->conn[i]->heavy = budget_is_heavy(v->budget, v->conn[i]->weight);
	qsort(v->conn, v->conns, sizeof(struct verdict_conn *), least_first);
	for (size_t i = 0; i < v->conns && v->weight > v->most - v->most / ENOUGH; i++)
		set_gone(v, v->conn[i]);
	/* also what was between, and all that has to be told of must be so at once */
	for (size_t i = 0; i < v->conns; i++)
		if (!v->conn[i]->gone && verdicts_gave_up(v, v->conn[i]->conn))
			set_gone(v, v->conn[i]);
	arrivals_drop(&v->arrivals, is_gone);
	arrivals_drop(&v->data, is_gone);
	n = drop_rows(v, n);
	drop_conns(v);
	if (v->gave_up)
		v->gave_up(v->arg);
	return n;
}

size_t verdicts_make_room(struct verdicts *v, size_t n)
{
	return v->weight > v->most ? give_up(v, n) : 0;
}

/*
 * Captures are read with the rest: as much each time, for they have to be read alike.
 */
struct budget verdicts_rest(struct verdicts *v)
{
	uint64_t limit, most = v->weight * WHILE_READ;

	if (!v->budget)
		return (struct budget){ .limit = UINT64_MAX };
	limit = v->budget->limit;
	if (most < limit / LEAST_PART)
		most = limit / LEAST_PART;
	v->most = most < limit / PART ? most : limit / PART;
	return (struct budget){ .limit = limit - v->most };
}

void verdicts_room_all(struct verdicts *v)
{
	if (v->budget)
		v->most = v->budget->limit;
}
