/* The bytes of subflows that mappings are about. */
#include "conn.h"
#include "dss.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* Whose bytes are being located: what mapping_located gets as its argument. */
struct whose {
	struct conns *t;
	struct subflow *subflow;
	unsigned from;
};

static void located(void *arg, int64_t seq, int64_t dsn, int64_t len,
		    const struct mapping_wait *late)
{
	struct whose *w = arg;

	w->t->hooks.sent(w->t->hooks.arg, w->subflow, w->from, seq, dsn, len, late);
}

static bool place(struct conns *t, struct subflow *f, unsigned from,
		  int64_t seq, int64_t len, int64_t dsn)
{
	struct whose w = { t, f, from };

	mapping_make_room(&f->map[from], f->stream->side[from].acked);
	return mapping_add(&f->map[from], seq, len, dsn,
			   t->hooks.sent ? located : NULL, &w);
}

bool dss_map(struct conns *t, struct subflow *f, unsigned from,
	     int64_t seq, int64_t len, int64_t dsn)
{
	const struct trail_run *last = mapping_last(&f->map[from], seq, seq + len);

	if (last && last->value == seq_minus(dsn, seq))
		return true;	/* it is said again */
	/* to hosts that speak TCP it says nothing */
	return f->conn->plain || place(t, f, from, seq, len, dsn);
}

void dss_fall_back(struct conns *t, struct subflow *f, unsigned reason)
{
	f->conn->fallback = (uint8_t)reason;
	for (unsigned end = 0; end < 2; end++) {
		struct whose w = { t, f, end };

		mapping_extend(&f->map[end],
			       -1 - (int64_t)f->stream->side[end].syn_taken,
			       t->hooks.sent ? located : NULL, &w);
	}
}

/* The data in the SYN was accepted: it stands before the first mapped byte. */
void dss_tell_syn_data(struct conns *t, struct subflow *f,
		       const struct segment *seg)
{
	int64_t taken = f->stream->side[f->client].syn_taken;
	struct whose w = { t, f, f->client };
	struct mapping_wait syn = { { 1, 1 + taken }, seg->time_ns, 0, false };

	/* without the SYN it was not known that this is a subflow: that counts from then on */
	if (f->kind != SUBFLOW_INITIAL || f->conn->plain || !f->conn->has_syn)
		return;
	f->syn_data_told = true;
	if (t->hooks.sent)
		mapping_locate(&f->map[f->client], &syn, located, &w);
	place(t, f, f->client, 1, taken, -taken);
}

/* Any payload; that of TCP is the data itself, but for what has its place already. */
static void locate_any(struct conns *t, struct subflow *f, struct segment *seg,
			   unsigned from, int64_t seq)
{
	struct mapping *m = &f->map[from];
	struct whose w = { t, f, from };
	struct mapping_wait now = { { seq, seq + seg->len }, seg->time_ns, seg->pkt, false };
	int64_t dsn;

	if (f->conn->plain) {
		place(t, f, from, seq, seg->len, seq - 1);
	} else if (seg->flags & TCP_SYN) {
		return;
	} else if (mapping_find(m, seq, &dsn)) {
		if (!seg->tracked) {
			seg->dsn = dsn;
			seg->has |= COLUMN(DSN);
		}
	} else if (seg->has & COLUMN(DSN)) {
		/* the row that told where it belongs was left out of the TSV */
		place(t, f, from, seq, seg->len, seg->dsn);
	} else if (!seg->opt.mptcps && !subflow_rarities(f)->bare[from] &&
		   seq >= f->stream->side[from].acked) {
		subflow_rarities_of(f)->bare[from] = seq;
	}
	if (t->hooks.sent)
		mapping_locate(m, &now, located, &w);
}

void dss_locate(struct conns *t, struct subflow *f,
		struct segment *seg, unsigned from)
{
	int64_t seq = segment_payload(seg), dsn;
	const struct trail_run *last = mapping_last(&f->map[from], seq, seq + seg->len);

	if (!last || f->conn->plain || seg->flags & TCP_SYN) {
		locate_any(t, f, seg, from, seq);
		return;
	}
	dsn = seq_plus(seq, last->value);
	if (!seg->tracked) {
		seg->dsn = dsn;
		seg->has |= COLUMN(DSN);
	}
	if (t->hooks.sent)
		t->hooks.sent(t->hooks.arg, f, from, seq, dsn, seg->len, NULL);
}
