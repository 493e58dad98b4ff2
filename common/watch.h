/*
 * The log of protocol events of all connections in one pass, on top of track,
 * whose hooks and `data` it takes. Each event is said once it is known.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "segment.h"
#include "stall.h"
#include "track.h"

struct watch_options {
	bool good;		/* say checksums that are right too */
	int64_t stall_ns;	/* how long data waits until it is a stall; 0: see stall.h */
	int64_t linger_ns;	/* how long what is closed is remembered; 0: 60 s */
	struct budget *budget;	/* not owned; NULL: none */
	void *arg;
	/* An event; the connection is NULL where it is of none. */
	void (*event)(void *arg, const struct conn *, const struct event *);
	/* `from` proved to be part of `into`; may be NULL. */
	void (*absorbed)(void *arg, struct conn *into, struct conn *from);
	/* A connection is over, or the capture; may be NULL. */
	void (*gone)(void *arg, struct conn *);
};

/* What the hooks told of the segment in hand. */
struct watch_told {
	struct {
		const struct mptcp_option *option;
		bool agrees;
	} mapped[MPTCP_OPTIONS_MAX];
	unsigned mappeds;
	uint8_t began;		/* bits 1 << role: its first data */
	uint8_t resumed;	/* bits 1 << role: its data gets on again, */
	uint8_t stalled;	/* or does not */
	int64_t first_dsn[2];
	struct stall stood[2];	/* if stalled: as it was found */
	int64_t stood_ns[2];	/* if resumed: how long the data ACK had not moved */
};

struct watch {
	struct track track;
	struct watch_options options;
	struct event_log log;
	struct watch_told told;
};

/* `o` is copied. */
void watch_init(struct watch *w, const struct watch_options *o);

void watch_segment(struct watch *w, struct segment *seg);

/* All that is left is over: connections in order of index, then streams. */
void watch_end(struct watch *w);

/* The columns that it needs, and of them those fetched where needed. */
uint64_t watch_columns(void);
uint64_t watch_columns_later(void);

/* For watch.c: what the options of the segment in hand say, in their order. */
void watch_options_of(struct watch *w, struct subflow *f, unsigned from);

/* The keys in an MP_CAPABLE; those found wrong by now; that nothing more will tell. */
void watch_keys_of(struct watch *w, struct subflow *f, unsigned from,
		   const struct mptcp_option *o);
void watch_keys(struct watch *w, struct subflow *f);
void watch_keys_over(struct watch *w, struct subflow *f);

/* An ADD_ADDR, of which `e` has all but the check of its HMAC. */
void watch_address(struct watch *w, struct subflow *f, unsigned from,
		   const struct mptcp_option *o, const struct event *e);

/* What became of the subflow by it, and of its connection. */
void watch_states(struct watch *w, struct subflow *f, unsigned from);

/*
 * What it means for the data, and for checksums; that the DSN of the first byte
 * is another one; the end of a stream, whose checksums are as good as they get.
 */
void watch_data(struct watch *w, struct subflow *f, unsigned from);
void watch_checksums(struct watch *w, struct subflow *f, unsigned from);
void watch_imply(struct watch *w, struct subflow *f, unsigned from);
void watch_settle(struct watch *w, struct subflow *f, unsigned from);

/* The stream of a subflow, or its connection, is over. */
void watch_stream_over(struct watch *w, struct subflow *f);
void watch_conn_over(struct watch *w, struct conn *c);

#endif
