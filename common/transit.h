/*
 * One direction of a stream between two captures: what was seen leaving one
 * host joined with what was seen arriving at the other, by ranges of bytes.
 *
 * Segments are cut differently at the two ends (TSO, GRO, middleboxes), and
 * copies of the same bytes differently from one another; so a crossing is one
 * overlap of a segment sent and one that arrived, and what never arrived is
 * the rest of a segment sent. Segments without payload cross as a whole.
 *
 * All numbers are those of one capture. What arrives has to be handed over
 * after all that was sent before it. Memory grows with what is under way: what
 * arrived is dropped when it is acknowledged, but for a few kept to tell
 * duplicates, and what is lost TRANSIT_LATE_NS after later segments arrived.
 */
#ifndef TRANSIT_H
#define TRANSIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match.h"
#include "passage.h"
#include "ranges.h"
#include "runs.h"
#include "seen.h"

/* No path reorders by more. */
#define TRANSIT_LATE_NS INT64_C(10000000000)

/*
 * What goes silent on all its way is lost after an RTO at its largest, 60 s (RFC 6298,
 * 2.4): so often TRANSIT_LATE_NS passed, whatever a clock that steps says of more.
 */
enum { TRANSIT_SILENT = 7 };

enum fate {
	FATE_ARRIVED,
	FATE_LOST,
	FATE_DUP,	/* it arrived once more: the network doubled it */
	FATE_UNSEEN	/* it must have arrived, as it was acknowledged, but was not captured */
};

/* As in the column `fate`. */
const char *fate_name(enum fate fate);

/* A range of bytes that crossed, or did not; or a segment without payload. */
struct crossing {
	const struct passage *tx;	/* NULL: it arrived, but was not seen leaving */
	const struct passage *rx;	/* NULL: lost or unseen */
	int64_t from, to;	/* rel_seq */
	uint32_t copy;		/* how often the bytes were sent before */
	enum fate fate;
	enum match_by match;	/* if both are there */
	bool clean;		/* the segments at both ends have the same edges */
};

/* When a capture saw anything at all, by at_ns: outside it knows nothing. */
struct transit_span {
	int64_t first_ns, last_ns;
};

/* What layers and the list of those without payload hold; see transit.c. */
struct transit_sent {
	struct range bytes;	/* of the payload; first, for runs.h */
	struct passage passage;
	struct ranges arrived;	/* of bytes, unless all of them did */
	int64_t fresh;		/* bytes from here on were not sent before */
	uint32_t copy;		/* how often the others were */
	uint8_t layer;		/* or TRANSIT_PURE */
	uint8_t check;		/* the number of the last check before it */
	bool whole;		/* all of it arrived */
	bool over;		/* nothing more is to be said about it */
};

/* Of more segments that are under way, all are given up. */
enum { TRANSIT_SENT_MAX = 1 << 16 };

enum { TRANSIT_LAYERS = 16, TRANSIT_PURE = TRANSIT_LAYERS };

struct transit {
	void (*cross)(void *arg, const struct crossing *);
	void *arg;
	void *user;		/* the user's */

	struct match_path path;
	const struct transit_span *sender, *receiver;	/* the captures'; not owned */

	/* sent, each layer without overlaps: copies lie above one another */
	struct runs layer[TRANSIT_LAYERS];
	uint32_t over[TRANSIT_LAYERS];	/* how many in it are over */
	uint32_t layers;		/* used so far */
	size_t near;		/* where in layer 0 the last byte looked for was */
	struct runs pure;	/* without payload, by ACK number */
	uint32_t pure_over;	/* how many of these are over */
	size_t hint;		/* where in pure the next one to arrive may be */
	uint64_t partly;	/* bytes of memory for what arrived in part */

	struct seen arrived;	/* bytes that did, by any copy, */
	uint8_t came;		/* and of SYN and FIN those that did */
	uint64_t syn_pkt, fin_pkt;	/* which were sent last so */
	bool any_sent, any_arrived;
	bool full;		/* what was under way had to be given up, as it was too much */
	int64_t next;		/* end of the highest segment sent */
	int64_t acked;		/* all below arrived, as one capture or the other says */

	uint64_t newest_pkt;	/* of what arrived, the last to have been sent */
	uint64_t late_pkt;	/* the same TRANSIT_LATE_NS ago or more, */
	int64_t checked_ns;	/* at this time, */
	uint8_t checks;		/* in the check of this number */
	bool has_delay;
	int64_t delay_min, delay_max;	/* of what arrived, by at_ns */
};

void transit_init(struct transit *t, const struct transit_span *sender,
		  const struct transit_span *receiver,
		  void (*cross)(void *, const struct crossing *), void *arg);
void transit_free(struct transit *t);

/* How many bytes it takes beside itself. */
uint64_t transit_weight(const struct transit *t);

/* The segment left its host; it arrived at the other one. Numbers of one capture. */
void transit_send(struct transit *t, const struct passage *p);
void transit_arrive(struct transit *t, const struct passage *p);

/* All below `ack` arrived. */
static inline void transit_ack(struct transit *t, int64_t ack)
{
	if (t->acked < ack)
		t->acked = ack;
}

/*
 * Whether something was sent with its time stamp that part of it can be; by its IP
 * identification too, if `by_id`.
 */
bool transit_has_stamp(const struct transit *t, const struct passage *p, bool by_id);

/* The same for the IP identification of a segment without payload. */
bool transit_has_id(const struct transit *t, const struct passage *p);

/* The receiver's capture has come to this at_ns: what must be lost by then crosses so. */
void transit_pass(struct transit *t, int64_t at_ns);

/* Nothing more comes: say what became of the rest. */
void transit_end(struct transit *t);

/* For transit_send.c: what stands at index i of a layer, or NULL. */
static inline struct transit_sent *transit_at(const struct transit *t, unsigned layer,
					      size_t i)
{
	return i < runs_n(&t->layer[layer]) ? runs_at(&t->layer[layer], i) : NULL;
}

void transit_free_runs(struct runs *r);

/* A SYN or FIN was sent: it is the last so far. */
static inline void transit_note(struct transit *t, const struct passage *p)
{
	if (p->flags & PASSAGE_SYN)
		t->syn_pkt = p->pkt;
	if (p->flags & PASSAGE_FIN)
		t->fin_pkt = p->pkt;
}

/* runs_find(), which looks at `hint` first: most come in the order of sending. */
size_t transit_find(const struct runs *r, size_t hint, int64_t pos);

static inline size_t transit_near(const struct transit *t, unsigned layer, int64_t pos)
{
	return transit_find(&t->layer[layer], layer ? runs_n(&t->layer[layer]) : t->near, pos);
}

/* For transit_pure.c: what has no payload. */
void transit_send_pure(struct transit *t, const struct passage *p);
void transit_arrive_pure(struct transit *t, const struct passage *p);

/* For transit_fate.c: what did not arrive, or was not seen leaving. */
void transit_settle(struct transit *t, struct transit_sent *s);
void transit_unsent(struct transit *t, const struct passage *rx, int64_t from,
		    int64_t to, bool again);
void transit_crossed(struct transit *t, const struct crossing *c);
unsigned transit_gather(const struct transit *t, int64_t pos, int64_t *to,
			struct candidate *c);

/* Nothing more is to be said about what was sent; take out most of what is so. Returns whether any was. */
void transit_close(struct transit *t, struct transit_sent *s);
bool transit_tidy(struct runs *r, uint32_t *over);

#endif
