/*
 * MPTCP connections and their subflows, as records: made, joined, looked up
 * by token and by DSN, forgotten. What a segment means for them is said in
 * handshake.h, dss.h and track.h.
 */
#ifndef CONN_H
#define CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "budget.h"
#include "conn_hooks.h"
#include "map.h"
#include "pool.h"
#include "seq.h"
#include "subflow.h"

struct conn;
struct segment;
struct stream;

enum fallback {
	FALLBACK_NONE,
	FALLBACK_NO_CAPABLE_SYNACK,	/* the SYN/ACK had no MP_CAPABLE */
	FALLBACK_SYN_DOWNGRADED,	/* nor had the last SYN before it */
	FALLBACK_VERSION_MISMATCH,	/* it was of another version */
	FALLBACK_OPTIONS_LOST,		/* after the handshake, RFC 8684 3.7 */
	FALLBACK_INFINITE_MAPPING	/* RFC 8684 3.7 */
};

/* A data ACK of more than was seen to be sent, until another one or data comes that far. */
struct early_ack {
	bool set;
	uint32_t stream;	/* where it came */
	int64_t rel_ack;	/* with which ACK of that */
	int64_t dack;		/* relative DSN */
};

/* What is not sure of a side. Of most nothing is, see side_doubts(). */
struct side_doubts {
	bool has_rival;		/* it is said to have another key, and none is proved: */
	bool has_odd;		/* `odd` is set */
	bool doubted;		/* `doubt` is set */
	uint32_t rival_token;
	uint64_t rival;
	uint64_t odd;		/* what a raw DSN that fits no key counts from */
	int64_t doubt;		/* a relative DSN too far off to be believed at once */
	struct early_ack early;
};

/* One host of a connection, and the data that it sends. */
struct conn_side {
	uint64_t key;
	uint64_t base;		/* raw DSN that relative DSN 0 stands for */
	int64_t next;		/* end of the highest mapping, relative DSN */
	int64_t acked;		/* highest data ACK for its data that is believed */
	int64_t fin_dsn;	/* the relative DSN that the DATA_FIN takes */
	uint32_t token;
	uint32_t high;		/* upper half of the raw DSN it is indexed by */
	bool server : 1;	/* which side it is */
	bool has_key : 1, has_token : 1;
	bool proved : 1;	/* its key: data has numbers of its IDSN, or a JOIN its token */
	bool based : 1;		/* base is set */
	bool base_wide : 1;	/* and all of its 64 bits are known */
	bool indexed : 1;	/* it is in conns.dsns, under `high` */
	bool fin : 1;		/* a DATA_FIN was seen */
};

/* Who its hosts are: the ends of its first subflow, as in the stream of that. */
struct conn_ends {
	struct addr addr[2];
	uint16_t port[2];
};

struct conn {
	uint32_t index;
	uint32_t attempts;	/* subflows tried */
	uint32_t numbers;	/* given to subflows so far */
	uint32_t established;	/* of these */
	uint32_t resets;	/* of the established ones, ended by a RST */
	uint32_t weight;	/* what it takes of the budget, but for its subflows */
	uint32_t isn[2];	/* of the first subflow, by role */
	uint8_t has_isn;	/* bits: 1 << role */
	uint8_t version;	/* 0 or 1, if has_version */
	int8_t checksum;	/* 0, 1, or -1: not known */
	uint8_t fallback;	/* enum fallback */
	bool has_version : 1;
	bool has_syn : 1;	/* the MP_CAPABLE SYN was captured */
	bool has_synack : 1;	/* and a SYN/ACK with MP_CAPABLE */
	bool plain : 1;		/* no MPTCP at all: refused in the handshake */
	bool fastclose : 1;
	bool finished : 1;	/* after a fallback: both ends sent their FIN */
	bool half_finished : 1;	/* after a fallback: one end did */
	bool initial_reset : 1;	/* the first subflow was never established and reset */
	bool has_first : 1;	/* `first` is set, not `ends` */
	bool first_client : 1;	/* which end of those is the client */
	bool cut : 1;		/* something of it was full, see budget.h */
	bool over;		/* it is closed, as the streams of its subflows by then know */
	int64_t first_ns, last_ns;	/* its first and last segment */
	struct subflow *subflows;	/* those not forgotten */
	union {
		const struct stream *first;	/* of its first subflow, as long as that is here; */
		struct conn_ends *ends;		/* else what it was, or NULL */
	};
	struct side_doubts *doubts;	/* of both, by role; or NULL */
	struct conn *prev, *next;	/* in order of index */
	void *data;		/* the caller's of conns, see hooks */
	struct conn_side side[2];	/* by role */
};

struct conns {
	struct pool pool;	/* of connections, their subflows, and of what others keep of each */
	struct map indices;	/* struct conn by index, if rows of TSV say it */
	bool rows;		/* they do */
	struct map tokens;	/* struct conn_side by token; not unique */
	struct map dsns;	/* the same by upper half of its DSN, if those were asked for yet */
	struct conn *first, *last;
	uint32_t count;		/* next index */
	struct budget *budget;	/* not owned; NULL: none */
	struct conn_hooks hooks;
};

void conns_init(struct conns *t, const struct conn_hooks *hooks);

/* Every connection left is gone, in order of index. */
void conns_free(struct conns *t);

/* A new connection with the next index, or with the given one. */
struct conn *conn_new(struct conns *t, const struct segment *seg);
struct conn *conn_new_index(struct conns *t, const struct segment *seg,
			    uint32_t index);
struct conn *conn_by_index(const struct conns *t, uint32_t index);

/* Whether nothing of its handshake was captured: it may be part of another one. */
static inline bool conn_is_guess(const struct conn *c)
{
	return !c->has_syn && !c->has_synack &&
	       !c->side[CLIENT].has_key && !c->side[SERVER].has_key;
}

/* Weigh a stream, and the connection that it is a subflow of, for the budget. */
void conn_weigh(struct conns *t, struct stream *s);

/* Which side of which connection it is. */
static inline unsigned conn_side_role(const struct conn_side *side)
{
	return side->server ? SERVER : CLIENT;
}

static inline struct conn *conn_of(const struct conn_side *side)
{
	const struct conn_side *first = side - conn_side_role(side);

	return (struct conn *)((char *)first - offsetof(struct conn, side));
}

extern const struct side_doubts side_no_doubts;

/* What is not sure of a side, to be read, if only nothing; and to be added to. */
static inline const struct side_doubts *side_doubts(const struct conn_side *side)
{
	const struct side_doubts *both = conn_of(side)->doubts;

	return both ? &both[conn_side_role(side)] : &side_no_doubts;
}

struct side_doubts *side_doubts_of(struct conn_side *side);

/* Its address and port on the first subflow. */
const struct addr *side_addr(const struct conn_side *side);
uint16_t side_port(const struct conn_side *side);

/*
 * For subflow.c and conn_merge.c: these are the ends of its first subflow, whose
 * stream is not asked for them any more, and the client is this one of them.
 */
void conn_set_ends(struct conn *c, const struct conn_ends *ends, unsigned client);
struct conn_ends conn_ends(const struct conn *c);

/*
 * `from` is part of `into`: move its subflows, renumber what is relative to
 * other numbers, free it. `flip`: its client is the server of `into`. The
 * lower of the two indices stays. Nothing if a key proved right before has
 * made them one already.
 */
void conn_absorb(struct conns *t, struct conn *into, struct conn *from, bool flip);

/* For conn_merge.c: in and out of the table and list by index. */
void conn_enlist(struct conns *t, struct conn *c);
void conn_delist(struct conns *t, struct conn *c);
void conn_free(struct conns *t, struct conn *c);

/* For subflow.c: the connection is over. */
void conn_gone(struct conns *t, struct conn *c);

/* The side has this token: findable by it. Or none, after all. */
void conn_set_token(struct conns *t, struct conn_side *side, uint32_t token);
void conn_drop_token(struct conns *t, struct conn_side *side);

/* It may have this key instead of the one that it has: findable by its token too. Or not. */
void conn_set_rival(struct conns *t, struct conn_side *side, uint64_t key,
		    uint32_t token);
void conn_drop_rival(struct conns *t, struct conn_side *side);

/* The next side with this token, of its key or of the rival, or NULL; `at` is 0 first. */
struct conn_side *conn_next_token(const struct conns *t, uint32_t token, size_t *at);

/* The side's data is numbered from here on: raw DSN of relative DSN 0. */
void conn_set_base(struct conns *t, struct conn_side *side, uint64_t base, bool wide);

/*
 * The same for a side whose data may be numbered already: all of it moves, unless
 * that is nowhere near `base`.
 */
void conn_renumber(struct conns *t, struct conn *c, unsigned role, uint64_t base);

/* How far its data has come, that is sent or acknowledged: relative DSN. */
static inline int64_t side_reached(const struct conn_side *side)
{
	return side->next > side->acked ? side->next : side->acked;
}

/* The same as raw DSN. */
static inline uint64_t side_reached_raw(const struct conn_side *side)
{
	return side->base + (uint64_t)side_reached(side);
}

/*
 * Whether raw numbers say nothing new of what they are relative to: all of its 64
 * bits are known, and its key, if there is one, was proved.
 */
static inline bool side_is_tied(const struct conn_side *side)
{
	return side->base_wide && (!side->has_key || side->proved);
}

/* Keep the index by DSN, if there is one, in step with what the side has reached. */
void conn_reindex_dsn(struct conns *t, struct conn_side *side);

static inline void conn_index_dsn(struct conns *t, struct conn_side *side)
{
	if (t->dsns.slots &&
	    (!side->indexed || side->high != (uint32_t)(side_reached_raw(side) >> 32)))
		conn_reindex_dsn(t, side);
}

#define DSN_STEP (INT64_C(1) << 31)	/* the farthest that DSNs jump at once */
#define DSN_FAR (INT64_C(1) << 40)	/* and that those of a connection are apart: 1 TB */

/*
 * Whether a relative DSN can be: near what the side has come to, or near one
 * that was not believed just before. So a single one that is nonsense does no
 * harm, and a gap in the capture none for long.
 */
bool conn_far_dsn_plausible(struct conn_side *side, int64_t v);

static inline bool conn_plausible_dsn(struct conn_side *side, int64_t v)
{
	int64_t ahead = seq_minus(v, side_reached(side));

	return (ahead < DSN_STEP && ahead > -DSN_STEP && seq_is_sane(v)) ||
	       conn_far_dsn_plausible(side, v);
}

/* A side of another connection whose data goes on near this raw DSN, or NULL. */
struct conn_side *conn_near_dsn(struct conns *t, const struct conn *other,
				uint64_t dsn);

/* 16 hex digits for the column conn_id; how it is made stands in conn.c. */
uint64_t conn_id(const struct conn *c);

/* Whether it ended at data level: a DATA_FIN of both ends, or MP_FASTCLOSE. */
static inline bool conn_closed(const struct conn *c)
{
	return (c->side[CLIENT].fin && c->side[SERVER].fin) || c->finished ||
	       c->fastclose;
}

/* The column close: how the connection ended, as far as was seen. */
const char *conn_close(const struct conn *c);

/* The column fallback: a reason, or "". */
const char *conn_fallback(const struct conn *c);

#endif
