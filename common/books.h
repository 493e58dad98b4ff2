/*
 * The books of one MPTCP connection: what its subflows carried of its data,
 * both ways. The figures of mptcp-conns(1), where each is defined, with the
 * place that it is exact for.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"
#include "ledger.h"
#include "spread.h"

struct conn;
struct mapping_wait;
struct segment;
struct subflow;

/* How data is sent again. */
enum books_way {
	WAY_REINJECT,	/* first sent on another subflow, or no longer known where */
	WAY_DUP_SF,	/* first sent on the same subflow, as other bytes of it */
	WAY_RETRANS	/* bytes that the subflow had sent before */
};

/* Data that is sent again. */
struct books_copy {
	struct books *books;
	unsigned role;		/* of its sender */
	enum books_way way;
	const struct ledger_run *sent;	/* this time; its `data` may be more */
	const struct ledger_copy *copy;
};

struct books_options {
	uint32_t keep;		/* for ledger_init() */
	bool figures;		/* struct data_counts and struct books_figures are wanted */
	/* Called, unless NULL, for data that is sent again. */
	void (*again)(void *arg, const struct books_copy *);
	/* The same for data that no subflow had sent; all of it came in one piece. */
	void (*fresh)(void *arg, struct books *, unsigned role, const struct ledger_run *);
	/* The same for a data ACK for what `role` sent, before it is taken in. */
	void (*ack)(void *arg, struct books *, unsigned role, int64_t dack);
	void *arg;
};

/* Figures of one direction that are no sums over the subflows, of all time or of an interval. */
struct data_counts {
	uint64_t ofo_max;	/* bytes seen beyond a gap */
	uint64_t inflight_max;	/* bytes sent and not data-acked */
	uint64_t blocks, switches;	/* runs of new data on one subflow; between them */
	struct spread delay;	/* ns from sending a byte to its data ACK */
};

/* The data of one direction: what figures follow from, and those. */
struct data_side {
	struct ledger ledger;
	struct data_counts counts[];	/* one, if `figures` are wanted */
};

/* The window that its receiver offers. */
struct data_window {
	int64_t edge;		/* highest data ACK plus window, if window_known */
	uint64_t min;		/* bytes, of all time or of an interval; UINT64_MAX: not known */
};

/* Figures of a connection that are no sums over its subflows either. */
struct books_figures {
	struct data_window window[2];	/* by role of who is offered it */
	int64_t join_ns;	/* first JOIN SYN, if has_join */
	uint64_t backup_bytes, option_bytes;
	uint32_t add_addrs, remove_addrs, prio_changes;
	bool window_known[2];	/* the edge is */
	bool has_join;
};

/* What is left of what is forgotten. */
struct books_past {
	/* subflows whose streams are: */
	struct flow *flows;	/* if kept; latest first, */
	uint64_t weight;	/* and how many bytes they take */
	struct flow_load load[2];	/* if not; by role */
	uint32_t unused;	/* established, without data */
	bool has_rtt;
	int64_t rtt_ns;		/* handshake of the initial one, if has_rtt */
	/* the connection, where books.conn is NULL: */
	uint32_t index;
	uint64_t id;
	int64_t first_ns;
};

struct books {
	struct data_side *data[2];	/* by role; NULL: none so far, see books_data() */
	struct conn *conn;	/* NULL: it is over */
	struct books_past *past;	/* NULL: nothing is forgotten */
	int64_t capable_ns;	/* first MP_CAPABLE SYN, if has_capable */
	uint8_t acks;		/* bits: 1 << role; data ACKs were seen for what it sent */
	uint8_t has_data;	/* bits: 1 << role; there was payload, its mapping known or not */
	bool has_capable : 1;
	bool active : 1;	/* segments since the last books_reset(), and so in the tally's list, */
	uint32_t place;		/* there */
	const struct books_options *options;	/* not owned */
	void *user;		/* the user's: to be freed when it is over, or absorbed */
	struct books_figures figures[];	/* one, if wanted */
};

struct books *books_new(struct conn *c, const struct books_options *o);

/* For books_end.c: what is left, to be changed; where times from sending to data ACK go, or NULL. */
struct books_past *books_past_of(struct books *b);
struct spread *books_delays(const struct books *b, unsigned role);

extern const struct data_side books_nothing;

/* The data that `role` sent, if only none. */
static inline const struct data_side *books_data(const struct books *b, unsigned role)
{
	return b->data[role] ? b->data[role] : &books_nothing;
}

extern const struct data_counts books_no_counts;

static inline const struct data_counts *books_counts(const struct books *b, unsigned role)
{
	return b->options->figures && b->data[role] ? b->data[role]->counts :
	       &books_no_counts;
}

/* The data, to be added to. */
struct data_side *books_add_data(struct books *b, unsigned role);

static inline struct data_side *books_data_of(struct books *b, unsigned role)
{
	return b->data[role] ? b->data[role] : books_add_data(b, role);
}

/* Free it, and the forgotten subflows. */
void books_free(struct books *b);

/* How many bytes it takes, but for its user's. */
uint64_t books_weight(const struct books *b);

/* Figures count from here on; subflows that are no more are freed. */
void books_reset(struct books *b);

/*
 * A subflow sent bytes that are data: the hook `sent` of conn.h. The flow has
 * not taken in the segment `seg` yet that they came in.
 */
void books_send(struct books *b, struct flow *f, const struct segment *seg,
		unsigned from, int64_t seq, int64_t dsn, int64_t len,
		const struct mapping_wait *late);

/* A data ACK for what `role` sent: the hook `acked` of conn.h. */
void books_ack(struct books *b, const struct segment *seg, unsigned role,
	       int64_t dack);

/* The rest that a segment of the connection says, once the flow took it in. */
void books_observe(struct books *b, struct subflow *sub,
		   const struct segment *seg, unsigned from);

/* A subflow's stream is forgotten; its figures are kept, or only what counts for all. */
void books_forget(struct books *b, struct flow *f, const struct subflow *sub,
		  bool keep);

/* Relative DSNs of `role` are higher by `by` from now on: the hook of conn.h. */
void books_renumber(struct books *b, unsigned role, int64_t by);

/* Nothing will confirm or deny a data ACK of what was not seen any more: it counts. */
void books_settle(struct books *b);

/* A subflow came from another connection: the hook `moved`. `f` is what it carried there. */
void books_take(struct books *b, const struct flow *f, const struct subflow *sub);

/* The connection is over, but the books stay. */
void books_close(struct books *b);

/* The connection of `from` is part of that of `into`: the hook `absorbed`. */
void books_merge(struct books *into, struct books *from, bool flip);

/* Its index, its name for the column conn_id, the time of its first segment. */
uint32_t books_index(const struct books *b);
uint64_t books_id(const struct books *b);
int64_t books_start(const struct books *b);

/* What all subflows carried of the data of `role`. */
struct flow_load books_load(const struct books *b, unsigned role);

/* All data seen or acknowledged that `role` sent; as mptcp-conns counts. */
uint64_t books_bytes(const struct books *b, unsigned role);

/*
 * Whether all that is known of the data that `role` sent is that it was
 * acknowledged. (A DATA_FIN takes a number.)
 */
bool books_unseen(const struct books *b, unsigned role);

/* What data ACKs have covered of it. */
uint64_t books_acked(const struct books *b, unsigned role);

/* Subflows established without any payload. */
uint32_t books_unused(const struct books *b);

/* Round-trip time of the initial subflow's handshake; false if not known. */
bool books_rtt(const struct books *b, int64_t *rtt_ns);

/*
 * The connection's subflows, those forgotten too if kept, in order of their
 * number, in *list, which has room for *cap and is grown. Returns how many.
 */
size_t books_flows(const struct books *b, struct flow ***list, size_t *cap);

#endif
