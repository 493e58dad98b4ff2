/* MP_JOIN: whose subflow it is, and the HMACs that prove it (RFC 8684 3.2). */
#ifndef JOIN_H
#define JOIN_H

struct conns;
struct mptcp_option;
struct segment;
struct subflow;

/*
 * Take in an MP_JOIN option of a segment that `from`, an end of the stream,
 * sent. A SYN/ACK whose HMAC fits another connection with the same token moves
 * the subflow there. An ACK whose HMAC is right, or can't be checked,
 * establishes it.
 */
void join_observe(struct conns *t, struct subflow *f,
		  const struct segment *seg, const struct mptcp_option *o,
		  unsigned from);

#endif
