/*
 * The ledger of one direction of a connection's data: which data was sent, on
 * which stream first and when, and what a data ACK has covered.
 *
 * Positions are relative DSNs. Memory is bounded by data in flight and, of what
 * was acknowledged, by the last few runs of data that came on one stream.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "runs.h"
#include "seen.h"

struct spread;

/* Data that was sent first by one segment or, once acknowledged, on one stream. */
struct ledger_run {
	struct range data;
	int64_t time_ns;	/* sent, if not acknowledged */
	uint32_t stream;
};

/* ledger_init() and from then on the module's own, but for reading. */
struct ledger {
	struct seen seen;	/* data that segments carried */
	struct runs runs;	/* struct ledger_run: what is not acknowledged */
	struct runs past;	/* struct ledger_run: what is, as far as remembered */
	int64_t acked;		/* highest data ACK, if has_ack; else 0 */
	int64_t floor;		/* where data begins: 0, or below in its midst */
	uint64_t missing;	/* seen.gaps above `acked` */
	bool has_ack;
};

/* `has_ack`: data ACKs were seen, of nothing so far. */
void ledger_init(struct ledger *l, bool has_ack);
void ledger_free(struct ledger *l);

/*
 * Called for data [from, to) that is sent again: what part of first, or NULL
 * if that is no longer known.
 */
typedef void ledger_again(void *arg, int64_t from, int64_t to,
			  const struct ledger_run *first);

/*
 * Data is sent. Returns how much of it had not been seen, and hands the rest
 * to `again`.
 */
uint64_t ledger_send(struct ledger *l, const struct ledger_run *run,
		     ledger_again *again, void *arg);

/*
 * All data below dack was received, as was seen at now_ns; the times since its
 * sending go to `delays`, weighted by bytes. A dack below the highest so far
 * changes nothing.
 */
void ledger_ack(struct ledger *l, int64_t dack, int64_t now_ns,
		struct spread *delays);

/* Where data begins may be lower in a capture that began in its midst. */
void ledger_lower_floor(struct ledger *l, int64_t dack);

/* How much of the data [from, to) a data ACK has covered. */
uint64_t ledger_acked(const struct ledger *l, int64_t from, int64_t to);

/* Data seen beyond the first gap that no data ACK has closed. */
uint64_t ledger_beyond_gaps(const struct ledger *l);

static inline uint64_t ledger_beyond_gap(const struct ledger *l)
{
	return l->missing ? ledger_beyond_gaps(l) : 0;
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

/* What `from` saw and knows to be acknowledged. */
void ledger_merge(struct ledger *into, const struct ledger *from);

#endif
