/*
 * Series of points on their way to the output: smoothed, summed up, sorted into
 * a distribution or thinned, as the user wants it, and printed as rows, or for
 * xplot. Each in one place, for whatever is drawn.
 */
#ifndef SERIES_H
#define SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dist.h"
#include "point.h"
#include "rows.h"
#include "thin.h"

struct out;

/* Which of the columns a plot has beside those of all: bits of tables. */
enum series_table {
	TABLE_PACKET = 1,	/* a point is about a packet */
	TABLE_BIN = 2,		/* about an interval of time */
	TABLE_BLOCK = 4,	/* about a stretch of data */
	TABLE_DIST = 8		/* a distribution */
};

enum {
	SERIES_SERIES, SERIES_CONN, SERIES_STREAM, SERIES_DIR, SERIES_X, SERIES_Y,
	SERIES_LEN, SERIES_KIND, SERIES_PKT, SERIES_DSN, SERIES_DURATION_S,
	SERIES_PLOT, SERIES_SF, SERIES_PATH, SERIES_COLUMNS
};

extern const struct rows_column series_column[SERIES_COLUMNS];

/* How its points are joined, for xplot. */
enum series_shape { SHAPE_DOTS, SHAPE_RANGES, SHAPE_STEPS };

struct series {
	/* set by the user */
	char *name, *path;	/* path: "" if none */
	void *owner;
	uint64_t key;		/* what it is to its owner */
	struct series *next;	/* of its owner */
	uint64_t weight;	/* as its owner knows it */
	int64_t origin_ns;	/* what x counts from */
	uint32_t conn, sf;	/* if has_ */
	uint8_t dir;
	bool has_conn, has_sf;
	enum series_shape shape;

	/* the module's */
	size_t text;		/* bytes of name and path */
	int64_t *window;	/* the last values, to smooth */
	uint32_t window_n, window_at;
	int64_t window_sum;
	int64_t sum;
	struct dist dist;
	struct thin thin;
	struct point last;	/* if any */
	bool any;
};

struct sink {
	/* set by the user; what is 0 is not done */
	const char *plot;	/* for the column; not owned */
	enum unit unit;		/* of y */
	uint32_t smooth;	/* mean of so many values */
	bool cumulate;		/* sum of all so far */
	bool distribute;	/* how many values are at most x, as a fraction */
	size_t thin;		/* at most so many points */
	bool xplot;
	struct rows *rows;	/* not owned */
	struct out *out;	/* for xplot; not owned */
};

/* A new series, all else to be set; `name` and `path` are copied. */
struct series *series_new(const char *name, const char *path);

/* A point of a series: goes all the way, or waits in it. */
void series_put(const struct sink *k, struct series *s, const struct point *p);

/* How many bytes it takes. */
uint64_t series_weight(const struct sink *k, const struct series *s);

/* No more come: print what waits, and free it. */
void series_end(const struct sink *k, struct series *s);

/* For xplot: what stands before all points, a word beside one, and what stands behind all. */
void xplot_begin(const struct sink *k, const char *title, bool epoch);
void xplot_point(const struct sink *k, const struct series *s, const struct point *p);
void xplot_mark(const struct sink *k, const struct series *s, const struct point *p,
		const char *word);
void xplot_end(const struct sink *k);

#endif
