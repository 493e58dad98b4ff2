/* Connections that end or prove to be one, and what is left of them. */
#include <stdlib.h>

#include "books.h"
#include "conn.h"
#include "mem.h"
#include "seq.h"
#include "stream.h"

static bool is_unused(const struct flow *f, const struct subflow *sub)
{
	return sub->established && !flow_data(f, 0)->any && !flow_data(f, 1)->any;
}

static void keep_rtt(struct books *b, const struct flow *f,
		     const struct subflow *sub)
{
	if (sub->kind != SUBFLOW_INITIAL || !f->story.rtt_known)
		return;
	b->has_rtt = true;
	b->rtt_ns = f->story.rtt_ns;
}

void books_forget(struct books *b, struct flow *f, const struct subflow *sub,
		  bool keep)
{
	b->unused += is_unused(f, sub);
	keep_rtt(b, f, sub);
	if (!keep) {
		flow_free(f);
		return;
	}
	flow_settle(f);
	f->next = b->forgotten;
	b->forgotten = f;
	b->forgottens++;
}

void books_renumber(struct books *b, unsigned role, int64_t by)
{
	b->window[role].edge = seq_plus(b->window[role].edge, by);
	if (b->data[role])
		ledger_renumber(&b->data[role]->ledger, by);
}

void books_settle(struct books *b)
{
	for (unsigned role = 0; role < 2; role++) {
		const struct conn_side *side = &b->conn->side[role];
		const struct early_ack *early = &side_doubts(side)->early;
		struct data_side *d = b->data[role];

		if (d && early->set && !(side->fin && early->dack > side->fin_dsn + 1))
			ledger_ack(&d->ledger, early->dack, b->conn->last_ns,
				   &d->counts.delay);
	}
}

void books_close(struct books *b)
{
	b->index = b->conn->index;
	b->id = conn_id(b->conn);
	b->first_ns = b->conn->first_ns;
	b->conn = NULL;
}

static void merge_data(struct data_side *into, const struct data_side *from,
		       uint32_t sf_by)
{
	struct data_counts *a = &into->counts;
	const struct data_counts *b = &from->counts;

	ledger_merge(&into->ledger, &from->ledger, sf_by);
	a->sent_bytes += b->sent_bytes;
	a->retrans_bytes += b->retrans_bytes;
	a->reinject_bytes += b->reinject_bytes;
	a->dup_sf_bytes += b->dup_sf_bytes;
	a->after_ack_bytes += b->after_ack_bytes;
	a->new_bytes += b->new_bytes;
	a->blocks += b->blocks;
	a->switches += b->switches;
	if (a->ofo_max < b->ofo_max)
		a->ofo_max = b->ofo_max;
	if (a->inflight_max < b->inflight_max)
		a->inflight_max = b->inflight_max;
	spread_merge(&a->delay, &b->delay);
	if (from->has_data && (!into->has_data || into->first_ns > from->first_ns))
		into->first_ns = from->first_ns;
	if (from->has_data && (!into->has_data || into->last_ns < from->last_ns))
		into->last_ns = from->last_ns;
	into->has_data |= from->has_data;
	a->switches += into->in_block && from->in_block;
	if (from->in_block && !into->in_block)
		into->block = from->block;
	into->in_block |= from->in_block;
}

static void merge_window(struct data_window *into, const struct data_window *from)
{
	if (from->known && (!into->known || into->edge < from->edge))
		into->edge = from->edge;
	into->known |= from->known;
	into->acks |= from->acks;
	if (into->min > from->min)
		into->min = from->min;
}

static void merge_forgotten(struct books *into, struct books *from, bool flip)
{
	struct flow *f;

	while ((f = from->forgotten)) {
		from->forgotten = f->next;
		f->identity->client ^= flip;
		f->identity->number += into->conn->numbers;
		f->next = into->forgotten;
		into->forgotten = f;
	}
	into->forgottens += from->forgottens;
	from->forgottens = 0;
}

void books_merge(struct books *into, struct books *from, bool flip)
{
	for (unsigned role = 0; role < 2; role++) {
		merge_window(&into->window[role], &from->window[role ^ flip]);
		if (from->data[role ^ flip])
			merge_data(books_data_of(into, role),
				   from->data[role ^ flip], into->conn->numbers);
	}
	merge_forgotten(into, from, flip);
	if (from->has_capable &&
	    (!into->has_capable || into->capable_ns > from->capable_ns))
		into->capable_ns = from->capable_ns;
	into->has_capable |= from->has_capable;
	if (from->has_join && (!into->has_join || into->join_ns > from->join_ns))
		into->join_ns = from->join_ns;
	into->has_join |= from->has_join;
	if (from->has_rtt && !into->has_rtt)
		into->rtt_ns = from->rtt_ns;
	into->has_rtt |= from->has_rtt;
	into->backup_bytes += from->backup_bytes;
	into->option_bytes += from->option_bytes;
	into->add_addrs += from->add_addrs;
	into->remove_addrs += from->remove_addrs;
	into->prio_changes += from->prio_changes;
	into->unused += from->unused;
}

uint32_t books_index(const struct books *b)
{
	return b->conn ? b->conn->index : b->index;
}

uint64_t books_id(const struct books *b)
{
	return b->conn ? conn_id(b->conn) : b->id;
}

int64_t books_start(const struct books *b)
{
	return b->conn ? b->conn->first_ns : b->first_ns;
}

uint64_t books_bytes(const struct books *b, unsigned role)
{
	const struct conn_side *side = &b->conn->side[role];

	return ledger_bytes(&books_data(b, role)->ledger, side->fin, side->fin_dsn);
}

bool books_unseen(const struct books *b, unsigned role)
{
	const struct data_side *d = books_data(b, role);

	return !d->has_data && d->ledger.acked > d->ledger.floor + 1;
}

bool books_unmapped(const struct books *b, unsigned role)
{
	const struct data_counts *c = &books_data(b, role)->counts;

	return flow_unmapped(c->sent_bytes - c->retrans_bytes, c->new_bytes,
			     c->reinject_bytes, c->dup_sf_bytes, c->after_ack_bytes);
}

uint64_t books_acked(const struct books *b, unsigned role)
{
	const struct conn_side *side = &b->conn->side[role];
	const struct ledger *l = &books_data(b, role)->ledger;
	bool fin = side->fin && side->fin_dsn >= l->floor && side->fin_dsn < l->acked;

	return ledger_acked(l, l->floor, l->acked) - fin;
}

uint32_t books_unused(const struct books *b)
{
	uint32_t n = b->unused;

	for (const struct subflow *s = b->conn->subflows; s; s = s->next)
		n += s->stream->data && is_unused(s->stream->data, s);
	return n;
}

bool books_rtt(const struct books *b, int64_t *rtt_ns)
{
	for (const struct subflow *s = b->conn->subflows; s; s = s->next) {
		const struct flow *f = s->stream->data;

		if (f && s->kind == SUBFLOW_INITIAL && f->story.rtt_known) {
			*rtt_ns = f->story.rtt_ns;
			return true;
		}
	}
	*rtt_ns = b->rtt_ns;
	return b->has_rtt;
}

static int by_number(const void *a, const void *b)
{
	uint32_t m = flow_number(*(struct flow *const *)a);
	uint32_t n = flow_number(*(struct flow *const *)b);

	return (m > n) - (m < n);
}

size_t books_flows(const struct books *b, struct flow ***list, size_t *cap)
{
	size_t n = 0;

	for (struct flow *f = b->forgotten; f; f = f->next) {
		*list = mem_grow(*list, cap, n + 1, sizeof(**list));
		(*list)[n++] = f;
	}
	for (struct subflow *s = b->conn ? b->conn->subflows : NULL; s; s = s->next) {
		if (!s->stream->data)
			continue;
		*list = mem_grow(*list, cap, n + 1, sizeof(**list));
		(*list)[n++] = s->stream->data;
	}
	if (n)
		qsort(*list, n, sizeof(**list), by_number);
	return n;
}
