/* Sequence numbers of a stream: relative to the ISN, unwrapped; its windows and its end. */
#include "column.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/*
 * The ISN of this end. What was heard of the end before its SYN/ACK was of another
 * connection, if it does not fit (RFC 9293, 3.10.7.3); but numbers that stand for
 * bytes already, or for an ISN that the other end has acknowledged, stay.
 */
static void set_isn(struct stream_side *side, uint32_t isn)
{
	if (side->known && side->base != isn) {
		if (side->sent || side->fin || side->acked > !side->syn)
			return;
		side->next = side->acked = 0;
	}
	side->base = isn;
	side->known = side->syn = true;
}

static void observe_syn(struct stream *s, const struct segment *seg,
			unsigned from)
{
	struct stream_side *side = &s->side[from], *other = &s->side[!from];

	set_isn(side, seg->seq);
	side->wscale_state = seg->opt.has & HAS_WSCALE ? WSCALE_GIVEN :
			     seg->opt.errors & OPTION_CUT ? WSCALE_UNKNOWN :
			     WSCALE_NONE;
	side->wscale = seg->opt.wscale > 14 ? 14 : seg->opt.wscale;
	s->client = (uint8_t)(seg->flags & TCP_ACK ? !from : from);
	s->client_known = true;
	if (!(seg->flags & TCP_ACK)) {
		side->syn_data = seg->len;
		s->reset = false;	/* so that RST was a stray one */
	} else if (!other->syn) {
		set_isn(other, seg->ack - 1);
	} else if (other->syn_data) {
		uint32_t taken = seg->ack - other->base - 1;

		other->syn_taken = taken <= other->syn_data ? taken : 0;
		other->syn_settled = true;
	}
}

/* Returns whether the scaled window can be told. */
static bool set_window(const struct stream_side *side,
		       const struct stream_side *other, struct segment *seg)
{
	unsigned shift = 0;

	if (!(seg->flags & TCP_SYN)) {
		if (side->wscale_state == WSCALE_GIVEN &&
		    other->wscale_state == WSCALE_GIVEN)
			shift = side->wscale;
		else if (side->wscale_state != WSCALE_NONE &&
			 other->wscale_state != WSCALE_NONE)
			return false;
	}
	seg->win_bytes = (uint32_t)seg->win << shift;
	return true;
}

/* What `raw` is, relative; the first one seen is 1. */
static int64_t number(struct stream_side *side, uint32_t raw)
{
	int64_t ref = side->next > side->acked ? side->next : side->acked;

	if (!side->known) {
		side->base = raw - 1;
		side->known = true;
	}
	return (int64_t)seq_unwrap((uint64_t)ref, raw - side->base);
}

static void number_segment(struct stream_side *side, struct stream_side *other,
			   struct segment *seg)
{
	seg->rel_seq = number(side, seg->seq);
	seg->has |= COLUMN(REL_SEQ);
	if (seg->flags & TCP_ACK) {
		seg->rel_ack = number(other, seg->ack);
		seg->has |= COLUMN(REL_ACK);
	}
	if (set_window(side, other, seg))
		seg->has |= COLUMN(WIN_BYTES);
}

/* Which raw numbers a row's relative ones stand for: a SYN may move them all later. */
static void learn_bases(struct stream_side *side, struct stream_side *other,
			struct segment *seg)
{
	if (side->known && other->known)
		return;
	column_fetch(seg, COLUMN(SEQ) | COLUMN(ACK));
	if (!side->known && seg->has & COLUMN(SEQ) && seg->has & COLUMN(REL_SEQ)) {
		side->base = seg->seq - (uint32_t)seg->rel_seq;
		side->known = true;
	}
	if (!other->known && seg->has & COLUMN(ACK) && seg->has & COLUMN(REL_ACK)) {
		other->base = seg->ack - (uint32_t)seg->rel_ack;
		other->known = true;
	}
}

/*
 * How far both ends have come. Bytes that were acknowledged, or between others,
 * though they were not seen, are missing in the capture; but the numbers of a RST
 * may be any.
 */
static void advance(struct stream_side *side, struct stream_side *other,
		    const struct segment *seg)
{
	bool heeded = !(seg->flags & TCP_RST);

	if (seg->has & COLUMN(REL_SEQ)) {
		int64_t end = segment_end(seg);

		if (heeded && seg->rel_seq > side->next)
			side->gaps = true;
		if (seg->len)
			side->sent = true;
		if (side->next < end)
			side->next = end;
	}
	if (seg->has & COLUMN(REL_ACK)) {
		if (heeded && seg->rel_ack > other->next)
			other->gaps = true;
		if (other->acked < seg->rel_ack)
			other->acked = seg->rel_ack;
	}
	if (heeded && seg->opt.errors)
		side->gaps = true;
}

/* How it begins and ends. */
static void observe_flags(struct stream *s, const struct segment *seg, unsigned from)
{
	if (seg->flags & TCP_FIN)
		s->side[from].fin = true;
	if (seg->flags & TCP_RST)
		s->reset = true;
	if (!(seg->flags & (TCP_SYN | TCP_RST)))
		s->established = true;
}

void stream_observe(struct streams *t, struct stream *s, struct segment *seg,
		    unsigned from)
{
	struct stream_side *side = &s->side[from], *other = &s->side[!from];

	if (seg->flags & TCP_SYN)
		observe_syn(s, seg, from);
	if (seg->tracked)
		learn_bases(side, other, seg);
	else
		number_segment(side, other, seg);
	advance(side, other, seg);
	if (side->syn_data && !side->syn_settled && seg->len &&
	    !(seg->flags & TCP_SYN) && seg->has & COLUMN(REL_SEQ)) {
		/* no SYN/ACK was captured: data that was not taken comes again */
		side->syn_taken = seg->rel_seq > side->syn_data ? side->syn_data : 0;
		side->syn_settled = true;
	}
	/* it leaves the queue of open streams by a flag only */
	if (s->queue != QUEUE_OPEN || seg->flags & (TCP_SYN | TCP_FIN | TCP_RST)) {
		observe_flags(s, seg, from);
		stream_queue_update(t, s);
	}
}
