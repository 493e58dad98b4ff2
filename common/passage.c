#include "passage.h"

#include "segment.h"

struct passage passage_of(const struct segment *seg)
{
	struct passage p = {
		.time_ns = seg->time_ns, .at_ns = seg->time_ns, .pkt = seg->pkt,
		.win = seg->win, .flags = seg->flags,
	};

	p.seq = p.end = segment_payload(seg);
	p.end += seg->len;
	p.has_ack = seg->has & COLUMN(REL_ACK);
	if (p.has_ack)
		p.ack = seg->rel_ack;
	p.has_tsval = seg->has & COLUMN(TSVAL);
	if (p.has_tsval)
		p.tsval = seg->opt.tsval;
	p.has_ip_id = seg->has & COLUMN(IP_ID);
	if (p.has_ip_id)
		p.ip_id = seg->ip_id;
	p.has_dsn = seg->has & COLUMN(DSN);
	if (p.has_dsn)
		p.dsn = seg->dsn;
	return p;
}

bool passage_twins(const struct passage *a, const struct passage *b)
{
	return passage_same_bytes(a, b) && a->has_ip_id && b->has_ip_id && a->ip_id &&
	       a->ip_id == b->ip_id && a->has_tsval == b->has_tsval &&
	       a->tsval == b->tsval && a->has_ack == b->has_ack && a->ack == b->ack &&
	       a->win == b->win && a->flags == b->flags;
}
