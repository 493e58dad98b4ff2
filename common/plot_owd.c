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

/* What arrived after all, or was never sent as far as was seen, has no point. */
static bool is_drawn(const struct point *q)
{
	return !q->no_y || (q->kind && strcmp(q->kind, "lost") == 0);
}

/* ---- two captures ---- */

static struct plot_owd_series *series_of_wire(struct plot *p, const struct wire_about *w, bool c2s)
{
	struct plot_owd_about a = {
		.stream = w->stream[WIRE_A], .dir = c2s ? DIR_C2S : DIR_S2C,
		.has_conn = w->has_conn, .has_sf = w->has_conn,
	};
	unsigned from = c2s ? w->client : !w->client;
	struct plot_owd_series *s = plot_owd_find(p, a.stream, a.dir);
	char path[PLOT_PATH_MAX];

	if (w->has_conn) {
		a.conn = w->conn;
		a.sf = w->number;
	}
	if (!s) {
		plot_path(path, &w->addr[from], &w->addr[!from]);
		s = plot_owd_add(p, &a, path);
	}
	if (!p->epoch)
		s->series->origin_ns = w->first_ns;
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
	plot_owd_put(p, series_of_wire(p, w, row->c2s), &q);
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

static struct plot_owd_series *series_of(struct reading *r, uint64_t stream, bool s2c)
{
	uint64_t conn = 0, sf = 0;
	struct plot_owd_about a = { .stream = (uint32_t)stream, .dir = s2c ? DIR_S2C : DIR_C2S };
	struct plot_owd_series *s = plot_owd_find(r->plot, a.stream, a.dir);

	if (s)
		return s;
	a.has_conn = number(r, CONN, UINT32_MAX, &conn);
	a.has_sf = number(r, SF, UINT32_MAX, &sf);
	a.conn = a.has_conn ? (uint32_t)conn : 0;
	a.sf = a.has_sf ? (uint32_t)sf : 0;
	s = plot_owd_add(r->plot, &a, "");
	s->series->origin_ns = r->plot->epoch ? 0 : r->origin_ns;
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
	plot_owd_put(r->plot, series_of(r, stream, is(&dir, "s2c")), &q);
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
	plot_owd_begin(p);
	if (find_columns(&r, in, m))
		while ((got = tsv_next(r.tsv)) > 0)
			take(&r);
	if (got < 0)
		msg_error(m, in->name, 0, "line %llu: cut short",
			  (unsigned long long)r.tsv->line);
	if (in->error)
		msg_error(m, in->name, 0, "%s", in->error);
	plot_owd_end(p);
	tsv_close(r.tsv);
}
