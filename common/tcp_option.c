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

/* An option that was captured whole. */
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
			o->tsval = be32(p + 2);
			o->tsecr = be32(p + 6);
			o->has |= HAS_TS;
			return;
		}
		break;
	case KIND_SACK:
		decode_sack(p, len, o);
		return;
	case KIND_MPTCP:
		decode_mptcp(p, len, len, o);
		return;
	default:
		return;
	}
	o->errors |= OPTION_BAD_LENGTH;
}

void tcp_options_decode(const uint8_t *p, unsigned len, unsigned avail,
			struct tcp_options *o)
{
	const uint8_t *all = p + len;
	const uint8_t *end = p + (avail < len ? avail : len);

	o->has = o->errors = o->sacks = o->mptcps = o->mptcp_bytes = 0;
	o->mptcp_has = 0;
	while (p < end && *p != KIND_END) {
		unsigned n;

		if (*p == KIND_NOP) {
			p++;
			continue;
		}
		n = end - p >= 2 ? p[1] : 2;
		if (n < 2 || n > (size_t)(all - p)) {
			if (end - p >= 2 || end == all)
				o->errors |= OPTION_BAD_LENGTH;
			break;
		}
		if (*p == KIND_MPTCP && end - p >= 2)
			o->mptcp_bytes += (uint8_t)n;
		if (n > (size_t)(end - p)) {
			if (end - p >= 2 && *p == KIND_MPTCP)
				decode_mptcp(p, n, (unsigned)(end - p), o);
			break;
		}
		decode_one(p, n, o);
		p += n;
	}
	if (p < all && (p >= end || *p != KIND_END) && end < all)
		o->errors |= OPTION_CUT;
}
