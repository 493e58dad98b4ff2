/*
 * MPTCP connections and their subflows, as records: made, joined, looked up
 * by token and by DSN, forgotten. What a segment means for them is said in
 * handshake.h, dss.h and track.h.
 */
#ifndef CONN_H
#define CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "budget.h"
#include "map.h"
#include "mapping.h"

struct conn;
struct mptcp_option;
struct segment;
struct stream;

enum { CLIENT = 0, SERVER = 1 };	/* the roles, and who sends in DIR_C2S, DIR_S2C */

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

/* One host of a connection, and the data that it sends. */
struct conn_side {
	struct conn *conn;
	bool has_key, has_token;
	bool based;		/* base is set */
	bool base_wide;		/* and all of its 64 bits are known */
	bool indexed;		/* it is in conns.dsns, under `high` */
	bool fin;		/* a DATA_FIN was seen */
	uint64_t key;
	uint64_t base;		/* raw DSN that relative DSN 0 stands for */
	uint32_t token;
	bool proved;		/* its key: data has numbers of its IDSN, or a JOIN its token */
	bool has_rival;		/* not so far, and it is said to have another key: */
	bool has_odd;		/* `odd` is set */
	uint32_t rival_token;
	uint64_t rival;
	uint64_t odd;		/* a raw DSN that fits no key */
	bool doubted;		/* `doubt` is set */
	int64_t doubt;		/* a relative DSN too far off to be believed at once */
	uint32_t high;		/* upper half of the raw DSN it is indexed by */
	int64_t next;		/* end of the highest mapping, relative DSN */
	int64_t acked;		/* highest data ACK for its data that is believed */
	struct early_ack early;
	int64_t fin_dsn;	/* the relative DSN that the DATA_FIN takes */
	struct addr addr;	/* on the first subflow */
	uint16_t port;
};

struct conn {
	uint32_t index;
	uint8_t version;	/* 0 or 1, if has_version */
	bool has_version;
	bool has_syn;		/* the MP_CAPABLE SYN was captured */
	bool has_synack;	/* and a SYN/ACK with MP_CAPABLE */
	bool plain;		/* no MPTCP at all: refused in the handshake */
	int8_t checksum;	/* 0, 1, or -1: not known */
	uint8_t fallback;	/* enum fallback */
	bool fastclose;
	bool finished;		/* after a fallback: both ends sent their FIN */
	uint32_t attempts;	/* subflows tried */
	uint32_t numbers;	/* given to subflows so far */
	uint32_t established;	/* of these */
	uint32_t resets;	/* of the established ones, ended by a RST */
	bool initial_reset;	/* the first subflow was never established and reset */
	bool half_finished;	/* after a fallback: one end did */
	bool over;		/* it is closed, as the streams of its subflows by then know */
	uint32_t isn[2];	/* of the first subflow, by role */
	uint8_t has_isn;	/* bits: 1 << role */
	int64_t first_ns, last_ns;	/* its first and last segment */
	struct conn_side side[2];	/* by role */
	struct subflow *subflows;	/* those not forgotten */
	struct conn *prev, *next;	/* in order of index */
	uint32_t weight;	/* what it takes of the budget, but for its subflows */
	void *data;		/* the caller's of conns, see hooks */
};

enum subflow_kind { SUBFLOW_UNKNOWN, SUBFLOW_INITIAL, SUBFLOW_JOIN };

/* One subflow, for as long as its stream is remembered. */
struct subflow {
	struct stream *stream;
	struct conn *conn;
	struct subflow *prev, *next;	/* of the connection */
	uint32_t number;	/* of the connection's subflows, in order of appearance from 0 */
	uint8_t kind;		/* enum subflow_kind */
	uint8_t client;		/* which end of the stream is the connection's client */
	uint8_t opener;		/* which end sent the SYN */
	bool established;
	bool reset;		/* counted as ended by RST */
	bool bad_hmac;		/* an HMAC of its JOIN proved wrong */
	uint8_t hmac[2];	/* enum verdict: of the HMAC in its SYN/ACK, and in its ACK */
	bool syn_capable;	/* the last SYN had MP_CAPABLE */
	bool failed;		/* MP_FAIL was seen */
	bool syn_data_told;	/* the hooks know of the data in its SYN */
	uint8_t has_nonce;	/* bits: 1 << end */
	uint8_t has_dss;	/* bits: 1 << end; it sent a DSS or later MP_CAPABLE */
	uint8_t fin;		/* bits: 1 << end; counted */
	uint8_t backup;		/* bits: 1 << end; it asks to use this path only as a backup */
	uint8_t has_addr_id;	/* bits: 1 << end */
	uint8_t addr_id[2];	/* of the address of this end */
	uint32_t nonce[2];	/* by end of the stream */
	uint32_t token;		/* of its JOIN SYN */
	int64_t bare[2];	/* by end: rel_seq of data without option or mapping; 0: none waits for its ACK */
	struct mapping map[2];	/* by end of the stream */
	/* by end: rel_seq less SSN lies in [low, high], modulo 2^32; see dss.c */
	struct ssn_offset {
		bool set;
		uint32_t low, high;
	} offset[2];
};

/* What the user of conns wants to be told; each may be NULL. */
struct conn_hooks {
	void *arg;
	/*
	 * The end `from` of a subflow sent `len` bytes from rel_seq `seq` on, which
	 * are the data from the relative DSN `dsn` on. `late`: they came in this
	 * earlier segment, and only now is it known what they are; else NULL.
	 */
	void (*sent)(void *arg, struct subflow *, unsigned from, int64_t seq,
		     int64_t dsn, int64_t len, const struct mapping_wait *late);
	/* A data ACK for the data of `role`: all below `dack` arrived. */
	void (*acked)(void *arg, struct conn *, unsigned role, int64_t dack);
	/*
	 * An option of the segment in hand, which `from` sent, has a mapping (its
	 * map_dsn is set). `agrees`: with all that was mapped on the subflow before.
	 */
	void (*mapped)(void *arg, struct subflow *, unsigned from,
		       const struct mptcp_option *, bool agrees);
	/* Relative DSNs of `role` are higher by `by` from now on. */
	void (*renumbered)(void *arg, struct conn *, unsigned role, int64_t by);
	/* `from` proved to be part of `into`; the roles are swapped if `flip`. */
	void (*absorbed)(void *arg, struct conn *into, struct conn *from, bool flip);
	/* A stream is forgotten, and its subflow with it, if it is one. Free its `data`. */
	void (*stream_gone)(void *arg, struct stream *);
	/* The connection is over, or the capture. Free its `data`, and that of what streams it still has. */
	void (*gone)(void *arg, struct conn *);
	/* How many bytes the `data` of a stream takes, and of a connection; not called without. */
	uint64_t (*weigh_stream)(void *arg, const struct stream *);
	uint64_t (*weigh_conn)(void *arg, const struct conn *);
};

struct conns {
	struct map indices;	/* struct conn by index */
	struct map tokens;	/* struct conn_side by token; not unique */
	struct map dsns;	/* struct conn_side by upper half of its DSN */
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

/* Which side of its connection it is. */
static inline unsigned conn_side_role(const struct conn_side *side)
{
	return side == &side->conn->side[SERVER] ? SERVER : CLIENT;
}

/* The role of the end `from` of a subflow's stream. */
static inline unsigned subflow_role(const struct subflow *f, unsigned from)
{
	return from == f->client ? CLIENT : SERVER;
}

/* Add a subflow to a connection. The addresses of the first one become its own. */
struct subflow *subflow_new(struct conn *c, struct stream *s, unsigned client);

/* Mark as established; as ended by a RST, or, as a SYN proves, not after all. */
void subflow_establish(struct subflow *f);
void subflow_set_reset(struct subflow *f, bool reset);

/* Whether this end asks to use the path only as a backup, RFC 8684 3.2 and 3.3.8. */
void subflow_set_backup(struct subflow *f, unsigned end, bool backup);

/* The stream is forgotten: its subflow too, and with the last one the connection. */
void subflow_forget(struct conns *t, struct stream *s);

/* The subflow belongs to another connection after all. */
void subflow_move(struct conns *t, struct subflow *f, struct conn *into);

/*
 * `from` is part of `into`: move its subflows, renumber what is relative to
 * other numbers, free it. `flip`: its client is the server of `into`. The
 * lower of the two indices stays.
 */
void conn_absorb(struct conns *t, struct conn *into, struct conn *from, bool flip);

/* For conn_merge.c: in and out of the table and list by index; of the subflows. */
void conn_enlist(struct conns *t, struct conn *c);
void conn_delist(struct conns *t, struct conn *c);
void conn_link_subflow(struct conn *c, struct subflow *f);
void conn_unlink_subflow(struct subflow *f);
void conn_free(struct conns *t, struct conn *c);

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

/* The same for a side whose data may be numbered already: all of it moves. */
void conn_renumber(struct conns *t, struct conn *c, unsigned role, uint64_t base);

/* Keep the index by DSN in step with the side's `next` and `acked`. */
void conn_index_dsn(struct conns *t, struct conn_side *side);

/*
 * Whether a relative DSN can be: near what the side has come to, or near one
 * that was not believed just before. So a single one that is nonsense does no
 * harm, and a gap in the capture none for long.
 */
bool conn_plausible_dsn(struct conn_side *side, int64_t v);

/* A side of another connection whose data goes on near this raw DSN, or NULL. */
struct conn_side *conn_near_dsn(const struct conns *t, const struct conn *other,
				uint64_t dsn);

/* 16 hex digits for the column conn_id; how it is made stands in conn.c. */
uint64_t conn_id(const struct conn *c);

/* Whether it ended at data level: a DATA_FIN of both ends, or MP_FASTCLOSE. */
bool conn_closed(const struct conn *c);

/* The column close: how the connection ended, as far as was seen. */
const char *conn_close(const struct conn *c);

/* The column fallback: a reason, or "". */
const char *conn_fallback(const struct conn *c);

#endif
