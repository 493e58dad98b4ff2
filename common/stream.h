/*
 * TCP streams: which segments belong to one, who is the client, and sequence
 * numbers relative to the ISN, unwrapped.
 *
 * Streams are numbered as Wireshark numbers tcp.stream. One that is closed or
 * idle is forgotten: after 60 s, or as long as a NAT has to keep it (RFC 5382,
 * REQ-5: 4 minutes before it is established, and when nothing more is to come,
 * 2 hours 4 minutes in between).
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "budget.h"
#include "map.h"
#include "pool.h"
#include "segment.h"

struct print;
struct subflow;

/* What is looked at only where a stream begins. */
#define STREAM_COLUMNS (COLUMN(SRC) | COLUMN(DST) | COLUMN(DPORT) | \
			COLUMN(SEQ) | COLUMN(ACK))

/* One segment this far before the last is a step of the clock that stamps the frames. */
#define STREAM_STEP_BACK_NS INT64_C(10000000000)

enum wscale_state { WSCALE_UNKNOWN, WSCALE_NONE, WSCALE_GIVEN };

/* What one end has sent. Positions are rel_seq of that end. */
struct stream_side {
	int64_t next;		/* end of the highest segment so far */
	int64_t acked;		/* highest ACK the other end sent for it */
	uint32_t base;		/* the raw number that rel_seq 0 stands for */
	uint32_t syn_data;	/* payload of its SYN (RFC 7413) */
	uint32_t syn_taken;	/* of that, what the other end accepted */
	uint8_t wscale;
	uint8_t wscale_state : 2;	/* enum wscale_state, from its SYN */
	bool known : 1;		/* base is set */
	bool syn : 1;		/* base is the ISN of a SYN or SYN/ACK captured */
	bool sent : 1;		/* it sent payload, that base numbers */
	bool fin : 1;		/* it sent a FIN */
	bool gaps : 1;		/* the capture lacks segments that it sent, or options in them */
	bool syn_settled : 1;	/* syn_taken is known: from the SYN/ACK or from the next data */
};

struct stream {
	struct addr addr[2];	/* the ends, the smaller one first */
	uint16_t port[2];
	uint32_t index;
	struct stream_side side[2];
	int64_t last_ns;	/* last segment, on the clock of the table */
	struct subflow *subflow;	/* of conn.h; NULL: plain TCP so far */
	struct print *print;	/* of print.h, or NULL */
	void *data;		/* the caller's of conns, see hooks in conn.h */
	struct stream *prev, *next;	/* in its queue */
	int64_t queued_ns;
	uint32_t weight;	/* what it takes of the budget */
	uint16_t segments;	/* seen, modulo 2^15 when there are more */
	uint8_t queue;		/* where it waits to be forgotten */
	uint8_t client : 1;	/* which end: 0 or 1 */
	bool client_known : 1;	/* a SYN said so */
	bool established : 1;	/* more than SYN and RST was seen */
	bool reset : 1;		/* RST seen */
	bool over : 1;		/* the connection it belongs to is closed */
	bool row : 1;		/* it stands in the table by its index */
	bool listed : 1;	/* it does: no newer stream took its 4-tuple */
	bool cut : 1;		/* something of it was full, see budget.h */
};

enum {
	QUEUE_SYN,		/* only SYN and RST was seen */
	QUEUE_STRAY,		/* more, but of one end only */
	QUEUE_SHORT,		/* more, but few segments, or no data that was acknowledged */
	QUEUE_OPEN,
	QUEUE_CLOSED,
	QUEUES
};

struct stream_queue {
	struct stream *first, *last;
	uint32_t n;
};

enum { STREAMS_NEAR = 1024 };

/* A stream found lately, and what it was found by, see stream_find.c. */
struct stream_near {
	struct stream *stream;
	uint32_t mix;
};

struct streams {
	struct pool pool;	/* of streams, and of what others keep of each */
	struct map map;		/* by 4-tuple, or by index for rows of TSV */
	uint32_t count;		/* next index */
	int64_t now_ns;		/* a clock that runs with capture time, but never back */
	int64_t seen_ns;	/* the capture time it was set by last */
	bool ticking;		/* both are set */
	int64_t linger_ns;	/* how long a closed stream is remembered */
	int64_t due_ns;		/* no stream is forgotten before, on that clock */
	struct stream *recent;	/* the one found last */
	struct stream_near near[STREAMS_NEAR];	/* and others */
	struct stream_queue queue[QUEUES];

	struct budget *budget;	/* not owned; NULL: none */
	struct stream *heaviest;	/* that track.c knows of, if one takes much */

	/* Called before a stream is freed. */
	void (*forget)(void *arg, struct stream *);
	void *arg;
};

void streams_init(struct streams *t);

/* Forget all, oldest first. */
void streams_free(struct streams *t);

/* Let time pass up to this segment's, and forget what is due. */
void streams_tick(struct streams *t, const struct segment *seg);

/*
 * The stream of a segment, new if need be: by seg->stream where TSV gave it,
 * else by addresses, ports and what a SYN says. Sets seg->stream.
 */
struct stream *stream_find(struct streams *t, struct segment *seg);

/* How many are remembered. */
static inline uint32_t streams_count(const struct streams *t)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < QUEUES; i++)
		n += t->queue[i].n;
	return n;
}

/*
 * Whether it is time to weigh it again: at each of its first segments, then whenever
 * it has got longer by some, at most a quarter. It may be silent at any time, and all
 * that came since, in many streams, would be too much.
 */
static inline bool stream_is_due(const struct stream *s)
{
	uint32_t n = s->segments;

	if (n % 16)
		return n < 64 && n % (n < 8 ? 1 : n < 16 ? 2 : n < 32 ? 4 : 8) == 0;
	return n < 128 || n % 32 == 0;
}

/* The stream that is worth least, or NULL; to forget one for the budget. */
struct stream *streams_least(struct streams *t);
void streams_give_up(struct streams *t, struct stream *s);

/* Which end sent the segment: 0 or 1. */
static inline unsigned stream_sender(const struct stream *s, const struct segment *seg)
{
	if (s->port[0] != s->port[1])
		return seg->sport != s->port[0];
	return addr_cmp(&seg->src, &s->addr[0]) != 0;
}

/*
 * Set rel_seq, rel_ack and win_bytes, unless TSV gave them, and remember what
 * the segment says about its stream. `from` is its sender.
 */
void stream_observe(struct streams *t, struct stream *s, struct segment *seg,
		    unsigned from);

/* For stream_seq.c: the stream may have to wait elsewhere to be forgotten. */
void stream_queue_update(struct streams *t, struct stream *s);

/* For stream_find.c: to the end of this queue; out of the table. */
void stream_enqueue(struct streams *t, struct stream *s, unsigned queue, int64_t time_ns);
void stream_unlist(struct streams *t, struct stream *s);

/* For stream_worth.c: to the end of its queue, as one active at its last segment; and out. */
void stream_requeue(struct streams *t, struct stream *s);
void stream_forget(struct streams *t, struct stream *s);

/* Nothing more is to come: it is remembered no longer than a handshake would be. */
void stream_set_over(struct streams *t, struct stream *s);

/* Whether both ends sent a FIN, or one a RST. */
static inline bool stream_closed(const struct stream *s)
{
	return s->reset || (s->side[0].fin && s->side[1].fin);
}

#endif
