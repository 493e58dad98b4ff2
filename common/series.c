#include "series.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

#define ALL (TABLE_PACKET | TABLE_BIN | TABLE_BLOCK | TABLE_DIST)

const struct rows_column series_column[SERIES_COLUMNS] = {
	[SERIES_SERIES] = { "series", ALL }, [SERIES_CONN] = { "conn", ALL },
	[SERIES_STREAM] = { "stream", ALL }, [SERIES_DIR] = { "dir", ALL },
	[SERIES_X] = { "x", ALL }, [SERIES_Y] = { "y", ALL },
	[SERIES_LEN] = { "len", TABLE_PACKET | TABLE_BIN | TABLE_BLOCK },
	[SERIES_KIND] = { "kind", TABLE_PACKET },
	[SERIES_PKT] = { "pkt", TABLE_PACKET | TABLE_BLOCK },
	[SERIES_DSN] = { "dsn", TABLE_PACKET | TABLE_BLOCK },
	[SERIES_DURATION_S] = { "duration_s", TABLE_BLOCK },
	[SERIES_PLOT] = { "plot", ALL }, [SERIES_SF] = { "sf", ALL },
	[SERIES_PATH] = { "path", ALL },
};

struct series *series_new(const char *name, const char *path)
{
	struct series *s = mem_zero(sizeof(*s));

	s->name = mem_string(name, strlen(name));
	s->path = mem_string(path, strlen(path));
	s->text = strlen(name) + strlen(path);
	return s;
}

uint64_t series_weight(const struct sink *k, const struct series *s)
{
	return sizeof(*s) + s->text +
	       (s->window ? k->smooth * sizeof(*s->window) : 0) +
	       s->dist.cap * sizeof(*s->dist.at) + s->thin.cap * sizeof(*s->thin.at);
}

static void put_value(struct rows *r, size_t column, enum unit unit, int64_t v)
{
	if (unit == UNIT_SECONDS)
		rows_seconds(r, column, v);
	else if (unit == UNIT_RATIO)
		rows_ratio(r, column, (uint64_t)v, RATIO_ONE);
	else
		rows_i64(r, column, v);
}

/* What all points of the series have. */
static void put_series(const struct sink *k, const struct series *s)
{
	struct rows *r = k->rows;

	rows_text(r, SERIES_SERIES, s->name);
	if (s->has_conn)
		rows_u64(r, SERIES_CONN, s->conn);
	rows_text(r, SERIES_DIR, s->dir ? "s2c" : "c2s");
	rows_text(r, SERIES_PLOT, k->plot);
	if (s->has_sf)
		rows_u64(r, SERIES_SF, s->sf);
	rows_text(r, SERIES_PATH, s->path);
}

static void print(const struct sink *k, struct series *s, const struct point *p)
{
	struct rows *r = k->rows;

	if (k->xplot) {
		xplot_point(k, s, p);
		s->last = *p;
		s->any = true;
		return;
	}
	put_series(k, s);
	if (p->has_stream)
		rows_u64(r, SERIES_STREAM, p->stream);
	rows_seconds(r, SERIES_X, seq_minus(p->time_ns, s->origin_ns));
	if (!p->no_y)
		put_value(r, SERIES_Y, k->unit, p->y);
	if (p->has_len)
		rows_u64(r, SERIES_LEN, p->len);
	if (p->kind)
		rows_text(r, SERIES_KIND, p->kind);
	if (p->pkt)
		rows_u64(r, SERIES_PKT, p->pkt);
	if (p->has_dsn)
		rows_i64(r, SERIES_DSN, p->dsn);
	if (p->has_duration)
		rows_seconds(r, SERIES_DURATION_S, p->duration_ns);
	rows_end(r);
}

/* The mean of the last values, fewer at the beginning. */
static int64_t smooth(struct series *s, uint32_t n, int64_t y)
{
	if (!s->window)
		s->window = mem_zero(n * sizeof(*s->window));
	if (s->window_n == n)
		s->window_sum = seq_minus(s->window_sum, s->window[s->window_at]);
	else
		s->window_n++;
	s->window[s->window_at] = y;
	s->window_at = (s->window_at + 1) % n;
	s->window_sum = seq_plus(s->window_sum, y);
	return s->window_sum / s->window_n;
}

void series_put(const struct sink *k, struct series *s, const struct point *p)
{
	struct point q = *p;

	if (q.no_y && !k->distribute) {
		print(k, s, &q);
		return;
	}
	if (q.no_y)
		return;
	if (k->smooth)
		q.y = smooth(s, k->smooth, q.y);
	if (k->cumulate)
		q.y = s->sum = seq_plus(s->sum, q.y);
	if (k->distribute) {
		s->last = q;
		dist_add(&s->dist, q.y, 1);
	} else if (k->thin) {
		if (!s->any)
			thin_init(&s->thin, k->thin);
		s->any = true;
		thin_add(&s->thin, &q);
	} else {
		print(k, s, &q);
	}
}

static void print_fraction(const struct sink *k, const struct series *s,
			   int64_t value, uint64_t part)
{
	struct rows *r = k->rows;

	if (k->xplot) {
		xplot_point(k, s, &(struct point){
			.time_ns = seq_plus(s->origin_ns, value),
			.y = (int64_t)((double)part / (double)s->dist.total * RATIO_ONE)
		});
		return;
	}
	put_series(k, s);
	if (s->last.has_stream)
		rows_u64(r, SERIES_STREAM, s->last.stream);
	put_value(r, SERIES_X, k->unit, value);
	rows_ratio(r, SERIES_Y, part, s->dist.total);
	rows_end(r);
}

/* At most k->thin steps of about the same height, if that is set. */
static void print_distribution(const struct sink *k, struct series *s)
{
	struct dist *d = &s->dist;
	uint64_t part = 0, step = 0, due = 0;

	dist_settle(d);
	if (k->thin && d->n > k->thin)
		step = d->total / (k->thin - 2) + 1;
	for (size_t i = 0; i < d->n; i++) {
		part += d->at[i].weight;
		if (part < due && i + 1 < d->n)
			continue;
		print_fraction(k, s, i + 1 < d->n ? d->at[i].value : d->max, part);
		due = step ? part + step : 0;
	}
}

void series_end(const struct sink *k, struct series *s)
{
	const struct thin *t = &s->thin;

	if (k->distribute && s->dist.n)
		print_distribution(k, s);
	if (t->points > 0) {
		s->any = false;
		print(k, s, &t->first);
		for (size_t i = 0; i < t->n; i++)
			print(k, s, &t->at[i]);
	}
	if (t->points > 1)
		print(k, s, &t->last);
	dist_free(&s->dist);
	thin_free(&s->thin);
	free(s->window);
	free(s->name);
	free(s->path);
	free(s);
}
