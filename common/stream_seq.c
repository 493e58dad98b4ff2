/* Sequence numbers of a stream: relative to the ISN, unwrapped; its windows and its end. */
#include "column.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

enum { REBASE_MAX = 1 << 20 };	/* how far ahead of a SYN segments may come before it */

/* The ISN of this end is known now: what was numbered before moves with it. */
static void set_isn(struct stream_side *side, uint32_t isn)
{
	int32_t moved = seq_ahead(isn, side->base);

	if (side->syn && side->base == isn)
		return;
	if (side->known && moved >= 0 && moved <= REBASE_MAX) {
		side->next += moved;
		side->acked += moved;
	} else {
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

static void set_window(const struct stream_side *side,
		       const struct stream_side *other, struct segment *seg)
{
	unsigned shift = 0;

	if (!(seg->flags & TCP_SYN)) {
		if (side->wscale_state == WSCALE_GIVEN &&
		    other->wscale_state == WSCALE_GIVEN)
			shift = side->wscale;
		else if (side->wscale_state != WSCALE_NONE &&
			 other->wscale_state != WSCALE_NONE)
			return;
	}
	seg->win_bytes = (uint32_t)seg->win << shift;
	seg->has |= COLUMN(WIN_BYTES);
}

static int64_t unwrap(const struct stream_side *side, uint32_t raw)
{
	int64_t ref = side->next > side->acked ? side->next : side->acked;

	return (int64_t)seq_unwrap((uint64_t)ref, raw - side->base);
}

static void number(struct stream *s, struct segment *seg, unsigned from)
{
	struct stream_side *side = &s->side[from], *other = &s->side[!from];

	if (!side->known) {
		side->base = seg->seq - 1;
		side->known = true;
	}
	seg->rel_seq = unwrap(side, seg->seq);
	seg->has |= COLUMN(REL_SEQ);
	if (seg->flags & TCP_ACK) {
		if (!other->known) {
			other->base = seg->ack - 1;
			other->known = true;
		}
		seg->rel_ack = unwrap(other, seg->ack);
		seg->has |= COLUMN(REL_ACK);
	}
	set_window(side, other, seg);
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

/* Bytes that were acknowledged, or between others, though they were not seen. */
static void find_gaps(struct stream_side *side, struct stream_side *other,
		      const struct segment *seg)
{
	if (seg->flags & TCP_RST)	/* its numbers may be any */
		return;
	if (seg->opt.errors || (seg->has & COLUMN(REL_SEQ) && seg->rel_seq > side->next))
		side->gaps = true;
	if (seg->has & COLUMN(REL_ACK) && seg->rel_ack > other->next)
		other->gaps = true;
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
		number(s, seg, from);
	find_gaps(side, other, seg);
	if (seg->has & COLUMN(REL_SEQ) && side->next < segment_end(seg))
		side->next = segment_end(seg);
	if (seg->has & COLUMN(REL_ACK) && other->acked < seg->rel_ack)
		other->acked = seg->rel_ack;
	if (side->syn_data && !side->syn_settled && seg->len &&
	    !(seg->flags & TCP_SYN) && seg->has & COLUMN(REL_SEQ)) {
		/* no SYN/ACK was captured: data that was not taken comes again */
		side->syn_taken = seg->rel_seq > side->syn_data ? side->syn_data : 0;
		side->syn_settled = true;
	}
	if (seg->flags & TCP_FIN)
		side->fin = true;
	if (seg->flags & TCP_RST)
		s->reset = true;
	if (!(seg->flags & (TCP_SYN | TCP_RST)))
		s->established = true;
	stream_queue_update(t, s);
}
