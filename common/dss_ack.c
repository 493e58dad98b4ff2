/* Data ACKs: which are to be believed. */
#include "conn.h"
#include "dss.h"
#include "segment.h"
#include "stream.h"

static void believe(struct conns *t, struct conn *c, unsigned role, int64_t dack)
{
	struct conn_side *side = &c->side[role];

	if (side->acked < dack) {
		side->acked = dack;
		conn_index_dsn(t, side);
	}
	if (t->hooks.acked)
		t->hooks.acked(t->hooks.arg, c, role, dack);
}

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
 * be sent, if any was, is taken to be acknowledged.
 */
void dss_take_ack(struct conns *t, struct subflow *f, const struct segment *seg,
		  unsigned role)
{
	struct conn_side *side = &f->conn->side[role];
	int64_t known = side_reached(side);
	struct early_ack *e;

	if (side->next <= 0 || (!side->doubts && seg->dack <= known)) {
		believe(t, f->conn, role, seg->dack);
		return;
	}
	e = &side_doubts_of(side)->early;
	if (e->set && falls_back(e, f, seg))
		e->set = false;
	if (e->set && known < e->dack)
		known = e->dack;
	believe(t, f->conn, role, seg->dack < known ? seg->dack : known);
	if (seg->dack > known)
		*e = (struct early_ack){ true, f->stream->index, seg->rel_ack, seg->dack };
	else if (e->dack <= side->next || e->dack <= side->acked)
		e->set = false;
}
