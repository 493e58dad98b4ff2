#include "segment.h"

#include "bytes.h"
#include "capture.h"
#include "packet.h"

void segment_update_has(struct segment *s)
{
	uint64_t h = s->opt.mptcp_has;

	/* HAS_… bits and columns are in the same order, in three runs */
	s->has |= (h & 0x7fff) << COL_VERSION |
		  (h >> 15 & 0x7f) << COL_ADD_ADDR |
		  h >> 22 << COL_MAP_SEQ;
}

/* With a DSS in the same segment the mapping of an MP_CAPABLE counts for nothing. */
static void drop_capable_mapping(struct tcp_options *o)
{
	o->mptcp_has = 0;
	for (unsigned i = 0; i < o->mptcps; i++) {
		if (o->mptcp[i].subtype == MP_CAPABLE)
			o->mptcp[i].has &= ~(uint32_t)(HAS_DATA_LEN | HAS_CSUM);
		o->mptcp_has |= o->mptcp[i].has;
	}
}

static void decode_options(struct segment *s, const struct packet *p,
			   uint32_t head)
{
	uint32_t avail = p->tcp_caplen - 20;

	tcp_options_decode(p->tcp + 20, head - 20, avail, &s->opt);
	if (tcp_options_find(&s->opt, MP_DSS))
		drop_capable_mapping(&s->opt);
	if (s->opt.has & HAS_MSS)
		s->has |= COLUMN(MSS);
	if (s->opt.has & HAS_WSCALE)
		s->has |= COLUMN(WSCALE);
	if (s->opt.has & HAS_TS)
		s->has |= COLUMN(TSVAL) | COLUMN(TSECR);
	if (s->opt.sacks)
		s->has |= COLUMN(SACK);
	if (s->opt.errors)
		s->has |= COLUMN(OPTION_ERROR);
	if (s->opt.mptcp_bytes)
		s->has |= COLUMN(OPTION_BYTES);
	if (s->opt.mptcps) {
		s->has |= COLUMN(MPTCP);
		segment_update_has(s);
	}
}

bool segment_decode(struct segment *s, const struct frame *f,
		    const struct packet *p)
{
	const uint8_t *tcp = p->tcp;
	uint32_t head = (tcp[12] >> 4) * 4u;

	if (head < 20 || head > p->tcp_len)
		return false;
	s->has = COLUMN(TIME_NS) | COLUMN(SRC) | COLUMN(DST) | COLUMN(SPORT) |
		 COLUMN(DPORT) | COLUMN(SEQ) | COLUMN(WIN) | COLUMN(LEN);
	s->tracked = false;
	s->reader = NULL;
	s->time_ns = f->time_ns;
	s->src = p->src;
	s->dst = p->dst;
	s->sport = be16(tcp);
	s->dport = be16(tcp + 2);
	s->seq = be32(tcp + 4);
	s->ack = be32(tcp + 8);
	s->flags = tcp[13];
	s->win = be16(tcp + 14);
	s->len = p->tcp_len - head;
	if (s->flags)
		s->has |= COLUMN(FLAGS);
	if (s->flags & TCP_ACK)
		s->has |= COLUMN(ACK);
	if (p->has_ip_id) {
		s->ip_id = p->ip_id;
		s->has |= COLUMN(IP_ID);
	}
	s->payload = p->tcp_caplen >= p->tcp_len ? tcp + head : NULL;
	decode_options(s, p, head);
	return true;
}
