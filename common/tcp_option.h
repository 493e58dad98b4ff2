/* The options of one TCP header: those that every TCP analysis needs, and MPTCP's. */
#ifndef TCP_OPTION_H
#define TCP_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include "mptcp_option.h"

enum { MPTCP_OPTIONS_MAX = 13, SACK_MAX = 4 };	/* what 40 bytes can hold */

/* Bits of tcp_options.has, one for each column (segment.h). */
enum { HAS_MSS = 1, HAS_WSCALE = 2, HAS_TS = 4 | 8 };

struct sack {
	uint32_t left, right;	/* raw sequence numbers, [left, right) */
};

struct tcp_options {
	uint8_t has;		/* HAS_MSS … */
	uint8_t errors;		/* OPTION_CUT … */
	uint8_t wscale;		/* window shift as written, RFC 7323 2 */
	uint8_t sacks;		/* blocks in sack */
	uint8_t mptcps;		/* options in mptcp */
	uint8_t mptcp_bytes;	/* of all MPTCP options, by their own lengths */
	uint16_t mss;
	uint32_t tsval, tsecr;	/* RFC 7323 3 */
	uint32_t mptcp_has;	/* the `has` of all MPTCP options together */
	struct sack sack[SACK_MAX];
	struct mptcp_option mptcp[MPTCP_OPTIONS_MAX];
};

/*
 * Decode the options at p: `len` bytes by the header's data offset, `avail` of
 * them captured. Of *o only what `has`, `sacks` and `mptcps` name is set.
 */
void tcp_options_decode(const uint8_t *p, unsigned len, unsigned avail,
			struct tcp_options *o);

/* The first option of this subtype, or NULL. */
static inline const struct mptcp_option *
tcp_options_find(const struct tcp_options *o, unsigned subtype)
{
	for (unsigned i = 0; i < o->mptcps; i++)
		if (o->mptcp[i].subtype == subtype)
			return &o->mptcp[i];
	return NULL;
}

#endif
