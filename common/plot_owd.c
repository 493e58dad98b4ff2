/* One-way delays: the rows of mptcp-owd, or what crosses between two captures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duet.h"
#include "input.h"
#include "map.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "plot.h"
#include "seq.h"
#include "transit.h"
#include "tsv.h"
#include "wire.h"

const struct plot_kind plot_owd = {
	.name = "owd", .text = "one-way delays, from rows of mptcp-owd, or of captures with -2",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET,
};

struct plot_owd {
	struct map map;		/* the series, by stream and direction */
	struct series **list;	/* n of them */
	size_t n, cap;
};

/* What a series is about. */
struct about {
	uint32_t stream, conn, sf;
	bool has_conn, has_sf;
	uint8_t dir;
};

static void begin(struct plot_owd *o)
{
	*o = (struct plot_owd){ .n = 0 };
	map_init(&o->map);
}

static void end(struct plot *p, struct plot_owd *o)
{
	for (size_t i = 0; i < o->n; i++)
		series_end(&p->sink, o->list[i]);
	free(o->list);
	map_free(&o->map);
}

static uint32_t hash_of(const struct plot_owd *o, const struct about *a)
{
	uint64_t key = (uint64_t)a->stream << 1 | a->dir;

	return map_hash(&o->map, &key, sizeof(key));
}

static struct series *find(const struct plot_owd *o, const struct about *a)
{
	uint32_t hash = hash_of(o, a);
	size_t at = 0;
	struct series *s;

	while ((s = map_next(&o->map, hash, &at)))
		if (s->key == a->stream && s->dir == a->dir)
			return s;
	return NULL;
}

static struct series *add(struct plot_owd *o, const struct about *a, const char *path)
{
	struct series *s;
	char name[32] = "tcp";

	if (a->has_sf)
		snprintf(name, sizeof(name), "sf%u", (unsigned)a->sf);
	s = series_new(name, path);
	s->key = a->stream;
	s->dir = a->dir;
	s->has_sf = a->has_sf;
	s->sf = a->sf;
	s->has_conn = a->has_conn;
	s->conn = a->conn;
	map_add(&o->map, hash_of(o, a), s);
	o->list = mem_grow(o->list, &o->cap, o->n + 1, sizeof(*o->list));
	o->list[o->n++] = s;
	return s;
}

/* What arrived after all, or was never sent as far as was seen, has no point. */
static bool is_drawn(const struct point *q)
{
	return !q->no_y || (q->kind && strcmp(q->kind, "lost") == 0);
}

/* ---- two captures ---- */

void plot_owd_begin(struct plot *p)
{
	p->owd = mem_zero(sizeof(*p->owd));
	begin(p->owd);
}

static struct series *series_of_wire(struct plot *p, const struct wire_about *w, bool c2s)
{
	struct about a = {
		.stream = w->stream[WIRE_A], .dir = c2s ? DIR_C2S : DIR_S2C,
		.has_conn = w->has_conn, .has_sf = w->has_conn,
	};
	unsigned from = c2s ? w->client : !w->client;
	struct series *s = find(p->owd, &a);
	char path[PLOT_PATH_MAX];

	if (w->has_conn) {
		a.conn = w->conn;
		a.sf = w->number;
	}
	if (!s) {
		plot_path(path, &w->addr[from], &w->addr[!from]);
		s = add(p->owd, &a, path);
	}
	if (!p->epoch)
		s->origin_ns = w->first_ns;
	return s;
}

void plot_owd_row(struct plot *p, const struct duet_row *row)
{
	const struct wire_about *w = row->about;
	const struct crossing *c = row->crossing;
	struct point q = {
		.y = row->delay_ns, .no_y = !row->has_delay, .kind = fate_name(c->fate),
		.stream = w->stream[WIRE_A], .has_stream = true,
		.dsn = row->dsn, .has_dsn = row->has_dsn,
		.len = (uint64_t)seq_minus(c->to, c->from), .has_len = true,
	};

	if (!c->tx || !is_drawn(&q) ||
	    (p->only_conn && !(w->has_conn && w->conn == p->conn)))
		return;
	q.time_ns = c->tx->time_ns;
	q.pkt = c->tx->pkt;
	plot_put(p, series_of_wire(p, w, row->c2s), &q);
}

void plot_owd_end(struct plot *p)
{
	end(p, p->owd);
	free(p->owd);
}

/* ---- rows ---- */

/* The columns of mptcp-owd that are looked at; those from SF on may be missing. */
enum { STREAM, DIR, TX_TIME_NS, OWD_S, FATE, CONN, SF, TX_PKT, LEN, DSN, COLUMNS_READ };

static const char *const name[COLUMNS_READ] = {
	"stream", "dir", "tx_time_ns", "owd_s", "fate", "conn", "sf", "tx_pkt", "len", "dsn"
};

struct reading {
	struct plot *plot;
	struct tsv *tsv;
	size_t at[COLUMNS_READ];	/* tsv->n: not there */
	struct plot_owd owd;
	int64_t origin_ns;	/* the first row */
	bool any;
};

static struct cell cell(const struct reading *r, unsigned column)
{
	static const char none[NUM_SLACK] = "";

	if (r->at[column] == r->tsv->n)
		return (struct cell){ none, none };
	return tsv_cell(r->tsv, r->at[column]);
}

static bool number(const struct reading *r, unsigned column, uint64_t max, uint64_t *v)
{
	struct cell c = cell(r, column);

	return num_parse_u64(c.from, c.to, max, v);
}

static bool is(const struct cell *c, const char *text)
{
	return (size_t)(c->to - c->from) == strlen(text) &&
	       memcmp(c->from, text, strlen(text)) == 0;
}

static struct series *series_of(struct reading *r, uint64_t stream, bool s2c)
{
	uint64_t conn = 0, sf = 0;
	struct about a = { .stream = (uint32_t)stream, .dir = s2c ? DIR_S2C : DIR_C2S };
	struct series *s = find(&r->owd, &a);

	if (s)
		return s;
	a.has_conn = number(r, CONN, UINT32_MAX, &conn);
	a.has_sf = number(r, SF, UINT32_MAX, &sf);
	a.conn = a.has_conn ? (uint32_t)conn : 0;
	a.sf = a.has_sf ? (uint32_t)sf : 0;
	s = add(&r->owd, &a, "");
	s->origin_ns = r->plot->epoch ? 0 : r->origin_ns;
	return s;
}

/* The fates there are, so that a point can keep one. */
static const char *fate(const struct reading *r)
{
	static const char *const of[] = { "arrived", "lost", "dup", "unseen" };
	struct cell c = cell(r, FATE);

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++)
		if (is(&c, of[i]))
			return of[i];
	return NULL;
}

static void take(struct reading *r)
{
	struct cell time = cell(r, TX_TIME_NS), owd = cell(r, OWD_S), dir = cell(r, DIR);
	struct cell dsn = cell(r, DSN);
	struct point q = { .kind = fate(r), .has_stream = true };
	uint64_t stream, conn;

	if (!num_cell_i64(time.from, time.to, &q.time_ns) ||
	    !number(r, STREAM, UINT32_MAX, &stream))
		return;
	if (!r->any)
		r->origin_ns = q.time_ns;
	r->any = true;
	if (r->plot->only_conn && !(number(r, CONN, UINT32_MAX, &conn) && conn == r->plot->conn))
		return;
	q.no_y = !num_parse_seconds(owd.from, owd.to, &q.y);
	if (!is_drawn(&q))
		return;
	q.stream = (uint32_t)stream;
	q.has_dsn = num_cell_i64(dsn.from, dsn.to, &q.dsn);
	q.has_len = number(r, LEN, UINT64_MAX, &q.len);
	if (!number(r, TX_PKT, UINT64_MAX, &q.pkt))
		q.pkt = 0;
	plot_put(r->plot, series_of(r, stream, is(&dir, "s2c")), &q);
}

static bool find_columns(struct reading *r, struct input *in, struct msg *m)
{
	for (unsigned i = 0; i < COLUMNS_READ; i++) {
		r->at[i] = 0;
		while (r->at[i] < r->tsv->n &&
		       !is(&r->tsv->name[r->at[i]], name[i]))
			r->at[i]++;
		if (r->at[i] < r->tsv->n) {
			tsv_want(r->tsv, r->at[i]);
		} else if (i < CONN) {
			msg_error(m, in->name, 0, "no column \"%s\" (mptcp-owd prints it unless -o leaves it out)",
				  name[i]);
			return false;
		}
	}
	return true;
}

void plot_owd_read(struct plot *p, struct input *in, struct msg *m)
{
	struct reading r = { .plot = p, .tsv = tsv_open(in) };
	int got = 0;

	if (!r.tsv) {
		msg_error(m, in->name, 0, "no table of mptcp-owd");
		return;
	}
	begin(&r.owd);
	if (find_columns(&r, in, m))
		while ((got = tsv_next(r.tsv)) > 0)
			take(&r);
	if (got < 0)
		msg_error(m, in->name, 0, "line %llu: cut short",
			  (unsigned long long)r.tsv->line);
	if (in->error)
		msg_error(m, in->name, 0, "%s", in->error);
	end(p, &r.owd);
	tsv_close(r.tsv);
}
