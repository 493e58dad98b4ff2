/*
 * What a segment says about how its connection and subflow came to be: keys
 * and tokens from MP_CAPABLE, JOINs and their HMACs, and the ways back to TCP
 * (RFC 8684 3.1, 3.2, 3.7).
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "conn.h"
#include "segment.h"

/*
 * Take in the MP_CAPABLE, MP_JOIN and MP_FASTCLOSE options of a segment that
 * `from`, an end of the stream, sent; and what it means that they are missing.
 * May move the subflow to another connection.
 */
void handshake_observe_any(struct conns *t, struct subflow *f,
			   const struct segment *seg, unsigned from);

static inline void handshake_observe(struct conns *t, struct subflow *f,
				     const struct segment *seg, unsigned from)
{
	if (seg->opt.mptcps == 1 && seg->opt.mptcp[0].subtype == MP_DSS &&
	    !(seg->flags & TCP_SYN) && !f->rarities)
		f->has_dss |= (uint8_t)(1u << from);	/* nearly always */
	else
		handshake_observe_any(t, f, seg, from);
}

#endif
