/* Data ACKs: which are to be believed. */
#include "conn.h"
#include "dss.h"
#include "segment.h"
#include "stream.h"

/* Whether the segment falls back from an earlier one on its subflow, which was wrong then. */
static bool falls_back(const struct early_ack *e, const struct subflow *f,
		       const struct segment *seg)
{
	return seg->dack < e->dack && e->stream == f->stream->index &&
	       seg->has & COLUMN(REL_ACK) && seg->rel_ack >= e->rel_ack;
}

/*
 * Data that is acknowledged and was not seen may be missing in the capture: then
 * the next data ACK covers it as well. Until then no more than what was seen to
 * be sent, if any was, is taken to be acknowledged. Returns how much that is.
 */
static int64_t believed(struct conn_side *side, const struct subflow *f,
			const struct segment *seg, int64_t known)
{
	struct early_ack *e = &side_doubts_of(side)->early;

	if (e->set && falls_back(e, f, seg))
		e->set = false;
	if (e->set && known < e->dack)
		known = e->dack;
	if (seg->dack > known) {
		*e = (struct early_ack){ true, f->stream->index, seg->rel_ack, seg->dack };
		return known;
	}
	if (e->dack <= side->next || e->dack <= side->acked || e->dack <= seg->dack)
		e->set = false;
	return seg->dack;
}

void dss_take_ack(struct conns *t, struct subflow *f, const struct segment *seg,
		  unsigned role)
{
	struct conn *c = f->conn;
	struct conn_side *side = &c->side[role];
	int64_t known = side_reached(side), dack = seg->dack;

	if (side->next > 0 && (c->doubts || dack > known))
		dack = believed(side, f, seg, known);
	if (side->acked < dack) {
		side->acked = dack;
		conn_index_dsn(t, side);
	}
	if (t->hooks.acked)
		t->hooks.acked(t->hooks.arg, c, role, dack);
}
