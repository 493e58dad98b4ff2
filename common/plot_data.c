/* Kinds of plots of the data: where it stands in the stream, when it comes, what acknowledges it. */
#include "conn.h"
#include "flow.h"
#include "plot.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* A point about a piece of data, when it was sent. */
static struct point piece_point(const struct plot_now *n, const struct plot_piece *d,
				int64_t y)
{
	struct point q = plot_point(n, y);

	q.time_ns = d->run.time_ns;
	q.pkt = d->run.pkt;
	q.dsn = d->run.data.from;
	q.len = (uint64_t)(d->run.data.to - d->run.data.from);
	q.has_dsn = q.has_len = true;
	return q;
}

static void dsn_piece(struct plot *p, const struct plot_now *n, const struct plot_piece *d)
{
	struct point q = piece_point(n, d, d->run.data.from);

	q.kind = d->kind;
	plot_put(p, plot_sf(p, plot_flow(n->flow), n->books, n->flow, n->role, PLOT_MAIN), &q);
}

/* What else is marked for xplot: attempts at subflows, and what concerns addresses and the end. */
static void dsn_marks(struct plot *p, const struct plot_now *n)
{
	static const char *const word[] = {
		[MP_JOIN] = "JOIN", [MP_ADD_ADDR] = "ADD_ADDR",
		[MP_REMOVE_ADDR] = "REMOVE_ADDR", [MP_PRIO] = "PRIO",
		[MP_FAIL] = "FAIL", [MP_FASTCLOSE] = "FASTCLOSE"
	};
	int64_t high = books_data(n->books, n->role)->ledger.seen.to;
	struct point q = plot_point(n, high);

	for (unsigned i = 0; i < n->seg->opt.mptcps; i++) {
		unsigned subtype = n->seg->opt.mptcp[i].subtype;

		if (subtype >= sizeof(word) / sizeof(*word) || !word[subtype])
			continue;
		if (subtype == MP_JOIN && !(n->seg->flags & TCP_SYN))
			continue;
		if ((!p->only_dir || p->dir == n->role) &&
		    (!p->only_stream || p->stream == n->seg->stream))
			xplot_mark(&p->sink, plot_sf(p, plot_flow(n->flow), n->books,
						     n->flow, n->role, PLOT_MAIN),
				   &q, word[subtype]);
	}
}

static void dsn_segment(struct plot *p, const struct plot_now *n)
{
	unsigned role = !n->role;
	struct plot_way *w = &plot_books(n->books)->way[role];
	const struct ledger *l = &books_data(n->books, role)->ledger;

	if (p->sink.xplot && n->seg->opt.mptcp_bytes)
		dsn_marks(p, n);
	if (!p->back)
		return;
	if (l->has_ack)
		plot_change(p, n, plot_named(p, n->books, role, PLOT_ACK, "dack"),
			    &w->value, l->acked);
	if (n->books->figures->window_known[role])
		plot_change(p, n, plot_named(p, n->books, role, PLOT_EDGE, "edge"),
			    &w->edge, n->books->figures->window[role].edge);
}

const struct plot_kind plot_dsn = {
	.name = "dsn", .text = "data sequence numbers sent (-k: data ACKs, window)",
	.unit = UNIT_COUNT, .table = TABLE_PACKET,
	.segment = dsn_segment, .piece = dsn_piece,
};

static void interarrival_piece(struct plot *p, const struct plot_now *n,
			       const struct plot_piece *d)
{
	struct plot_way *w = &plot_books(n->books)->way[n->role];
	struct point q = piece_point(n, d, seq_minus(d->run.time_ns, w->last_ns));

	if (!d->fresh)
		return;
	/* a step back of the clock is no time between */
	if (w->any && q.y >= 0 && w->sf == d->run.sf)
		plot_put(p, plot_number(p, n->books, n->role, w->sf), &q);
	else if (w->any && q.y >= 0)
		plot_put(p, plot_pair(p, n->books, n->role, w->sf, d->run.sf), &q);
	w->any = true;
	w->last_ns = d->run.time_ns;
	w->sf = d->run.sf;
}

const struct plot_kind plot_interarrival = {
	.name = "interarrival", .text = "time between new data, and across a switch of subflow",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET, .piece = interarrival_piece,
};

/* The run of new data under way is over. */
static void end_block(struct plot *p, struct books *b, unsigned role)
{
	struct plot_way *w = &plot_books(b)->way[role];
	struct point q = {
		.time_ns = w->first_ns, .y = (int64_t)w->bytes, .len = w->bytes,
		.duration_ns = seq_minus(w->last_ns, w->first_ns), .dsn = w->dsn,
		.pkt = w->pkt, .stream = (uint32_t)w->samples,
		.has_duration = true, .has_dsn = true, .has_len = true, .has_stream = true
	};

	if (w->any)
		plot_put(p, plot_number(p, b, role, w->sf), &q);
	w->any = false;
}

static void blocks_piece(struct plot *p, const struct plot_now *n,
			 const struct plot_piece *d)
{
	struct plot_way *w = &plot_books(n->books)->way[n->role];

	if (!d->fresh)
		return;
	if (w->any && w->sf != d->run.sf)
		end_block(p, n->books, n->role);
	if (!w->any) {
		w->first_ns = d->run.time_ns;
		w->bytes = 0;
		w->sf = d->run.sf;
		w->dsn = d->run.data.from;
		w->pkt = d->run.pkt;
		w->samples = n->seg->stream;
	}
	w->any = true;
	w->last_ns = d->run.time_ns;
	w->bytes += (uint64_t)(d->run.data.to - d->run.data.from);
}

static void blocks_over(struct plot *p, struct books *b, struct flow *f)
{
	(void)f;
	end_block(p, b, CLIENT);
	end_block(p, b, SERVER);
}

const struct plot_kind plot_blocks = {
	.name = "blocks", .text = "runs of new data on one subflow, in bytes",
	.unit = UNIT_COUNT, .table = TABLE_BLOCK,
	.piece = blocks_piece, .over = blocks_over,
};

static void acksize_ack(struct plot *p, const struct plot_now *n, unsigned role,
			int64_t before, int64_t dack)
{
	struct point q = plot_point(n, seq_minus(dack, before));

	q.dsn = before;
	q.has_dsn = true;
	plot_put(p, plot_sf(p, plot_flow(n->flow), n->books, n->flow, role, PLOT_MAIN), &q);
}

const struct plot_kind plot_acksize = {
	.name = "acksize", .text = "data newly acknowledged by each data ACK, in bytes",
	.unit = UNIT_COUNT, .table = TABLE_PACKET, .ack = acksize_ack,
};

/* A sample for what each segment sent first. */
static void data_rtt_acked(struct plot *p, struct books *b, unsigned role,
			   int64_t before, int64_t dack)
{
	const struct runs *runs = &books_data(b, role)->ledger.runs;
	const struct segment *seg = p->tally.seg;

	(void)before;
	if (p->only_conn && books_index(b) != p->conn)
		return;
	plot_books(b);
	for (size_t i = 0; i < runs_n(runs); i++) {
		const struct ledger_run *run = runs_at(runs, i);
		int64_t end = run->data.to < dack ? run->data.to : dack;
		struct point q = {
			.time_ns = seg->time_ns, .y = seq_minus(seg->time_ns, run->time_ns),
			.dsn = run->data.from, .len = (uint64_t)(end - run->data.from),
			.pkt = run->pkt, .stream = run->stream,
			.has_dsn = true, .has_len = true, .has_stream = true
		};

		if (run->data.from >= dack)
			break;
		if (run->pkt && q.y >= 0)
			plot_put(p, plot_number(p, b, role, run->sf), &q);
	}
}

const struct plot_kind plot_data_rtt = {
	.name = "data_rtt", .text = "time from sending data to its data ACK",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET, .acked = data_rtt_acked,
};

static void reinject_piece(struct plot *p, const struct plot_now *n,
			   const struct plot_piece *d)
{
	struct point q = piece_point(n, d, seq_minus(d->run.time_ns, d->first.time_ns));

	/* who sent it first, and when, may be forgotten */
	if (!d->has_first || d->first.stream == d->run.stream || q.y < 0)
		return;
	plot_books(n->books);
	q.kind = d->kind;
	plot_put(p, plot_pair(p, n->books, n->role, d->first.sf, d->run.sf), &q);
}

const struct plot_kind plot_reinject = {
	.name = "reinject", .text = "time from sending data to sending it on another subflow",
	.unit = UNIT_SECONDS, .table = TABLE_PACKET, .piece = reinject_piece,
};
