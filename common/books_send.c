/* Data that a subflow sends: new, or again, and how. */
#include "books.h"

#include "conn.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* What books_send() hands on to repeated(). */
struct repeat {
	struct books *books;
	unsigned role;
	struct data_side *data;
	struct flow *flow;
	unsigned from;		/* which end of it */
	const struct ledger_run *sent;
	bool resent;		/* bytes of the subflow that it had sent before, */
	bool settled;		/* and that were acknowledged then */
};

static void repeated(void *arg, const struct ledger_copy *copy)
{
	struct repeat *r = arg;
	const struct books_options *o = r->books->options;
	struct flow_trouble *t = flow_trouble_of(r->flow, r->from);
	uint64_t size = (uint64_t)(copy->data.to - copy->data.from);
	struct books_copy told = { r->books, r->role, WAY_REINJECT, r->sent, copy };

	if (r->resent)
		told.way = WAY_RETRANS;
	else if (copy->first && copy->first->stream == r->sent->stream)
		told.way = WAY_DUP_SF;
	if (copy->acked)
		t->after_ack_bytes += size;
	if (told.way == WAY_DUP_SF)
		t->dup_sf_bytes += size;
	else if (told.way == WAY_REINJECT)
		t->reinject_bytes += size;
	if (o->again)
		o->again(o->arg, &told);
}

static void count(struct data_side *d, bool first, bool other)
{
	uint64_t size = ledger_beyond_gap(&d->ledger);

	d->counts->switches += other;
	d->counts->blocks += first || other;
	if (d->counts->ofo_max < size)
		d->counts->ofo_max = size;
	size = ledger_in_flight(&d->ledger);
	if (d->counts->inflight_max < size)
		d->counts->inflight_max = size;
}

static inline void send_piece(struct repeat *r, const struct ledger_run *run)
{
	struct data_side *d = r->data;
	bool first = !d->ledger.has_newest;
	bool other = !first && d->ledger.newest != run->stream;
	uint64_t fresh;

	r->sent = run;
	fresh = ledger_send(&d->ledger, run, repeated, r);
	if (!fresh)
		return;
	flow_data_of(r->flow, r->from)->new_bytes += fresh;
	if (r->books->options->figures)
		count(d, first, other);
}

/*
 * Who wants to be told gets what is new piece by piece. Nothing is where bytes were
 * settled: if their place is forgotten and another one claimed, the receiver still
 * drops them.
 */
static void send(struct repeat *r, const struct ledger_run *run)
{
	const struct books_options *o = r->books->options;

	if (!o->fresh && !r->settled) {
		send_piece(r, run);
		return;
	}
	for (int64_t at = run->data.from, end; at < run->data.to; at = end) {
		struct ledger_run piece = *run;
		bool known;

		end = seen_piece(&r->data->ledger.seen, at, run->data.to, &known);
		piece.data = (struct range){ at, end };
		if (known || !r->settled)
			send_piece(r, &piece);
		if (!known && !r->settled)
			o->fresh(o->arg, r->books, r->role, &piece);
	}
}

/* Bytes of the subflow of which some may have been sent before. */
static void send_pieces(struct repeat *r, const struct ledger_run *whole)
{
	int64_t seq = whole->data.from + whole->shift, end, to = whole->data.to + whole->shift;
	int64_t acked = r->flow->stream->side[r->from].acked;
	struct ledger_run run = *whole;

	for (; seq < to; seq = end) {
		end = flow_piece(r->flow, r->from, seq,
				 seq < acked && acked < to ? acked : to, &r->resent);
		run.data.from = seq - run.shift;
		run.data.to = end - run.shift;
		r->settled = r->resent && end <= acked;
		send(r, &run);
	}
}

void books_send(struct books *b, struct flow *f, const struct segment *seg,
		unsigned from, int64_t seq, int64_t dsn, int64_t len,
		const struct mapping_wait *late)
{
	const struct subflow *sub = f->stream->subflow;
	unsigned role = subflow_role(sub, from);
	struct ledger_run run = {
		{ dsn, dsn + len }, late ? late->time_ns : seg->time_ns,
		seq_minus(seq, dsn), late ? late->pkt : seg->pkt,
		f->stream->index, sub->number
	};
	struct repeat r = { b, role, books_data_of(b, role), f, from, &run,
			    late && late->again, false };

	if (late || seq > flow_data(f, from)->seen.to)
		send(&r, &run);
	else
		send_pieces(&r, &run);
}
