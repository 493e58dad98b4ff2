/* Connections that end or prove to be one, and what is left of them. */
#include <stdlib.h>

#include "books.h"
#include "budget.h"
#include "conn.h"
#include "mem.h"
#include "seq.h"
#include "stream.h"

static bool is_unused(const struct flow *f, const struct subflow *sub)
{
	return sub->established && !flow_has_data(flow_data(f, 0)) &&
	       !flow_has_data(flow_data(f, 1));
}

static void keep_rtt(struct books *b, const struct flow *f,
		     const struct subflow *sub)
{
	if (sub->kind != SUBFLOW_INITIAL || !f->story.rtt_known)
		return;
	b->past->has_rtt = true;
	b->past->rtt_ns = f->story.rtt_ns;
}

void books_forget(struct books *b, struct flow *f, const struct subflow *sub,
		  bool keep)
{
	struct books_past *p = books_past_of(b);

	p->unused += is_unused(f, sub);
	keep_rtt(b, f, sub);
	if (!keep) {
		for (unsigned end = 0; end < 2; end++)
			flow_load_add(&p->load[subflow_role(sub, end)], flow_load(f, end));
		flow_free(f);
		return;
	}
	flow_settle(f);
	f->identity->next = p->flows;
	p->flows = f;
	p->weight += budget_bytes(flow_weight(f));
}

void books_renumber(struct books *b, unsigned role, int64_t by)
{
	if (b->options->figures)
		b->figures->window[role].edge = seq_plus(b->figures->window[role].edge, by);
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
				   books_delays(b, role));
	}
}

void books_close(struct books *b)
{
	struct books_past *p = books_past_of(b);

	p->index = b->conn->index;
	p->id = conn_id(b->conn);
	p->first_ns = b->conn->first_ns;
	b->conn = NULL;
}

static void merge_counts(struct data_counts *into, const struct data_counts *from)
{
	into->blocks += from->blocks;
	into->switches += from->switches;
	if (into->ofo_max < from->ofo_max)
		into->ofo_max = from->ofo_max;
	if (into->inflight_max < from->inflight_max)
		into->inflight_max = from->inflight_max;
	spread_merge(&into->delay, &from->delay);
}

static void merge_data(struct books *into, unsigned role, const struct data_side *from)
{
	struct data_side *d = books_data_of(into, role);

	if (into->options->figures) {
		d->counts->switches += d->ledger.has_newest && from->ledger.has_newest;
		merge_counts(d->counts, from->counts);
	}
	ledger_merge(&d->ledger, &from->ledger, into->conn->numbers);
}

static void merge_window(struct books_figures *into, unsigned role,
			 const struct books_figures *from, unsigned from_role)
{
	struct data_window *a = &into->window[role];
	const struct data_window *b = &from->window[from_role];

	if (from->window_known[from_role] &&
	    (!into->window_known[role] || a->edge < b->edge))
		a->edge = b->edge;
	into->window_known[role] |= from->window_known[from_role];
	if (a->min > b->min)
		a->min = b->min;
}

static void merge_figures(struct books_figures *into, const struct books_figures *from,
			  bool flip)
{
	merge_window(into, 0, from, flip);
	merge_window(into, 1, from, !flip);
	if (from->has_join && (!into->has_join || into->join_ns > from->join_ns))
		into->join_ns = from->join_ns;
	into->has_join |= from->has_join;
	into->backup_bytes += from->backup_bytes;
	into->option_bytes += from->option_bytes;
	into->add_addrs += from->add_addrs;
	into->remove_addrs += from->remove_addrs;
	into->prio_changes += from->prio_changes;
}

static void merge_past(struct books *into, struct books_past *from, bool flip)
{
	struct books_past *p = books_past_of(into);
	struct flow *f;

	while ((f = from->flows)) {
		from->flows = f->identity->next;
		f->identity->client ^= flip;
		f->identity->number += into->conn->numbers;
		f->identity->next = p->flows;
		p->flows = f;
	}
	p->weight += from->weight;
	from->weight = 0;
	flow_load_add(&p->load[0], from->load[flip]);
	flow_load_add(&p->load[1], from->load[!flip]);
	p->unused += from->unused;
	if (from->has_rtt && !p->has_rtt)
		p->rtt_ns = from->rtt_ns;
	p->has_rtt |= from->has_rtt;
}

/* Bits by role, by that of the other connection. */
static uint8_t flipped(uint8_t bits, bool flip)
{
	return flip ? (uint8_t)(bits >> 1 | (bits & 1) << 1) : bits;
}

void books_merge(struct books *into, struct books *from, bool flip)
{
	into->acks |= flipped(from->acks, flip);
	into->has_data |= flipped(from->has_data, flip);
	for (unsigned role = 0; role < 2; role++)
		if (from->data[role ^ flip])
			merge_data(into, role, from->data[role ^ flip]);
	if (from->past)
		merge_past(into, from->past, flip);
	if (from->has_capable &&
	    (!into->has_capable || into->capable_ns > from->capable_ns))
		into->capable_ns = from->capable_ns;
	into->has_capable |= from->has_capable;
	if (into->options->figures)
		merge_figures(into->figures, from->figures, flip);
}

uint32_t books_index(const struct books *b)
{
	return b->conn ? b->conn->index : b->past->index;
}

uint64_t books_id(const struct books *b)
{
	return b->conn ? conn_id(b->conn) : b->past->id;
}

int64_t books_start(const struct books *b)
{
	return b->conn ? b->conn->first_ns : b->past->first_ns;
}

struct flow_load books_load(const struct books *b, unsigned role)
{
	struct flow_load all = b->past ? b->past->load[role] : flow_no_load;

	for (const struct flow *f = b->past ? b->past->flows : NULL; f; f = f->identity->next)
		flow_load_add(&all, flow_load(f, f->identity->client ^ role));
	for (const struct subflow *s = b->conn ? b->conn->subflows : NULL; s; s = s->next)
		if (s->stream->data)
			flow_load_add(&all, flow_load(s->stream->data, s->client ^ role));
	return all;
}

uint64_t books_bytes(const struct books *b, unsigned role)
{
	const struct conn_side *side = &b->conn->side[role];

	return ledger_bytes(&books_data(b, role)->ledger, side->fin, side->fin_dsn);
}

bool books_unseen(const struct books *b, unsigned role)
{
	const struct data_side *d = books_data(b, role);

	return !(b->has_data >> role & 1) && d->ledger.acked > ledger_more(&d->ledger)->floor + 1;
}

uint64_t books_acked(const struct books *b, unsigned role)
{
	const struct conn_side *side = &b->conn->side[role];
	const struct ledger *l = &books_data(b, role)->ledger;
	int64_t floor = ledger_more(l)->floor;
	bool fin = side->fin && side->fin_dsn >= floor && side->fin_dsn < l->acked;

	return ledger_acked(l, floor, l->acked) - fin;
}

uint32_t books_unused(const struct books *b)
{
	uint32_t n = b->past ? b->past->unused : 0;

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
	if (b->past)
		*rtt_ns = b->past->rtt_ns;
	return b->past && b->past->has_rtt;
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

	for (struct flow *f = b->past ? b->past->flows : NULL; f; f = f->identity->next) {
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
