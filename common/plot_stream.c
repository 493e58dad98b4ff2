/* Kinds of plots of each stream: its numbers, windows, round-trip times, what is in flight. */
#include <string.h>

#include "column.h"
#include "conn.h"
#include "flow.h"
#include "plot.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

static struct series *of_flow(struct plot *p, const struct plot_now *n, unsigned role,
			      enum plot_key key)
{
	return plot_sf(p, plot_flow(n->flow), n->books, n->flow, role, key);
}

/* What this segment says of the other end's numbers. */
static void seq_back(struct plot *p, const struct plot_now *n)
{
	struct plot_way *w = &plot_flow(n->flow)->way[!n->role];
	const struct segment *seg = n->seg;
	int64_t edge;

	if (!(seg->has & COLUMN(REL_ACK)) || seg->flags & TCP_RST)
		return;
	plot_change(p, n, of_flow(p, n, !n->role, PLOT_ACK), &w->value,
		    flow_path(n->flow, n->from)->ack);
	if (!(seg->has & COLUMN(WIN_BYTES)) || seg->flags & TCP_SYN)
		return;
	edge = seq_plus(seg->rel_ack, seg->win_bytes);
	if (w->edge != PLOT_NONE && edge < w->edge)
		edge = w->edge;
	plot_change(p, n, of_flow(p, n, !n->role, PLOT_EDGE), &w->edge, edge);
}

static void seq_segment(struct plot *p, const struct plot_now *n)
{
	const struct segment *seg = n->seg;
	struct point q = plot_point(n, segment_payload(seg));

	q.len = seg->len;
	q.dsn = seg->dsn;
	q.has_len = true;
	q.has_dsn = seg->has & COLUMN(DSN);
	q.kind = n->again ? "retrans" : "new";
	if (seg->len && seg->has & COLUMN(REL_SEQ))
		plot_put(p, of_flow(p, n, n->role, PLOT_MAIN), &q);
	if (p->back)
		seq_back(p, n);
}

const struct plot_kind plot_seq = {
	.name = "seq", .text = "subflow sequence numbers sent (-k: ACKs, window)",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .paths = true, .plain = true,
	.segment = seq_segment,
};

static void put(struct plot *p, const struct plot_now *n, int64_t y)
{
	struct point q = plot_point(n, y);

	plot_put(p, of_flow(p, n, n->role, PLOT_MAIN), &q);
}

static void ack_segment(struct plot *p, const struct plot_now *n)
{
	if (n->seg->has & COLUMN(REL_ACK))
		put(p, n, n->seg->rel_ack);
}

const struct plot_kind plot_ack = {
	.name = "ack", .text = "subflow ACKs, by the direction of their segments",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .plain = true, .segment = ack_segment,
};

static void win_segment(struct plot *p, const struct plot_now *n)
{
	if (n->seg->has & COLUMN(WIN_BYTES) && !(n->seg->flags & (TCP_SYN | TCP_RST)))
		put(p, n, n->seg->win_bytes);
}

const struct plot_kind plot_win = {
	.name = "win", .text = "windows, scaled, by the direction of their segments",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .plain = true, .segment = win_segment,
};

/* The member of a segment or option at `at`, as its kind says. */
static bool number(enum column_kind kind, const char *at, int64_t *y)
{
	uint16_t v16;
	uint32_t v32;

	switch (kind) {
	case KIND_U64: case KIND_I64: case KIND_SECONDS:
		memcpy(y, at, sizeof(*y));
		return true;
	case KIND_U32:
		memcpy(&v32, at, sizeof(v32));
		*y = v32;
		return true;
	case KIND_U16:
		memcpy(&v16, at, sizeof(v16));
		*y = v16;
		return true;
	case KIND_U8:
		*y = *(const uint8_t *)at;
		return true;
	default:
		return false;
	}
}

bool plot_attr_takes(unsigned column)
{
	static const char none[8] = { 0 };
	int64_t y;

	return number(column_info[column].kind, none, &y);
}

/* The cell, or the first item of one that is a list. */
static void attr_segment(struct plot *p, const struct plot_now *n)
{
	const struct column_info *c = &column_info[p->attr];
	const struct segment *seg = n->seg;
	const char *at = (const char *)seg;
	int64_t y;

	if (!(seg->has >> p->attr & 1))
		return;
	if (c->field) {
		unsigned i = 0;

		while (i < seg->opt.mptcps &&
		       !column_carries(c, &seg->opt, &seg->opt.mptcp[i]))
			i++;
		if (i == seg->opt.mptcps || !(seg->opt.mptcp[i].has & c->field))
			return;
		at = (const char *)&seg->opt.mptcp[i];
	}
	if (number(c->kind, at + c->offset, &y))
		put(p, n, y);
}

const struct plot_kind plot_attr = {
	.name = "attr", .text = "any column of mptcp-extract that has numbers: -y COLUMN",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .plain = true, .segment = attr_segment,
};

static void rtt_segment(struct plot *p, const struct plot_now *n)
{
	struct point q = plot_point(n, n->rtt_ns);

	if (n->rtt_ns == RTT_NONE)
		return;
	plot_put(p, of_flow(p, n, !n->role, PLOT_MAIN), &q);
}

const struct plot_kind plot_rtt = {
	.name = "rtt", .text = "round-trip times of each subflow",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET, .paths = true, .plain = true,
	.columns = COLUMN(TSVAL) | COLUMN(TSECR), .segment = rtt_segment,
};

/* One subflow, and with it the sum of all. */
static void inflight_flow(struct plot *p, const struct plot_now *n, unsigned end,
			  unsigned role)
{
	struct plot_way *w = &plot_flow(n->flow)->way[role], *all;
	int64_t v = (int64_t)flow_in_flight(n->flow, end);
	int64_t old = w->value == PLOT_NONE ? 0 : w->value;

	if (w->value == PLOT_NONE && !v)
		return;
	plot_change(p, n, of_flow(p, n, role, PLOT_MAIN), &w->value, v);
	if (!n->books)
		return;
	all = &plot_books(n->books)->way[role];
	plot_change(p, n, plot_named(p, n->books, role, PLOT_SUM, "sum"), &all->sum,
		    (all->sum == PLOT_NONE ? 0 : all->sum) + v - old);
}

static void inflight_data(struct plot *p, const struct plot_now *n, unsigned role)
{
	const struct ledger *l = &books_data(n->books, role)->ledger;
	const struct data_window *window = &n->books->figures->window[role];
	struct plot_way *w = &plot_books(n->books)->way[role];

	if (!(n->books->has_data >> role & 1) || !l->has_ack)
		return;
	plot_change(p, n, plot_named(p, n->books, role, PLOT_TOTAL, "data"), &w->value,
		    (int64_t)ledger_in_flight(l));
	if (n->books->figures->window_known[role])
		plot_change(p, n, plot_named(p, n->books, role, PLOT_WINDOW, "window"),
			    &w->edge, window->edge > l->acked ? window->edge - l->acked : 0);
}

static void inflight_segment(struct plot *p, const struct plot_now *n)
{
	for (unsigned role = 0; role < 2; role++) {
		inflight_flow(p, n, role == n->role ? n->from : !n->from, role);
		if (n->books)
			inflight_data(p, n, role);
	}
}

const struct plot_kind plot_inflight = {
	.name = "inflight", .text = "bytes in flight: data, each subflow, their sum; the window",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .paths = true, .plain = true,
	.segment = inflight_segment,
};
