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

	return sketch_add(k, &m);
}

static void observe_stamp(struct print *p, struct print_end *e,
			  const struct segment *seg)
{
	uint32_t val = seg->opt.tsval, echo = seg->opt.tsecr;
	bool first = !e->has_ts;

	if (!first && val == e->ts_now && echo == e->ts_echo)
		return;
	e->has_ts = true;
	e->ts_now = val;
	e->ts_echo = echo;
	if (first || seq_ahead(val, e->ts_first) > 0) {
		e->ts_first = val;
		e->ts_first_ns = seg->time_ns;
	}
	if (first || seq_ahead(e->ts_last, val) > 0) {
		e->ts_last = val;
		e->ts_last_ns = seg->time_ns;
	}
	p->news |= add_mark(&e->stamps, val, echo, seg->has & COLUMN(REL_SEQ),
			    segment_payload(seg), seg) && e->stamps.n <= NEWS_MARKS;
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

void print_observe_marks(struct print *p, struct print_end *e, struct segment *seg)
{
	bool fetched = false;

	if (seg->has & COLUMN(TSVAL) && seg->has & COLUMN(TSECR))
		observe_stamp(p, e, seg);
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
