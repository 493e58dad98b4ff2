#include "segment.h"

#include "bytes.h"
#include "capture.h"
#include "packet.h"

void segment_update_has(struct segment *s)
{
	s->has |= (uint64_t)s->opt.mptcp_has << COL_VERSION;
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

/* Decode the options; returns which columns they have. */
static uint64_t decode_options(struct tcp_options *o, const struct packet *p,
			       uint32_t head)
{
	uint64_t has;

	tcp_options_decode(p->tcp + 20, head - 20, p->tcp_caplen - 20, o);
	if (o->mptcps > 1 && tcp_options_find(o, MP_DSS))
		drop_capable_mapping(o);
	has = (uint64_t)o->has << COL_MSS | (uint64_t)o->mptcp_has << COL_VERSION;
	if (o->sacks)
		has |= COLUMN(SACK);
	if (o->errors)
		has |= COLUMN(OPTION_ERROR);
	if (o->mptcp_bytes)
		has |= COLUMN(OPTION_BYTES);
	if (o->mptcps)
		has |= COLUMN(MPTCP);
	return has;
}

bool segment_decode(struct segment *s, const struct frame *f,
		    const struct packet *p)
{
	const uint8_t *tcp = p->tcp;
	uint32_t head = (tcp[12] >> 4) * 4u;
	uint64_t has = COLUMN(TIME_NS) | COLUMN(SRC) | COLUMN(DST) | COLUMN(SPORT) |
		       COLUMN(DPORT) | COLUMN(SEQ) | COLUMN(WIN) | COLUMN(LEN);

	if (head < 20 || head > p->tcp_len)
		return false;
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
	s->payload = p->tcp_caplen >= p->tcp_len ? tcp + head : NULL;
	if (s->flags)
		has |= COLUMN(FLAGS);
	if (s->flags & TCP_ACK)
		has |= COLUMN(ACK);
	if (p->ip_id >= 0) {
		s->ip_id = (uint16_t)p->ip_id;
		has |= COLUMN(IP_ID);
	}
	s->has = has | decode_options(&s->opt, p, head);
	return true;
}
