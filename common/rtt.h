/*
 * Round-trip times of one direction of a TCP stream: from sending a byte to the
 * ACK that covers it, as seen where the capture was taken.
 *
 * One sample per ACK at most, of the last byte that it covers. None if a byte
 * that it covers was sent more than once (Karn's algorithm, RFC 6298 3) or
 * after that last one, unless a time stamp tells which sending was answered
 * (RFC 7323 4).
 */
#ifndef RTT_H
#define RTT_H

#include <stdbool.h>
#include <stdint.h>

#include "runs.h"

struct segment;
struct spread;

/* What waits for its ACK; rtt_init() and from then on the module's own. */
struct rtt {
	struct runs runs;
	int64_t acked;		/* highest ACK so far */
};

/* `acked`: the highest ACK so far, 0 if none was seen. */
void rtt_init(struct rtt *r, int64_t acked);
void rtt_free(struct rtt *r);

/* The segment sent the bytes [from, to), as rel_seq; a FIN is one. */
void rtt_send(struct rtt *r, const struct segment *seg, int64_t from, int64_t to);

/* The segment, of the other direction, acknowledged all below its rel_ack. */
void rtt_ack(struct rtt *r, const struct segment *seg, struct spread *samples);

#endif
