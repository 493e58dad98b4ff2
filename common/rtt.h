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

/* What waits for its ACK: all 0, and from then on the module's own. */
struct rtt {
	struct runs runs;
};

void rtt_free(struct rtt *r);

/*
 * The segment sent the bytes [from, to), as rel_seq; a FIN is one. `acked`:
 * the highest ACK so far, 0 if none was seen. Returns whether something that an
 * ACK may yet answer was forgotten, as more than 65536 segments wait for theirs.
 */
bool rtt_send(struct rtt *r, const struct segment *seg, int64_t from, int64_t to,
	      int64_t acked);

/*
 * The segment, of the other direction, acknowledged all below its rel_ack,
 * which is higher than any before. Returns the sample in ns, or RTT_NONE.
 */
#define RTT_NONE INT64_C(-1)
int64_t rtt_ack(struct rtt *r, const struct segment *seg);

#endif
