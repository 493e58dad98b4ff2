/*
 * What mptcp-plotdata(1) draws of a capture: the kinds of plots, each defined
 * there, as producers of series, on top of tally, whose hooks it takes.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "books.h"
#include "map.h"
#include "order.h"
#include "series.h"
#include "tally.h"

struct duet_row;
struct flow;
struct input;
struct msg;
struct plot;
struct plot_far;
struct plot_owd;
struct segment;
struct source;
struct watch;

/* Series of a direction, by key; of one for each subflow PLOT_SF and up. */
enum plot_key {
	PLOT_MAIN, PLOT_ACK, PLOT_EDGE, PLOT_SUM, PLOT_WINDOW, PLOT_TOTAL,
	PLOT_SF = 16
};

/* What is known of one direction of a flow or connection; its fields are the kinds' own. */
struct plot_way {
	struct series *series, *series_last;
	uint32_t n;		/* of them */
	uint64_t weight;	/* bytes that they take */
	struct order order;
	int64_t value, edge, sum;	/* last drawn; NONE */
	uint64_t bytes;		/* of the interval, or run of data, under way */
	uint64_t samples;	/* of round-trip times, taken */
	int64_t first_ns, last_ns, dsn;
	uint64_t pkt;
	uint32_t sf;		/* that data came on last, if any */
	bool any;
};

#define PLOT_NONE INT64_MIN

struct plot_view {
	struct plot_way way[2];	/* by role of the sender */
	int64_t bin;		/* the interval under way, from the connection's start, if started */
	bool started;
};

/* A piece of data of the segment in hand, or of an earlier one whose mapping it brought. */
struct plot_piece {
	const char *kind;	/* new, or how it was sent again */
	struct ledger_run run;	/* now */
	bool has_first;		/* `first` is where it was sent first */
	struct ledger_run first;
	bool fresh;
};

/* The segment in hand. */
struct plot_now {
	const struct segment *seg;
	struct books *books;	/* NULL: plain TCP */
	struct flow *flow;
	unsigned from;		/* end of the flow that sent it */
	unsigned role;		/* the same, of the connection */
	uint64_t again;		/* as in struct tally_told, like the next */
	int64_t rtt_ns;
};

struct plot_kind {
	const char *name, *text;	/* text: for the help */
	enum unit unit;
	uint8_t table;		/* enum series_table */
	bool plain;		/* it is one of plain TCP too */
	bool paths;		/* it needs the figures of flow_observe_path() */
	uint64_t columns;	/* what it reads beside what tally does */
	/* Each may be NULL. A segment was taken in: */
	void (*segment)(struct plot *p, const struct plot_now *n);
	/* each piece of data in it; after that */
	void (*piece)(struct plot *p, const struct plot_now *n, const struct plot_piece *d);
	/* and after that; */
	void (*settle)(struct plot *p, const struct plot_now *n);
	/* a data ACK for data of `role` came, higher than `before`, which was the highest; */
	void (*ack)(struct plot *p, const struct plot_now *n, unsigned role,
		    int64_t before, int64_t dack);
	/* the same, before it is taken in; */
	void (*acked)(struct plot *p, struct books *b, unsigned role,
		      int64_t before, int64_t dack);
	/* no more come of a connection or, if b is NULL, of a flow. */
	void (*over)(struct plot *p, struct books *b, struct flow *f);
};

enum { PLOT_KINDS = 19 };
extern const struct plot_kind *const plot_kinds[PLOT_KINDS];

struct plot {
	/* set by the user before plot_init() */
	const struct plot_kind *kind;
	struct sink sink;
	bool only_conn, only_stream, only_dir;
	uint32_t conn, stream;
	uint8_t dir;
	bool back;		/* what comes back beside it: ACKs, window */
	bool epoch;		/* x since the epoch */
	bool plain;		/* streams of plain TCP too */
	uint8_t attr;		/* enum column, for `attr` */
	int64_t bin_ns, linger_ns;
	struct budget *budget;	/* not owned; NULL: none */

	/* its own */
	struct plot_far *far;	/* NULL: plot_far_init() was not called */
	struct plot_owd *owd;	/* of plot_owd_begin() */
	struct tally tally;
	struct watch *watch;	/* instead, of `events` */
	struct map series;	/* those of each owner behind its first few */
	struct plot_piece *piece;
	size_t pieces, piece_cap;
	struct { bool any; int64_t before, dack; } acked[2];	/* by role */
};

/* Of `owd` there are no segments: see plot_owd_read() instead of the three. */
void plot_init(struct plot *p);
void plot_segment(struct plot *p, struct segment *seg);
void plot_end(struct plot *p);

/* Rows of mptcp-owd; what is wrong with them is said. */
void plot_owd_read(struct plot *p, struct input *in, struct msg *m);

/* Or what a duet hands over, of subflows and streams: the same, with their paths. */
void plot_owd_begin(struct plot *p);
const uint64_t *plot_owd_weight(const struct plot *p);	/* bytes that series take */
void plot_owd_row(struct plot *p, const struct duet_row *row);
void plot_owd_end(struct plot *p);

/*
 * Of `reinject`: both ends' captures, as verdicts_init() of verdict.h takes them.
 * plot_far_end() comes behind plot_end(), prints all that has been held back, and
 * returns false if no stream is in both.
 */
void plot_far_init(struct plot *p, struct source *near, struct source *far);
bool plot_far_end(struct plot *p);

/* For plot_owd.c: a series, what it is about, and points of it, after which it may be gone. */
struct plot_owd_series {
	struct series *series;
	uint64_t weight;	/* bytes */
	uint64_t used;		/* when: points of all series by then */
	bool heavy, ends;	/* the module's */
};

struct plot_owd_about {
	uint32_t stream, conn, sf;
	bool has_conn, has_sf;
	uint8_t dir;
};

struct plot_owd_series *plot_owd_find(const struct plot *p, uint32_t stream, uint8_t dir);
struct plot_owd_series *plot_owd_add(struct plot *p, const struct plot_owd_about *a,
				     const char *path);
void plot_owd_put(struct plot *p, struct plot_owd_series *s, const struct point *point);

/* For plot.c: data that was sent again. */
void plot_far_add(struct plot *p, const struct books_copy *c);

/* For plot.c: what `events` takes instead of tally. */
void plot_events_init(struct plot *p);

/* Whether `attr` can draw this column. */
bool plot_attr_takes(unsigned column);

/* The columns that all kinds read. */
uint64_t plot_columns(void);

/* For plot_*.c. What is kept of a connection, of a flow: made when first asked for. */
struct plot_view *plot_books(struct books *b);
struct plot_view *plot_flow(struct flow *f);

/* The role of an end of the flow, whether it is a subflow or plain TCP. */
unsigned plot_role(const struct flow *f, unsigned end);

/* A path, as a series has it. */
enum { PLOT_PATH_MAX = 2 * ADDR_TEXT_MAX + 2 };
void plot_path(char path[PLOT_PATH_MAX], const struct addr *from, const struct addr *to);

/* The series of a subflow, or plain stream, for what `role` sends, in `v`. */
struct series *plot_sf(struct plot *p, struct plot_view *v, const struct books *b,
		       const struct flow *f, unsigned role, uint32_t key);

/* The same of a connection, by name. */
struct series *plot_named(struct plot *p, const struct books *b, unsigned role,
			  uint32_t key, const char *name);

/* The same of one of its subflows, by number; of one and the one before it. */
struct series *plot_number(struct plot *p, const struct books *b, unsigned role, uint32_t sf);
struct series *plot_pair(struct plot *p, const struct books *b, unsigned role,
			 uint32_t before, uint32_t sf);

/* They are over. */
void plot_way_end(struct plot *p, struct plot_way *w);

/* A point; unless the user does not want that series. */
void plot_put(struct plot *p, struct series *s, const struct point *point);

/* A point of the segment in hand. */
struct point plot_point(const struct plot_now *n, int64_t y);

/* The same, unless the value is the one drawn last, which it becomes. */
void plot_change(struct plot *p, const struct plot_now *n, struct series *s,
		 int64_t *last, int64_t y);

/* The kinds, by what they are about. */
extern const struct plot_kind plot_dsn, plot_interarrival, plot_blocks, plot_acksize,
	plot_data_rtt, plot_reinject, plot_seq, plot_ack, plot_win, plot_attr, plot_rtt,
	plot_inflight, plot_throughput, plot_goodput, plot_share, plot_ofo, plot_hol, plot_events, plot_owd;

#endif
