/*
 * Which of several copies of the same bytes, or of the same ACK, it was that
 * arrived: sent again by the host, or doubled by the network.
 *
 * What the two passages have in common decides, in this order:
 * - the TSval (RFC 7323), which offloads keep when they cut a segment, and
 *   which is that of all bytes when they merge segments;
 * - the IPv4 identification, which counts on within a segment that is cut;
 * - the ACK number and window beside the bytes;
 * - that nothing arrives before it was sent;
 * - order.
 * A criterion that fits none of the copies is passed over: NATs and others may
 * have changed what it looks at.
 */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "passage.h"

enum match_by { MATCH_ONLY, MATCH_TSVAL, MATCH_IP_ID, MATCH_ACK, MATCH_CAUSALITY, MATCH_ORDER };

/* As in the column `match`. */
const char *match_name(enum match_by by);

/* A copy that was sent. */
struct candidate {
	const struct passage *sent;
	void *ref;		/* the caller's */
	bool arrived;		/* it has arrived already */
};

enum { MATCH_MAX = 32 };	/* copies looked at */

struct match {
	struct candidate *which;	/* NULL: none of them */
	enum match_by by;
};

/* What is known about the path. */
struct match_path {
	bool ts_kept;		/* time stamps come through as they were sent, */
	bool id_kept;		/* and IP identifications; set by match_choose() */
	bool timed;		/* at_ns can be compared: nothing arrives before it was sent, */
	int64_t slack_ns;	/* by more than this */
};

/*
 * Choose among n > 0 candidates, in the order in which they were sent, the one
 * that arrived as `rx`; the array is reordered.
 * `merged`: rx was put together from several segments, of which others have its
 * TSval.
 */
struct match match_choose(struct match_path *path, struct candidate *c, unsigned n,
			  const struct passage *rx, bool merged);

/* Whether rx can be, or be cut or merged from, what was sent, by the IP identification. */
bool match_ip_id(const struct passage *tx, const struct passage *rx);

/* Whether both have a TSval, and the same. */
bool match_same_tsval(const struct passage *a, const struct passage *b);

#endif
