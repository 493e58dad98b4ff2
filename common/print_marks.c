/* What samples are of: time stamps and mappings. */
#include "column.h"
#include "print.h"
#include "seq.h"
#include "sketch.h"

enum { NEWS_MARKS = 3 };	/* the first ones of a sample may decide */

static bool add_mark(struct sketch *k, uint32_t a, uint32_t b, bool placed,
		     int64_t seq, const struct segment *seg)
{
	struct mark m = {
		.hash = sketch_hash(a, b), .seq = placed ? seq : MARK_NOWHERE,
		.ack = seg->has & COLUMN(REL_ACK) ? seg->rel_ack : 0,
	};

	return !sketch_is_full(k, m.hash) && sketch_add(k, &m);
}

static void observe_stamp(struct print *p, struct print_end *e, uint32_t val,
			  uint32_t echo, const struct segment *seg)
{
	bool first = !e->has_stamp;

	if (!first && val == e->stamp[0] && echo == e->stamp[1])
		return;
	e->has_stamp = true;
	e->stamp[0] = val;
	e->stamp[1] = echo;
	if (first && !e->syn)
		return;		/* what else had it may have gone before the capture */
	p->news |= add_mark(&e->stamps, val, echo, seg->has & COLUMN(REL_SEQ),
			    segment_payload(seg), seg) && e->stamps.n <= NEWS_MARKS;
}

static void observe_series(struct print_end *e, const struct segment *seg)
{
	uint32_t val = seg->opt.tsval;

	if (!e->has_ts || seq_ahead(val, e->ts_first) > 0) {
		e->ts_first = val;
		e->ts_first_ns = seg->time_ns;
	}
	if (!e->has_ts || seq_ahead(e->ts_last, val) > 0) {
		e->ts_last = val;
		e->ts_last_ns = seg->time_ns;
	}
	e->has_ts = true;
}

/* Time stamps stay what they are where numbers are rewritten; numbers have to do without. */
static void observe_stamps(struct print *p, struct print_end *e,
			   const struct print_end *other, const struct segment *seg)
{
	if (seg->has & COLUMN(TSVAL) && seg->has & COLUMN(TSECR)) {
		observe_series(e, seg);
		observe_stamp(p, e, seg->opt.tsval, seg->opt.tsecr, seg);
	} else if (!e->has_ts && seg->has & COLUMN(REL_SEQ) &&
		   seg->has & COLUMN(REL_ACK) && !(seg->flags & (TCP_SYN | TCP_RST))) {
		observe_stamp(p, e, e->base + (uint32_t)seg->rel_seq,
			      other->base + (uint32_t)seg->rel_ack, seg);
	}
}

/* A mapping is repeated on each segment of it: once is enough. */
static void observe_map(struct print *p, struct print_end *e, struct segment *seg,
			const struct mptcp_option *o)
{
	uint32_t dsn = (uint32_t)o->dsn;
	bool placed = o->has & HAS_MAP_SEQ;

	if (!(o->has & HAS_SSN) || !o->ssn || !(o->has & HAS_DSN))
		return;
	if (dsn == e->map_dsn && o->ssn == e->map_ssn && e->maps.n)
		return;
	if (placed) {
		e->map_dsn = dsn;
		e->map_ssn = o->ssn;
	}
	p->news |= add_mark(&e->maps, dsn, o->ssn, placed, o->map_seq, seg) &&
		   e->maps.n <= NEWS_MARKS;
}

void print_observe_marks(struct print *p, unsigned from, struct segment *seg)
{
	struct print_end *e = &p->end[from];
	bool fetched = false;

	observe_stamps(p, e, &p->end[!from], seg);
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->subtype != MP_DSS || !(o->has & HAS_DATA_LEN))
			continue;
		if (!fetched)
			column_fetch(seg, COLUMN(DSS_DSN));
		fetched = true;
		observe_map(p, e, seg, o);
	}
}
