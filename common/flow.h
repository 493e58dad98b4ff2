/*
 * What one TCP stream carried, both ways, and how it began and ended: the
 * figures of mptcp-subflows(1), where each is defined, with the place that it
 * is exact for.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "rtt.h"
#include "seen.h"
#include "spread.h"

struct segment;
struct stream;

/* Figures of one direction, of all time or of an interval: of any segments, */
struct flow_counts {
	uint64_t pkts;
	uint64_t dup_acks;	/* RFC 5681 */
	uint64_t zero_window;	/* segments that offer none */
	uint32_t win_min, win_max;	/* bytes; none known: min above max */
};

/* and of its payload. */
struct flow_data_counts {
	uint64_t data_pkts;	/* segments with payload */
	uint64_t sent_bytes;	/* payload, all of it */
	uint64_t retrans_bytes, retrans_pkts;	/* sent before by this stream */
	uint64_t new_bytes;	/* data that no subflow had sent before */
	uint64_t reinject_bytes;	/* data that another subflow had sent first */
	uint64_t dup_sf_bytes;	/* data that this subflow had, in other bytes */
	uint64_t after_ack_bytes;	/* sent again below the data ACK */
	uint64_t ooo_pkts;	/* RFC 4737: with new bytes below the highest */
	uint64_t inflight_max;	/* bytes */
	struct spread rtt;	/* ns */
};

/* What one direction carried; what is not a figure is what they follow from. */
struct flow_data {
	struct flow_data_counts counts;
	struct seen seen;	/* payload, as rel_seq */
	struct rtt rtt;
	int64_t first_ns, last_ns;	/* segments with payload, if counts ever had any */
	bool any;		/* they had */
};

/* One direction. */
struct flow_side {
	struct flow_counts counts;
	struct flow_data *data;	/* NULL: nothing so far; see flow_data() */
	int64_t ack;		/* highest rel_ack that this end sent, if has_ack */
	int64_t last_ns;	/* its last segment, if it sent any */
	int64_t idle_max_ns;	/* between two segments; below 0: no two */
	uint16_t win;		/* of its last segment, as on the wire */
	uint16_t mss;		/* of its SYN, if has_mss */
	uint8_t wscale;		/* the same */
	bool has_mss, has_wscale, has_ack, sent_any;
};

/* One part of the handshake, as last sent. */
struct flow_syn {
	int64_t time_ns;
	uint32_t tsval;
	bool clear;		/* the time stamp tells it from earlier copies */
	uint8_t copies;		/* 0: none was seen; counted up to a few */
};

/* How it began and ended. */
struct flow_story {
	int64_t first_ns, last_ns;	/* its first and last segment */
	struct flow_syn syn, synack;
	int64_t first_syn_ns;	/* the first SYN, if has_syn */
	int64_t rtt_ns;		/* of the handshake; of its first half until it is done */
	bool has_syn, half_known, rtt_known;
	bool done;		/* the opener answered the SYN/ACK */
	bool join_synack;	/* which had MP_JOIN, or was cut */
	bool answered;		/* the end that did not open it sent anything */
	bool has_opener;
	uint8_t opener;		/* the end that sent the SYN */
	bool reset, has_reason;	/* a RST before both FINs; its MP_TCPRST */
	uint8_t reset_by, reason;
	uint8_t fins;		/* bits: 1 << end */
	uint8_t fin_by;		/* the end that sent the first */
};

/* Who it is. */
struct flow_identity {
	struct addr addr[2];	/* by end */
	uint16_t port[2];
	uint32_t stream;	/* index */
	uint32_t number;	/* of the connection's subflows */
	uint8_t client;		/* which end is the connection's client */
	uint8_t addr_id[2], has_addr_id;	/* as in struct subflow */
	bool backup, join;
	const char *state;	/* see mptcp-subflows(1) */
};

struct flow {
	struct flow_side side[2];	/* by end */
	struct flow_story story;
	struct stream *stream;	/* NULL: it is forgotten, and `identity` set */
	struct flow_identity *identity;
	struct flow *next;	/* of those forgotten of a connection */
	bool bound;		/* to a connection */
	bool active;		/* plain, with segments since the last flow_reset(), and so in the tally's list, */
	uint32_t place;		/* there */
	void *user;		/* the user's, see tally.h */
};

struct flow *flow_new(struct stream *s);
void flow_free(struct flow *f);

/* How many bytes it takes, but for its user's. */
uint64_t flow_weight(const struct flow *f);

extern const struct flow_data flow_nothing;

/* What the end sent so far, if only nothing. */
static inline const struct flow_data *flow_data(const struct flow *f, unsigned end)
{
	return f->side[end].data ? f->side[end].data : &flow_nothing;
}

/* Whether nothing that this end sent was captured, though the other answered it. */
static inline bool flow_uncaptured(const struct flow *f, unsigned end)
{
	return !f->side[end].sent_any && f->side[!end].has_ack;
}

/*
 * Whether payload of this end was acknowledged and none captured: what it sent
 * can't be told. (SYN and FIN take a number each.)
 */
static inline bool flow_unseen(const struct flow *f, unsigned end)
{
	return !flow_data(f, end)->any && f->side[!end].has_ack &&
	       f->side[!end].ack > 2;
}

/*
 * Whether payload was sent of which no mapping was captured: what data it is
 * can't be told.
 */
static inline bool flow_unmapped(uint64_t unique, uint64_t new, uint64_t reinject,
				 uint64_t dup_sf, uint64_t after_ack)
{
	return unique && !new && !reinject && !dup_sf && !after_ack;
}

/* The same, to be added to. */
struct flow_data *flow_data_of(struct flow *f, unsigned end);

/* Payload that this end sent and that is not acknowledged; 0 where no ACK was captured. */
uint64_t flow_in_flight(const struct flow *f, unsigned end);

/* Figures count from here on. */
void flow_reset(struct flow *f);

/*
 * Take in a segment that track_segment() has seen, sent by the end `from`: its
 * payload, and what it says of beginning and end. Returns how many bytes of the
 * payload the stream had sent before.
 */
uint64_t flow_observe(struct flow *f, struct segment *seg, unsigned from);

/* Before that, what only the figures of subflows need: times, ACKs, windows. */
void flow_observe_path(struct flow *f, const struct segment *seg, unsigned from);

/* What flow_observe() reads only of the handshake. */
#define FLOW_COLUMNS (COLUMN(TSVAL) | COLUMN(TSECR))

/* For flow.c: what the segment says about beginning and end. */
void flow_story_observe(struct flow_story *s, struct segment *seg, unsigned from);

/* Whether anything is left of the story that a segment without flags may tell. */
static inline bool flow_story_open(const struct flow_story *s)
{
	return !s->done || !s->answered;
}

/* Who it is, whether its stream is remembered or not. */
struct flow_identity flow_identify(const struct flow *f);

/*
 * How it was closed, as mptcp-subflows(1) has it, in `text`; conn_closed: the
 * connection it belongs to was. Returns text.
 */
enum { FLOW_CLOSE_MAX = 16 };
const char *flow_close(const struct flow_story *s, bool conn_closed,
		       char text[FLOW_CLOSE_MAX]);

/* Its number among the connection's subflows. */
uint32_t flow_number(const struct flow *f);

/* Its stream is to be forgotten: keep who it is, and its figures only; so many bytes. */
void flow_settle(struct flow *f);
enum { FLOW_SETTLED = sizeof(struct flow) + sizeof(struct flow_identity) +
		      2 * sizeof(struct flow_data) };

#endif
