#include "tcp_option.h"

#include "bytes.h"

enum { KIND_END = 0, KIND_NOP = 1, KIND_MSS = 2, KIND_WSCALE = 3,
       KIND_SACK = 5, KIND_TS = 8, KIND_MPTCP = 30 };

static void decode_sack(const uint8_t *p, unsigned len, struct tcp_options *o)
{
	if (len < 10 || (len - 2) % 8) {
		o->errors |= OPTION_BAD_LENGTH;
		return;
	}
	for (unsigned at = 2; at < len && o->sacks < SACK_MAX; at += 8)
		o->sack[o->sacks++] = (struct sack){ be32(p + at), be32(p + at + 4) };
}

static void decode_mptcp(const uint8_t *p, unsigned len, unsigned avail,
			 struct tcp_options *o)
{
	struct mptcp_option *m = &o->mptcp[o->mptcps];

	o->mptcp_bytes += (uint8_t)len;
	if (len < 3) {
		o->errors |= OPTION_BAD_LENGTH;
		return;
	}
	if (avail < 3)
		return;
	o->errors |= (uint8_t)mptcp_option_decode(p, len, avail, m);
	o->mptcp_has |= m->has;
	o->mptcps++;
}

static inline void decode_timestamps(const uint8_t *p, struct tcp_options *o)
{
	o->tsval = be32(p + 2);
	o->tsecr = be32(p + 6);
	o->has |= HAS_TS;
}

/* An option of another kind that was captured whole. */
static void decode_one(const uint8_t *p, unsigned len, struct tcp_options *o)
{
	switch (p[0]) {
	case KIND_MSS:
		if (len == 4) {
			o->mss = be16(p + 2);
			o->has |= HAS_MSS;
			return;
		}
		break;
	case KIND_WSCALE:
		if (len == 3) {
			o->wscale = p[2];
			o->has |= HAS_WSCALE;
			return;
		}
		break;
	case KIND_TS:
		if (len == 10) {
			decode_timestamps(p, o);
			return;
		}
		break;
	case KIND_SACK:
		decode_sack(p, len, o);
		return;
	default:
		return;
	}
	o->errors |= OPTION_BAD_LENGTH;
}

/* All options but one that was not captured whole; returns where that or the end is. */
static const uint8_t *decode_all(const uint8_t *p, const uint8_t *all,
				 const uint8_t *end, struct tcp_options *o)
{
	/* RFC 7323, appendix A: two NOPs and timestamps, in nearly all segments */
	if (end - p >= 12 && be32(p) == 0x0101080a) {
		decode_timestamps(p + 2, o);
		p += 12;
	}
	while (p < end && *p != KIND_END) {
		unsigned n, left = (unsigned)(end - p);

		if (*p == KIND_NOP) {
			p++;
			continue;
		}
		if (left < 2) {
			if (end == all)
				o->errors |= OPTION_BAD_LENGTH;
			break;
		}
		n = p[1];
		if (n < 2 || n > (size_t)(all - p)) {
			o->errors |= OPTION_BAD_LENGTH;
			break;
		}
		if (*p == KIND_MPTCP)
			decode_mptcp(p, n, n < left ? n : left, o);
		if (n > left)
			break;
		if (*p != KIND_MPTCP)
			decode_one(p, n, o);
		p += n;
	}
	return p;
}

void tcp_options_decode(const uint8_t *p, unsigned len, unsigned avail,
			struct tcp_options *o)
{
	const uint8_t *all = p + len;
	const uint8_t *end = p + (avail < len ? avail : len);

	o->has = o->errors = o->sacks = o->mptcps = o->mptcp_bytes = 0;
	o->mptcp_has = 0;
	p = decode_all(p, all, end, o);
	if (end < all && (p >= end || *p != KIND_END))
		o->errors |= OPTION_CUT;
}
