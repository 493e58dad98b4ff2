/* What connections tell their user as it happens. */
#ifndef CONN_HOOKS_H
#define CONN_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct mapping_wait;
struct mptcp_option;
struct stream;
struct subflow;

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
	/* The subflow proved to be one of another connection: of that it is now. */
	void (*moved)(void *arg, struct subflow *);
	/* A stream is forgotten, and its subflow with it, if it is one. Free its `data`. */
	void (*stream_gone)(void *arg, struct stream *);
	/* The connection is over, or the capture. Free its `data`, and that of what streams it still has. */
	void (*gone)(void *arg, struct conn *);
	/* How many bytes the `data` of a stream takes, and of a connection; not called without. */
	uint64_t (*weigh_stream)(void *arg, const struct stream *);
	uint64_t (*weigh_conn)(void *arg, const struct conn *);
};

#endif
