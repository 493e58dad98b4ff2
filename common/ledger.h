/*
 * The ledger of one direction of a connection's data: which data was sent, by
 * which segment of which stream first, how often again, and what a data ACK has
 * covered.
 *
 * Positions are relative DSNs. Memory is bounded by data in flight and, of what
 * was acknowledged, by a history of so many segments, as the user wants it, and
 * by the last few runs of data that came on one stream.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "runs.h"
#include "seen.h"
#include "trail.h"

struct spread;

/* Data that a segment sent; or of which only the stream is remembered. */
struct ledger_run {
	struct range data;
	int64_t time_ns;	/* of the segment */
	int64_t shift;		/* rel_seq less relative DSN of each byte */
	uint64_t pkt;		/* of the segment; 0: time_ns, shift, sf are not known */
	uint32_t stream;
	uint32_t sf;		/* number of the subflow in its connection */
};

enum { LEDGER_PAST_KEPT = 33, LEDGER_PAST_MAX = 48 };	/* runs of acknowledged data that are remembered */

/* Data that is sent again. */
struct ledger_copy {
	struct range data;
	const struct ledger_run *first;	/* its first sending; NULL: not remembered */
	uint32_t count;	/* of times that it was sent again, with this one; 0: not known */
	bool acked;	/* a data ACK had covered it */
};

/* What is remembered of data by segment when it is acknowledged. */
struct ledger_history {
	struct runs runs;	/* struct ledger_run: at most `keep` of them */
	struct runs copies;	/* struct ledger_count: what was sent again */
	int64_t counted;	/* ... at or above here */
	uint32_t keep;
};

/* What few ledgers have. */
struct ledger_more {
	struct ledger_history *history;	/* NULL: none is kept */
	int64_t floor;		/* where data begins: 0, or below in its midst */
	uint64_t missing;	/* gaps in `seen` above `acked` */
};

/* ledger_init() and from then on the module's own, but for reading. */
struct ledger {
	struct seen seen;	/* data that segments carried */
	struct runs runs;	/* struct ledger_run: what is not acknowledged */
	struct trail past;	/* what is, by the stream that sent it first, as far as remembered */
	struct ledger_more *more;	/* NULL: all 0 */
	int64_t acked;		/* highest data ACK, if has_ack; else 0 */
	bool has_ack;
	bool has_newest;
	bool full;		/* some of `runs` had to go before it was acknowledged */
	uint32_t newest;	/* the stream that brought new data last, if has_newest */
};

/*
 * `has_ack`: data ACKs were seen, of nothing so far. `keep`: of how many
 * segments to remember data that was acknowledged; 0: nor count copies.
 */
void ledger_init(struct ledger *l, bool has_ack, uint32_t keep);
void ledger_free(struct ledger *l);

extern const struct ledger_more ledger_no_more;

static inline const struct ledger_more *ledger_more(const struct ledger *l)
{
	return l->more ? l->more : &ledger_no_more;
}

/* How many bytes it takes beside itself. */
uint64_t ledger_weight(const struct ledger *l);

/* Called for data that is sent again; all of it has one first sending, count and fate. */
typedef void ledger_again(void *arg, const struct ledger_copy *copy);

/*
 * Data is sent. Returns how much of it had not been seen, and hands the rest
 * to `again`.
 */
uint64_t ledger_send(struct ledger *l, const struct ledger_run *run,
		     ledger_again *again, void *arg);

/*
 * All data below dack was received, as was seen at now_ns; the times since its
 * sending, where known, go to `delays`, weighted by bytes, unless NULL. A dack below the highest so far
 * changes nothing.
 */
void ledger_ack_more(struct ledger *l, int64_t dack, int64_t now_ns,
		     struct spread *delays);

static inline void ledger_ack(struct ledger *l, int64_t dack, int64_t now_ns,
			      struct spread *delays)
{
	if (!l->has_ack || dack > l->acked)
		ledger_ack_more(l, dack, now_ns, delays);
}

/* Where data begins may be lower in a capture that began in its midst. */
void ledger_lower_floor(struct ledger *l, int64_t dack);

/* How much of the data [from, to) a data ACK has covered. */
uint64_t ledger_acked(const struct ledger *l, int64_t from, int64_t to);

/* Data seen beyond the first gap that no data ACK has closed. */
uint64_t ledger_beyond_gaps(const struct ledger *l);

static inline uint64_t ledger_beyond_gap(const struct ledger *l)
{
	return ledger_more(l)->missing ? ledger_beyond_gaps(l) : 0;
}

/* Data sent and not acknowledged: from the highest data ACK to the end. */
static inline uint64_t ledger_in_flight(const struct ledger *l)
{
	return l->seen.to > l->acked ? (uint64_t)(l->seen.to - l->acked) : 0;
}

/* All data that was seen or acknowledged; but for that at `fin`, where has_fin. */
uint64_t ledger_bytes(const struct ledger *l, bool has_fin, int64_t fin);

/* All positions are higher by `by` from now on; where data begins is known to be 0. */
void ledger_renumber(struct ledger *l, int64_t by);

/* What `from` saw and knows to be acknowledged; its subflows' numbers are higher by sf_by. */
void ledger_merge(struct ledger *into, const struct ledger *from, uint32_t sf_by);

/*
 * For ledger_merge.c: first sent is [from, to) of a run; how much of [from, to)
 * `missing` counts. And for these, in ledger_more.c: what is rare, to be changed.
 */
void ledger_add_run(struct ledger *l, const struct ledger_run *run, int64_t from,
		    int64_t to);
uint64_t ledger_open_gaps(const struct ledger *l, int64_t from, int64_t to);
struct ledger_more *ledger_more_of(struct ledger *l);
void ledger_set_missing(struct ledger *l, uint64_t n);

/*
 * For ledger.c, in ledger_history.c: remember [from, to) of a run once it is
 * acknowledged; tell `count` of a copy of data from `from` on, and in *end, which
 * comes down, up to where; count n more copies of data.
 */
struct ledger_history *ledger_history_new(uint32_t keep);
void ledger_history_free(struct ledger_history *h);
void ledger_keep(struct ledger_history *h, const struct ledger_run *run, int64_t from,
		 int64_t to);
uint32_t ledger_count(const struct ledger_history *h, int64_t from, int64_t *end);
void ledger_add_count(struct ledger_history *h, int64_t from, int64_t to, uint32_t n);
void ledger_history_merge(struct ledger *into, const struct ledger_history *from,
			  uint32_t sf_by);
void ledger_history_renumber(struct ledger_history *h, int64_t by);

/* Subflow bytes stay what they are where their data is renumbered. */
void ledger_renumber_shifts(struct runs *r, int64_t by);

#endif
