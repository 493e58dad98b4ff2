/* Reinjections with what became of them, by the capture of the far end. */
#include <stdlib.h>

#include "conn.h"
#include "map.h"
#include "mem.h"
#include "plot.h"
#include "resent.h"
#include "seq.h"
#include "verdict.h"

/* What is drawn once both captures were read; connections are over then. */
struct plot_far {
	struct verdicts verdicts;
	struct map map;		/* the series, by what is in struct who */
	struct series **list;	/* n of them */
	size_t n, cap;
};

struct who {
	uint32_t conn, role, before, sf;
};

static struct who who_of(const struct resent *r)
{
	return (struct who){ r->conn, r->role, r->first.sf, r->sent.sf };
}

static uint32_t hash(const struct plot_far *f, const struct who *w)
{
	return map_hash(&f->map, w, sizeof(*w));
}

static struct series *find(const struct plot_far *f, const struct resent *r)
{
	struct who w = who_of(r);
	size_t at = 0;
	struct series *s;

	while ((s = map_next(&f->map, hash(f, &w), &at)))
		if (s->conn == w.conn && s->dir == w.role && s->sf == w.sf &&
		    s->key == w.before)
			return s;
	return NULL;
}

/* As that of the connection, but it lasts. */
static void add(struct plot *p, const struct books_copy *c, const struct resent *r)
{
	struct plot_far *f = p->far;
	const struct series *like;
	struct who w = who_of(r);
	struct series *s;

	plot_books(c->books);
	like = plot_pair(p, c->books, r->role, r->first.sf, r->sent.sf);
	s = series_new(like->name, like->path);
	s->key = w.before;
	s->conn = w.conn;
	s->sf = w.sf;
	s->dir = r->role;
	s->has_conn = s->has_sf = true;
	s->origin_ns = like->origin_ns;
	map_add(&f->map, hash(f, &w), s);
	f->list = mem_grow(f->list, &f->cap, f->n + 1, sizeof(*f->list));
	f->list[f->n++] = s;
	verdicts_charge(&f->verdicts, w.conn, series_weight(&p->sink, s) + MAP_PLACE +
			sizeof(s) + p->sink.smooth * sizeof(*s->window));
}

/* Their points were put, and no more come. */
static void end_gone(void *arg)
{
	struct plot *p = arg;
	struct plot_far *f = p->far;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct series *s = f->list[i];

		if (!verdicts_gave_up(&f->verdicts, s->conn)) {
			f->list[n++] = s;
			continue;
		}
		map_remove(&f->map, hash(f, &(struct who){ s->conn, s->dir, (uint32_t)s->key, s->sf }), s);
		series_end(&p->sink, s);
	}
	f->n = n;
}

static void judged(void *arg, const struct resent *r, const struct verdict *v)
{
	static const char *const name[VERDICTS + 1] = {
		[VERDICT_USEFUL] = "useful", [VERDICT_REDUNDANT] = "redundant",
		[VERDICT_LOST] = "lost", [VERDICTS] = NULL,
	};
	struct plot *p = arg;
	struct series *s = find(p->far, r);
	struct point q = {
		.time_ns = r->sent.time_ns, .y = seq_minus(r->sent.time_ns, r->first.time_ns),
		.dsn = r->data.from, .len = (uint64_t)(r->data.to - r->data.from),
		.pkt = r->sent.pkt, .kind = name[v->kind], .stream = r->sent.stream,
		.has_dsn = true, .has_len = true, .has_stream = true
	};

	if (s)
		plot_put(p, s, &q);
}

void plot_far_init(struct plot *p, struct source *near, struct source *far)
{
	p->far = mem_zero(sizeof(*p->far));
	map_init(&p->far->map);
	verdicts_init(&p->far->verdicts, false, near, far, p->budget);
	p->far->verdicts.tell = judged;
	p->far->verdicts.gave_up = end_gone;
	p->far->verdicts.arg = p;
}

void plot_far_add(struct plot *p, const struct books_copy *c)
{
	struct resent r = resent_of(c);

	if (r.way != WAY_REINJECT || !r.has_first || !r.first.pkt ||
	    r.sent.time_ns < r.first.time_ns || (p->only_conn && r.conn != p->conn))
		return;
	if (!verdicts_gave_up(&p->far->verdicts, r.conn) && !find(p->far, &r))
		add(p, c, &r);
	verdicts_add(&p->far->verdicts, &r);
}

bool plot_far_end(struct plot *p)
{
	struct plot_far *f = p->far;
	bool found;

	verdicts_read(&f->verdicts);
	verdicts_tell(&f->verdicts);
	found = f->verdicts.found;
	for (size_t i = 0; i < f->n; i++)
		series_end(&p->sink, f->list[i]);
	verdicts_free(&f->verdicts);
	map_free(&f->map);
	free(f->list);
	free(f);
	return found;
}
