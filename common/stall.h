/*
 * Whether the data of one direction of a connection gets on: a stall is when
 * the data ACK does not move for long though data is under way.
 *
 * It is noticed by how long the data ACK has not moved, but it began when the
 * data that it waits for was sent, or what came behind that, if it is missing
 * where the capture was taken: a path that fails stops the data ACK only when
 * all that is under way on other paths has arrived.
 */
#ifndef STALL_H
#define STALL_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "runs.h"

/* stall_init() and from then on the module's own. Data is in relative DSNs. */
struct stall {
	struct runs marks;	/* of data not acknowledged, when it was sent first, and by whom last */
	int64_t sent;		/* end of the highest data sent */
	int64_t acked;		/* all below was acknowledged */
	struct moment moved;	/* the last time that this grew, or data was sent after all was */
	int64_t ended_ns;	/* the last stall, if had */
	bool had;
	bool stalled;		/* it is: */
	struct moment since;	/* since then */
	bool carried;		/* it is known which stream ended it: */
	uint32_t carrier;	/* the last to send what it waited for */
	bool timing;		/* a round trip is being timed: */
	int64_t timed;		/* by the ACK that covers all below this */
	int64_t timed_ns;	/* and since then */
	int64_t rtt_ns;		/* smoothed, from data to its data ACK; 0: unknown */
};

void stall_init(struct stall *s);
void stall_free(struct stall *s);

/* Data [from, end) was sent on this stream. */
void stall_send(struct stall *s, int64_t from, int64_t end, uint32_t stream,
		const struct moment *now);

/* Data below `acked` was acknowledged. Returns whether that ends a stall, which began at s->since. */
bool stall_ack(struct stall *s, int64_t acked, const struct moment *now);

/*
 * How long data has to wait until that is a stall: what the user set, or
 * where that is 0 the larger of 200 ms and two round trips.
 */
int64_t stall_threshold(const struct stall *s, int64_t set_ns);

/* Whether one is found now that was not before; it began at s->since. */
bool stall_check(struct stall *s, int64_t set_ns, int64_t now_ns);

/* All relative DSNs are higher by `by`. */
void stall_renumber(struct stall *s, int64_t by);

#endif
