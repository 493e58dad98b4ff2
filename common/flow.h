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
#include "seq.h"
#include "spread.h"

struct flow_handshake;
struct segment;
struct stream;

/*
 * What is not as it should be in one direction, or rare: figures of all time
 * or of an interval.
 */
struct flow_trouble {
	uint64_t retrans_bytes, retrans_pkts;	/* sent before by this stream */
	uint64_t reinject_bytes;	/* data that another subflow had sent first */
	uint64_t dup_sf_bytes;	/* data that this subflow had, in other bytes */
	uint64_t after_ack_bytes;	/* sent again below the data ACK */
	uint64_t ooo_pkts;	/* RFC 4737: with new bytes below the highest */
	uint64_t dup_acks;	/* RFC 5681; of flow_observe_path() */
	uint64_t zero_window;	/* segments that offer none; the same */
};

/*
 * What of these and those below counts by bytes of payload, of one direction of
 * a stream or of all subflows of a connection together.
 */
struct flow_load {
	uint64_t sent_bytes, retrans_bytes, after_ack_bytes;
	uint64_t reinject_bytes, dup_sf_bytes, new_bytes;
	int64_t first_ns, last_ns;	/* as in struct flow_data */
};

/* Of payload of one direction, what only flow_observe_path() observes. */
struct flow_data_path {
	struct rtt waiting;
	uint64_t inflight_max;	/* bytes; a figure like those above */
	struct spread rtt;	/* ns; the same */
};

/* What one direction carried. */
struct flow_data {
	struct seen seen;	/* payload, from 0: rel_seq less 1 */
	int64_t first_ns, last_ns;	/* segments with payload; none ever: first above last */
	uint64_t data_pkts;	/* segments with payload; this and what follows: figures */
	uint64_t sent_bytes;	/* payload, all of it */
	uint64_t new_bytes;	/* data that no subflow had sent before */
	struct flow_data_path path[];	/* one, if the flow has `paths` */
};

/* What one end sent, as far as only flow_observe_path() observes it. */
struct flow_path {
	uint64_t pkts;		/* a figure, of all time or of an interval */
	uint32_t win_min, win_max;	/* the same, bytes; none known: min above max */
	int64_t ack;		/* highest rel_ack, if has_ack; else 0 */
	int64_t last_ns;	/* its last segment, if it sent any */
	int64_t idle_max_ns;	/* between two segments; below 0: no two */
	uint16_t win;		/* of its last segment, as on the wire */
	uint16_t mss;		/* of its SYN, if has_mss */
	uint8_t wscale;		/* the same */
	bool has_mss : 1, has_wscale : 1, has_ack : 1, sent_any : 1;
};

/* The same of both. */
struct flow_paths {
	int64_t first_ns;	/* its first segment, */
	int64_t first_syn_ns;	/* and first SYN, if has_syn of its story */
	struct flow_path end[2];
};

/* How it began and ended. */
struct flow_story {
	union {
		int64_t rtt_ns;		/* of the handshake, if rtt_known; else */
		struct flow_handshake *handshake;	/* NULL: not begun, or over */
	};
	bool has_syn : 1, has_synack : 1, rtt_known : 1;
	bool done : 1;		/* the opener answered the SYN/ACK */
	bool join_synack : 1;	/* which had MP_JOIN, or was cut */
	bool answered : 1;	/* the end that did not open it sent anything */
	bool has_opener : 1;
	bool opener : 1;	/* the end that sent the SYN */
	bool reset : 1, has_reason : 1;	/* a RST before both FINs; its MP_TCPRST */
	bool reset_by : 1;	/* the end that sent it */
	bool fin_by : 1;	/* the end that sent the first FIN */
	uint8_t fins;		/* bits: 1 << end */
	uint8_t reason;
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
	struct flow *next;	/* of those forgotten of a connection */
};

struct flow {
	struct flow_side {	/* by end; see the functions for both */
		struct flow_data *data;	/* NULL: nothing so far */
		struct flow_trouble *trouble;	/* NULL: none */
	} side[2];
	struct flow_story story;
	union {
		struct stream *stream;	/* until flow_settle(); from then on */
		struct flow_identity *identity;
	};
	bool settled;
	bool bound;		/* to a connection */
	bool paths : 1;		/* flow_observe_path() is called */
	bool user : 1;		/* flow_user() is asked for */
	bool full : 1;		/* segments in flight were forgotten, as they were too many */
	bool active;		/* plain, with segments since the last flow_reset(), and so in the tally's list, */
	uint32_t place;		/* there */
	struct flow_paths path[];	/* one, if `paths`; behind it the user's pointer, if `user` */
};

struct flow *flow_new(struct stream *s, bool paths, bool user);
void flow_free(struct flow *f);

/* How many bytes it takes, but for its user's; and after flow_settle(). */
uint64_t flow_weight(const struct flow *f);
uint64_t flow_settled_weight(const struct flow *f);

extern const struct flow_data flow_nothing;
extern const struct flow_load flow_no_load;
extern const struct flow_trouble flow_no_trouble;
extern const struct flow_paths flow_no_paths;
extern const struct flow_data_path flow_no_data_path;

/* What the end sent so far, if only nothing. */
static inline const struct flow_data *flow_data(const struct flow *f, unsigned end)
{
	return f->side[end].data ? f->side[end].data : &flow_nothing;
}

static inline const struct flow_trouble *flow_trouble(const struct flow *f, unsigned end)
{
	return f->side[end].trouble ? f->side[end].trouble : &flow_no_trouble;
}

static inline const struct flow_paths *flow_paths(const struct flow *f)
{
	return f->paths ? f->path : &flow_no_paths;
}

static inline const struct flow_path *flow_path(const struct flow *f, unsigned end)
{
	return &flow_paths(f)->end[end];
}

static inline const struct flow_data_path *flow_data_path(const struct flow *f,
							  unsigned end)
{
	return f->paths && f->side[end].data ? f->side[end].data->path :
	       &flow_no_data_path;
}

/* The user's pointer, see tally.h, of a flow that has one: NULL at first. */
static inline void **flow_user(struct flow *f)
{
	return (void **)(f->path + f->paths);
}

/* Whether there ever was payload. */
static inline bool flow_has_data(const struct flow_data *d)
{
	return d->first_ns <= d->last_ns;
}

/* Whether nothing that this end sent was captured, though the other answered it. */
static inline bool flow_uncaptured(const struct flow *f, unsigned end)
{
	return !flow_path(f, end)->sent_any && flow_path(f, !end)->has_ack;
}

/*
 * Whether payload of this end was acknowledged and none captured: what it sent
 * can't be told. (SYN and FIN take a number each.)
 */
static inline bool flow_unseen(const struct flow *f, unsigned end)
{
	return !flow_has_data(flow_data(f, end)) && flow_path(f, !end)->ack > 2;
}

/*
 * Whether payload was sent of which no mapping was captured: what data it is
 * can't be told.
 */
static inline bool flow_unmapped(const struct flow_load *l)
{
	return l->sent_bytes > l->retrans_bytes && !l->new_bytes &&
	       !l->reinject_bytes && !l->dup_sf_bytes && !l->after_ack_bytes;
}

/* From the first to the last segment with payload, in ns; none ever: 0. */
static inline int64_t flow_load_ns(const struct flow_load *l)
{
	return l->first_ns <= l->last_ns ? seq_minus(l->last_ns, l->first_ns) : 0;
}

struct flow_load flow_load(const struct flow *f, unsigned end);
void flow_load_add(struct flow_load *into, struct flow_load l);

/* To be added to. */
struct flow_data *flow_data_of(struct flow *f, unsigned end);
struct flow_trouble *flow_trouble_of(struct flow *f, unsigned end);

/*
 * The first stretch of its bytes [from, to), as rel_seq, of which all or
 * nothing was sent: returns its end and sets *known to which. from < to.
 */
int64_t flow_piece(const struct flow *f, unsigned end, int64_t from, int64_t to,
		   bool *known);

/* Payload that this end sent and that is not acknowledged; 0 where no ACK was captured. */
uint64_t flow_in_flight(const struct flow *f, unsigned end);

/* When the first segment came, of either end; and the last. */
static inline int64_t flow_first(const struct flow *f)
{
	return flow_paths(f)->first_ns;
}

int64_t flow_last(const struct flow *f);

/* Figures count from here on. */
void flow_reset(struct flow *f);

/*
 * Take in a segment that track_segment() has seen, sent by the end `from`: its
 * payload, and what it says of beginning and end. Returns how many bytes of the
 * payload the stream had sent before.
 */
uint64_t flow_observe(struct flow *f, struct segment *seg, unsigned from);

/*
 * Before that, what only the figures of subflows need: times, ACKs, windows.
 * Returns the round-trip time that its ACK tells, in ns, or RTT_NONE.
 */
int64_t flow_observe_path(struct flow *f, const struct segment *seg, unsigned from);

/* What flow_observe() reads only of the handshake. */
#define FLOW_COLUMNS (COLUMN(TSVAL) | COLUMN(TSECR))

/* For flow.c: what the segment says about beginning and end; nothing more of it comes. */
void flow_story_observe(struct flow_story *s, struct segment *seg, unsigned from);
void flow_story_settle(struct flow_story *s);

/* For flow_story.c: what was sent is not asked for any more. */
void flow_data_settle(struct flow_data *d, bool paths);

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

/* Its stream is to be forgotten: keep who it is, and its figures only. */
void flow_settle(struct flow *f);

#endif
