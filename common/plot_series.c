/* The series of a plot: found by what they are about, or made and named. */
#include <stdio.h>
#include <string.h>

#include "conn.h"
#include "flow.h"
#include "mem.h"
#include "plot.h"
#include "segment.h"
#include "stream.h"

static struct plot_view *view_new(void)
{
	struct plot_view *v = mem_zero(sizeof(*v));

	for (unsigned role = 0; role < 2; role++) {
		v->way[role].value = v->way[role].edge = v->way[role].sum = PLOT_NONE;
		order_init(&v->way[role].order, 0);
	}
	return v;
}

struct plot_view *plot_books(struct books *b)
{
	if (!b->user)
		b->user = view_new();
	return b->user;
}

struct plot_view *plot_flow(struct flow *f)
{
	void **user = flow_user(f);

	if (!*user)
		*user = view_new();
	return *user;
}

unsigned plot_role(const struct flow *f, unsigned end)
{
	const struct stream *s = f->stream;

	return s->subflow ? subflow_role(s->subflow, end) : end != s->client;
}

/*
 * Most directions have a few series, found faster one after the other than by a
 * hash; a connection of thousands of subflows has thousands.
 */
enum { FEW = 8 };

static uint32_t hash(const struct plot *p, const struct plot_way *w, uint64_t key)
{
	uint64_t place[2] = { (uintptr_t)w, key };

	return map_hash(&p->series, place, sizeof(place));
}

static struct series *find(const struct plot *p, const struct plot_way *w, uint64_t key)
{
	struct series *s = w->series;
	size_t at = 0;

	for (unsigned i = 0; s && i < FEW; i++, s = s->next)
		if (s->key == key)
			return s;
	if (!s)
		return NULL;
	while ((s = map_next(&p->series, hash(p, w, key), &at)))
		if (s->owner == w && s->key == key)
			break;
	return s;
}

/* Known at any time, since a connection is weighed often and may have thousands. */
static void weigh(const struct plot *p, struct series *s)
{
	struct plot_way *w = s->owner;
	uint64_t weight = MAP_PLACE + series_weight(&p->sink, s);

	w->weight += weight - s->weight;
	s->weight = weight;
}

static struct series *add(struct plot *p, struct plot_way *w, uint64_t key,
			  unsigned role, const char *name, const char *path)
{
	struct series *s = series_new(name, path);

	s->owner = w;
	s->key = key;
	s->dir = (uint8_t)role;
	s->shape = p->kind == &plot_dsn || p->kind == &plot_seq ? SHAPE_RANGES : SHAPE_DOTS;
	if (w->series)
		w->series_last->next = s;
	else
		w->series = s;
	w->series_last = s;
	if (w->n++ >= FEW)
		map_add(&p->series, hash(p, w, key), s);
	weigh(p, s);
	return s;
}

void plot_way_end(struct plot *p, struct plot_way *w)
{
	struct series *s;

	for (uint32_t i = 0; (s = w->series); i++) {
		w->series = s->next;
		if (i >= FEW)
			map_remove(&p->series, hash(p, w, s->key), s);
		series_end(&p->sink, s);
	}
}

/* What may change: a connection can prove to be part of another. */
static struct series *update(const struct plot *p, struct series *s,
			     const struct books *b, const struct flow *f)
{
	s->has_conn = b;
	if (b)
		s->conn = books_index(b);
	if (!p->epoch)
		s->origin_ns = b ? books_start(b) : flow_first(f);
	return s;
}

void plot_path(char path[PLOT_PATH_MAX], const struct addr *from, const struct addr *to)
{
	char *q = addr_print(path, from);

	*q++ = '>';
	q = addr_print(q, to);
	*q = '\0';
}

static void print_path(char path[PLOT_PATH_MAX], const struct stream *s, unsigned sender)
{
	plot_path(path, &s->addr[sender], &s->addr[!sender]);
}

static unsigned end_of(const struct stream *s, unsigned role)
{
	unsigned client = s->subflow ? s->subflow->client : s->client;

	return role == CLIENT ? client : !client;
}

struct series *plot_sf(struct plot *p, struct plot_view *v, const struct books *b,
		       const struct flow *f, unsigned role, uint32_t key)
{
	struct plot_way *w = &v->way[role];
	struct series *s = find(p, w, key);
	char path[PLOT_PATH_MAX], name[32];

	if (!s) {
		const char *what = key == PLOT_ACK ? ":ack" : key == PLOT_EDGE ? ":edge" : "";

		print_path(path, f->stream, end_of(f->stream, role));
		if (b)
			snprintf(name, sizeof(name), "sf%u%s", flow_number(f), what);
		else
			snprintf(name, sizeof(name), "tcp%s", what);
		s = add(p, w, key, role, name, path);
		s->has_sf = b;
		s->sf = b ? flow_number(f) : 0;
		if (*what)
			s->shape = SHAPE_STEPS;
	}
	return update(p, s, b, f);
}

struct series *plot_named(struct plot *p, const struct books *b, unsigned role,
			  uint32_t key, const char *name)
{
	struct plot_way *w = &((struct plot_view *)b->user)->way[role];
	struct series *s = find(p, w, key);

	if (!s) {
		s = add(p, w, key, role, name, "");
		if (key == PLOT_ACK || key == PLOT_EDGE)
			s->shape = SHAPE_STEPS;
	}
	return update(p, s, b, NULL);
}

/* A series of a subflow by its number, which may be forgotten. */
static struct series *numbered(struct plot *p, const struct books *b, unsigned role,
			       uint64_t key, const char *name, uint32_t sf)
{
	struct plot_way *w = &((struct plot_view *)b->user)->way[role];
	struct series *s = find(p, w, key);

	if (!s) {
		const struct subflow *sub = b->conn->subflows;
		char path[PLOT_PATH_MAX] = "";

		while (sub && sub->number != sf)
			sub = sub->next;
		if (sub)
			print_path(path, sub->stream, end_of(sub->stream, role));
		s = add(p, w, key, role, name, path);
		s->has_sf = true;
		s->sf = sf;
	}
	return update(p, s, b, NULL);
}

struct series *plot_number(struct plot *p, const struct books *b, unsigned role, uint32_t sf)
{
	char name[32];

	snprintf(name, sizeof(name), "sf%u", sf);
	return numbered(p, b, role, PLOT_SF + (uint64_t)sf, name, sf);
}

struct series *plot_pair(struct plot *p, const struct books *b, unsigned role,
			 uint32_t before, uint32_t sf)
{
	char name[64];

	snprintf(name, sizeof(name), "sf%u>sf%u", before, sf);
	return numbered(p, b, role, (before + (uint64_t)1) << 32 | sf, name, sf);
}

void plot_put(struct plot *p, struct series *s, const struct point *point)
{
	if (p->only_stream && (!point->has_stream || point->stream != p->stream))
		return;
	if (p->only_dir && s->dir != p->dir)
		return;
	series_put(&p->sink, s, point);
	if (s->owner)
		weigh(p, s);
}
