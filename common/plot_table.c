/* Plots of what is not tally's: the log of events, and rows of mptcp-owd. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "event.h"
#include "input.h"
#include "map.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "plot.h"
#include "seq.h"
#include "tsv.h"
#include "watch.h"

/* An event is a series of its own: nothing of it has to be remembered. */
static void event(void *arg, const struct conn *c, const struct event *e)
{
	struct plot *p = arg;
	struct series *s;
	struct point q = {
		.time_ns = e->at.time_ns, .pkt = e->at.pkt, .kind = event_name(e->kind),
		.stream = e->stream, .has_stream = e->has_stream, .no_y = true
	};

	if (p->only_conn && !(e->has_conn && e->conn == p->conn))
		return;
	s = series_new(event_name(e->kind), "");
	s->has_conn = e->has_conn;
	s->conn = e->conn;
	s->dir = e->dir;
	if (!p->epoch)
		s->origin_ns = c ? c->first_ns : seq_minus(e->at.time_ns, e->at.rel_ns);
	plot_put(p, s, &q);
	series_end(&p->sink, s);
}

void plot_events_init(struct plot *p)
{
	p->watch = mem_zero(sizeof(*p->watch));
	watch_init(p->watch, &(struct watch_options){
		.arg = p, .event = event, .linger_ns = p->linger_ns
	});
}

const struct plot_kind plot_events = {
	.name = "events", .text = "mptcp-events as marks, to lay over other plots",
	.unit = UNIT_COUNT, .table = TABLE_PACKET,
};

const struct plot_kind plot_owd = {
	.name = "owd", .text = "one-way delays, from the rows of mptcp-owd",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET,
};

/* The columns of mptcp-owd that are looked at; those from SF on may be missing. */
enum { STREAM, DIR, TX_TIME_NS, OWD_S, FATE, CONN, SF, TX_PKT, LEN, DSN, COLUMNS_READ };

static const char *const name[COLUMNS_READ] = {
	"stream", "dir", "tx_time_ns", "owd_s", "fate", "conn", "sf", "tx_pkt", "len", "dsn"
};

struct reading {
	struct plot *plot;
	struct tsv *tsv;
	size_t at[COLUMNS_READ];	/* tsv->n: not there */
	struct map series;	/* by stream and direction */
	struct series **list;
	size_t n, cap;
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

static struct series *series_of(struct reading *r, uint64_t stream, unsigned dir)
{
	uint64_t key = stream << 1 | dir, hash = map_hash(&r->series, &key, sizeof(key)), v = 0;
	size_t at = 0;
	struct series *s;
	char text[32] = "tcp";

	while ((s = map_next(&r->series, hash, &at)))
		if (s->key == stream && s->dir == dir)
			return s;
	if (number(r, SF, UINT32_MAX, &v))
		snprintf(text, sizeof(text), "sf%u", (unsigned)v);
	s = series_new(text, "");
	s->key = (uint32_t)stream;
	s->dir = (uint8_t)dir;
	s->has_sf = number(r, SF, UINT32_MAX, &v);
	s->sf = s->has_sf ? (uint32_t)v : 0;
	s->has_conn = number(r, CONN, UINT32_MAX, &v);
	s->conn = s->has_conn ? (uint32_t)v : 0;
	s->origin_ns = r->plot->epoch ? 0 : r->origin_ns;
	map_add(&r->series, hash, s);
	r->list = mem_grow(r->list, &r->cap, r->n + 1, sizeof(*r->list));
	r->list[r->n++] = s;
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

/* What arrived after all, or was never sent as far as was seen, has no point. */
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
	if (q.no_y && !(q.kind && strcmp(q.kind, "lost") == 0))
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
	map_init(&r.series);
	if (find_columns(&r, in, m))
		while ((got = tsv_next(r.tsv)) > 0)
			take(&r);
	if (got < 0)
		msg_error(m, in->name, 0, "line %llu: cut short",
			  (unsigned long long)r.tsv->line);
	if (in->error)
		msg_error(m, in->name, 0, "%s", in->error);
	for (size_t i = 0; i < r.n; i++)
		series_end(&p->sink, r.list[i]);
	free(r.list);
	map_free(&r.series);
	tsv_close(r.tsv);
}
