/*
 * The series of one-way delays. No connection or stream that is remembered holds
 * them, so they have a part of the budget: beyond it some are ended before their
 * time, those that take much first, then what was silent for longest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "budget.h"
#include "mem.h"
#include "plot.h"
#include "ranges.h"

struct plot_owd {
	struct map map;		/* the series, by stream and direction */
	struct plot_owd_series **list;	/* n of them */
	size_t n, cap;
	uint64_t points;	/* so far */
	uint64_t weight, most;	/* bytes that series take, and may */
	struct ranges gone;	/* keys of those that were ended before their time */
};

enum {
	PART = 4,		/* of the budget */
	ENOUGH = 4,		/* such a part of that is free after some were ended */
	GONE_MAX = 4096		/* ranges of those, see ranges_note() */
};

void plot_owd_begin(struct plot *p)
{
	p->owd = mem_zero(sizeof(*p->owd));
	map_init(&p->owd->map);
	p->owd->most = p->budget ? p->budget->limit / PART : UINT64_MAX;
}

const uint64_t *plot_owd_weight(const struct plot *p)
{
	return &p->owd->weight;
}

static void end_series(struct plot *p, struct plot_owd_series *s)
{
	p->owd->weight -= s->weight;
	series_end(&p->sink, s->series);
	free(s);
}

void plot_owd_end(struct plot *p)
{
	for (size_t i = 0; i < p->owd->n; i++)
		end_series(p, p->owd->list[i]);
	free(p->owd->list);
	map_free(&p->owd->map);
	ranges_free(&p->owd->gone);
	free(p->owd);
}

static uint64_t key_of(uint32_t stream, uint8_t dir)
{
	return (uint64_t)stream << 1 | dir;
}

static uint32_t hash(const struct plot_owd *o, uint64_t key)
{
	return map_hash(&o->map, &key, sizeof(key));
}

struct plot_owd_series *plot_owd_find(const struct plot *p, uint32_t stream, uint8_t dir)
{
	uint64_t key = key_of(stream, dir);
	struct plot_owd_series *s;
	size_t at = 0;

	while ((s = map_next(&p->owd->map, hash(p->owd, key), &at)))
		if (s->series->key == key)
			break;
	return s;
}

/* One that was ended goes on: that tells, unless points are printed as they come. */
static void check_gone(const struct plot *p, uint64_t key)
{
	const struct sink *k = &p->sink;

	if (ranges_has(&p->owd->gone, (int64_t)key) &&
	    (k->distribute || k->thin || k->smooth || k->cumulate || k->xplot))
		p->budget->given_up++;
}

struct plot_owd_series *plot_owd_add(struct plot *p, const struct plot_owd_about *a,
				     const char *path)
{
	struct plot_owd *o = p->owd;
	struct plot_owd_series *s = mem_zero(sizeof(*s));
	char name[32] = "tcp";

	if (a->has_sf)
		snprintf(name, sizeof(name), "sf%u", (unsigned)a->sf);
	s->series = series_new(name, path);
	s->series->key = key_of(a->stream, a->dir);
	s->series->dir = a->dir;
	s->series->has_sf = a->has_sf;
	s->series->sf = a->sf;
	s->series->has_conn = a->has_conn;
	s->series->conn = a->conn;
	map_add(&o->map, hash(o, s->series->key), s);
	o->list = mem_grow(o->list, &o->cap, o->n + 1, sizeof(struct plot_owd_series *));
	o->list[o->n++] = s;
	check_gone(p, s->series->key);
	return s;
}

/* What is heavy, the largest first, then what was silent for longest. */
static int least_first(const void *a, const void *b)
{
	const struct plot_owd_series *s = *(struct plot_owd_series *const *)a;
	const struct plot_owd_series *t = *(struct plot_owd_series *const *)b;

	if (s->heavy != t->heavy)
		return s->heavy ? -1 : 1;
	if (s->heavy && s->weight != t->weight)
		return s->weight > t->weight ? -1 : 1;
	return (s->used > t->used) - (s->used < t->used);
}

/* So many as it takes to be below the limit for a while. */
static void choose(struct plot *p)
{
	struct plot_owd *o = p->owd;
	struct plot_owd_series **list = mem_resize(NULL, o->n * sizeof(*list));
	uint64_t weight = o->weight;

	for (size_t i = 0; i < o->n; i++) {
		list[i] = o->list[i];
		list[i]->heavy = budget_is_heavy(p->budget, list[i]->weight);
	}
	qsort(list, o->n, sizeof(*list), least_first);
	for (size_t i = 0; i < o->n && weight > o->most - o->most / ENOUGH; i++) {
		list[i]->ends = true;
		weight -= list[i]->weight;
	}
	free(list);
}

static void make_room(struct plot *p)
{
	struct plot_owd *o = p->owd;
	size_t n = 0;

	choose(p);
	for (size_t i = 0; i < o->n; i++) {
		struct plot_owd_series *s = o->list[i];
		uint64_t key = s->series->key;

		if (!s->ends) {
			o->list[n++] = s;
			continue;
		}
		map_remove(&o->map, hash(o, key), s);
		ranges_note(&o->gone, (int64_t)key, GONE_MAX);
		end_series(p, s);
	}
	o->n = n;
}

void plot_owd_put(struct plot *p, struct plot_owd_series *s, const struct point *point)
{
	uint64_t now;

	plot_put(p, s->series, point);
	now = sizeof(*s) + MAP_PLACE + sizeof(s) + series_weight(&p->sink, s->series);
	now += now / 8;		/* the allocator's */
	p->owd->weight += now - s->weight;
	s->weight = now;
	s->used = ++p->owd->points;
	if (p->owd->weight > p->owd->most)
		make_room(p);
}
