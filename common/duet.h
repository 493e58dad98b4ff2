/*
 * Two captures read in step, and every stream that is in both joined: what was
 * seen leaving one host and arriving at the other, with the clocks' difference.
 *
 * The next segment is read from the capture that is behind, by causality where
 * a wire waits for it, else by time; of pipes, from that which has something. A file
 * is not read ahead of a pipe, however slow: what waits for that is bounded.
 */
#ifndef DUET_H
#define DUET_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "clock.h"
#include "pairing.h"
#include "plan.h"
#include "segment.h"
#include "track.h"
#include "wire.h"

struct source;

/* One crossing, to be printed. */
struct duet_row {
	struct wire_about *about;	/* NULL: data of a connection, and not of a subflow */
	uint32_t conn;		/* in A, in that case */
	const struct crossing *crossing;
	bool c2s;		/* sent by the client */
	bool from_a;		/* sent from where A was taken */
	bool has_dsn, has_delay;
	int64_t dsn;		/* relative DSN of its first byte, as A has it */
	/* of what has a delay, set by duet_time(): */
	int64_t raw_ns;		/* arrival less sending, as stamped */
	int64_t delay_ns;	/* and corrected */
	struct clock_estimate clock;
};

struct duet {
	/* set by the user: */
	struct source *source[2];
	bool live;		/* at least one is a pipe */
	bool plain;		/* streams of plain TCP too, if there is no plan */
	struct plan *plan;	/* which streams are joined; NULL: to be found out, */
	struct plan *learned;	/* and put here; may be NULL */
	struct clock *clock;
	struct budget *budget;	/* not owned; NULL: none */
	const uint64_t *beside;	/* bytes of it that the user takes; not owned; NULL: none */
	bool fits;		/* pairs of stamps go into the clock */
	bool raw;		/* the clocks are taken to agree, until that is `refuted` or needed */
	bool data;		/* rows are of data, by first sending and first arrival */
	bool acks;		/* and there are some of segments without payload */
	void (*row)(void *arg, struct duet_row *row);	/* may be NULL */
	void (*over)(void *arg, struct wire_about *about);	/* a wire ends; may be NULL */
	/* How many bytes its `data` takes; not called without, may be NULL. */
	uint64_t (*weigh)(void *arg, const struct wire_about *about);
	void *arg;

	struct duet_side {
		struct duet *duet;
		struct budget budget;	/* its part */
		struct track track;
		struct segment seg;
		bool over, any;
		bool waits;		/* its source does: what it has is taken as it comes */
		bool reading;		/* from it */
		int64_t first_ns, last_ns;	/* as stamped */
	} side[2];
	struct wire_owner wires;
	struct budget wires_budget;	/* of wires and of halves without: what those of `side` leave of it */
	struct wire_load *oldest[2], *newest[2];	/* see duet_weigh.c */
	struct wire_load *heaviest;	/* that is known, if one takes much */
	struct pairing pairing;	/* without a plan */
	struct map firsts;	/* by connection of A */
	int64_t ahead_ns;	/* B's clock less A's, roughly: */
	int64_t last_ns[2];	/* the mean of the last one each way, of what was */
	bool has_last[2];	/* sent from B, and from A */
	bool apart;		/* some was not stamped the same in both */
	bool stepped;		/* a clock did: moments of the two are not compared */
	unsigned stalled;	/* segments read of one capture as the other waits */
	bool inside;		/* a read waits, and what it is called back for is done */
	uint64_t wires_ended, at_server;	/* and with A at the server */
	uint64_t single[2];	/* streams to be joined that were in one capture only */
	bool doubtful;		/* of some, the numbers may be joined wrongly */
	bool refuted;		/* the clocks do not agree */
	int64_t row_ns;		/* the latest arrival that there was a row of, */
	bool disordered;	/* and after it came one that was due before */
};

/* Read all, unless `refuted`. What is over by then was handed to `row`. */
void duet_run(struct duet *d);

/* A read has to wait: take from the other capture meanwhile. For the hook of a pipe. */
int duet_wait(void *duet);

/*
 * For duet_*.c: what is known of a half, or of its wire, has grown: weigh it, and
 * give up what takes too much of all, or was silent for longest. Not weighed any
 * longer.
 */
void duet_weigh(struct duet *d, struct wire_half *h);
void duet_unload(struct duet *d, struct wire_load *load);

/* For duet.c: which wire a half belongs to, as far as is known, in duet_wire.c. */
void duet_find_wire(struct duet *d, unsigned which, struct wire_half *h,
		    const struct print *print, bool ends);
void duet_crossed(void *arg, struct wire *w, unsigned from, const struct crossing *c);

void duet_passed(void *arg, struct wire *w, unsigned which, unsigned from,
		 const struct passage *p);

/* The delay of a row that has one. */
void duet_time(struct duet_row *row, struct clock *clock);

/* A moment of B's clock on A's. */
int64_t duet_on_a(const struct duet *d, int64_t b_ns);

#endif
