/*
 * What one direction of a path did to what was sent on it: how much was lost
 * or doubled, delays, their variation, and reordering.
 *
 * Each crossing counts as a packet does in the RFCs: a range of bytes that was
 * one segment both when it was sent and when it arrived, or the part of one.
 */
#ifndef DELAYS_H
#define DELAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quantile.h"
#include "spread.h"

struct crossing;

/* How far back the reordering extent is counted (RFC 4737, 4.2.4). */
enum { DELAYS_EXTENT_MAX = 1024 };

/* All 0 is none. */
struct delays {
	uint64_t arrived, lost, unseen, dup;
	uint64_t reordered;	/* RFC 4737, 3.3 */
	uint64_t extent_max;	/* RFC 4737, 4.2 */
	struct quantile delay;
	struct spread variation;	/* |IPDV| of those in order, RFC 3393 */
	/* those that arrived, later than which nothing had been sent: a ring */
	struct delays_peak {
		uint64_t sent, count;	/* when it was sent, and came, by order */
	} *peak;
	uint32_t first, n, room;
	int64_t last_ns;	/* its delay */
};

void delays_free(struct delays *d);

/* What it has allocated, in bytes. */
uint64_t delays_weight(const struct delays *d);

/* Something crossed, or did not; `has_delay`: its delay is known. */
void delays_cross(struct delays *d, const struct crossing *c, bool has_delay,
		  int64_t delay_ns);

#endif
