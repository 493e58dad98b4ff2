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
	bool resent;		/* bytes of the subflow that it had sent before */
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

static void send_piece(struct repeat *r, const struct ledger_run *run)
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

/* Who wants to be told gets what is new piece by piece. */
static void send(struct repeat *r, const struct ledger_run *run)
{
	const struct books_options *o = r->books->options;

	if (!o->fresh) {
		send_piece(r, run);
		return;
	}
	for (int64_t at = run->data.from, end; at < run->data.to; at = end) {
		struct ledger_run piece = *run;
		bool known;

		end = seen_piece(&r->data->ledger.seen, at, run->data.to, &known);
		piece.data = (struct range){ at, end };
		send_piece(r, &piece);
		if (!known)
			o->fresh(o->arg, r->books, r->role, &piece);
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
			    late && late->again };

	if (late || seq > flow_data(f, from)->seen.to) {
		send(&r, &run);
		return;
	}
	for (int64_t at = seq, end; at < seq + len; at = end) {
		end = flow_piece(f, from, at, seq + len, &r.resent);
		run.data.from = dsn + (at - seq);
		run.data.to = dsn + (end - seq);
		send(&r, &run);
	}
}
