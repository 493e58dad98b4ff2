#include "books.h"

#include <stdlib.h>

#include "conn.h"
#include "mem.h"
#include "segment.h"
#include "stream.h"

struct books *books_new(struct conn *c, const struct books_options *o)
{
	struct books *b = mem_zero(sizeof(*b));

	b->conn = c;
	b->options = o;
	b->window[0].min = b->window[1].min = UINT64_MAX;
	return b;
}

struct books_past *books_past_of(struct books *b)
{
	if (!b->past) {
		b->past = mem_zero(sizeof(*b->past));
		b->past->load[0] = b->past->load[1] = flow_no_load;
	}
	return b->past;
}

const struct data_side books_nothing = { .counts.blocks = 0 };

struct data_side *books_data_of(struct books *b, unsigned role)
{
	if (!b->data[role]) {
		b->data[role] = mem_zero(sizeof(struct data_side));
		ledger_init(&b->data[role]->ledger, b->acks[role],
			    b->options->keep);
	}
	return b->data[role];
}

static void free_flows(struct books_past *p)
{
	struct flow *f;

	while ((f = p->flows)) {
		p->flows = f->identity->next;
		flow_free(f);
	}
	p->weight = 0;
}

void books_free(struct books *b)
{
	if (b->past)
		free_flows(b->past);
	free(b->past);
	for (unsigned role = 0; role < 2; role++) {
		if (b->data[role])
			ledger_free(&b->data[role]->ledger);
		free(b->data[role]);
	}
	free(b);
}

uint64_t books_weight(const struct books *b)
{
	uint64_t n = sizeof(*b) + (b->past ? sizeof(*b->past) + b->past->weight : 0);

	for (unsigned role = 0; role < 2; role++)
		if (b->data[role])
			n += sizeof(struct data_side) + ledger_weight(&b->data[role]->ledger);
	return n;
}

static void reset_data(struct data_side *d)
{
	d->counts = (struct data_counts){
		.inflight_max = ledger_in_flight(&d->ledger),
		.ofo_max = ledger_beyond_gap(&d->ledger),
	};
}

void books_reset(struct books *b)
{
	b->active = false;
	for (unsigned role = 0; role < 2; role++) {
		b->window[role].min = UINT64_MAX;
		if (b->data[role])
			reset_data(b->data[role]);
	}
	if (b->past)
		free_flows(b->past);
	for (struct subflow *s = b->conn ? b->conn->subflows : NULL; s; s = s->next)
		if (s->stream->data)
			flow_reset(s->stream->data);
}

void books_ack(struct books *b, const struct segment *seg, unsigned role,
	       int64_t dack)
{
	struct data_side *d;

	if (b->options->ack)
		b->options->ack(b->options->arg, b, role, dack);
	b->acks[role] = true;
	if (!b->data[role] && dack == 0)
		return;
	d = books_data_of(b, role);
	/* below 0 there is data only where the capture began in its midst */
	if (!b->conn->side[role].has_key)
		ledger_lower_floor(&d->ledger, dack);
	ledger_ack(&d->ledger, dack, seg->time_ns, &d->counts.delay);
}

/* The right edge of the window counts from the data ACK, RFC 8684 3.3.4. */
static void observe_window(struct books *b, unsigned role, int64_t dack,
			   uint32_t window)
{
	struct data_window *w = &b->window[role];
	int64_t edge = dack + window, acked = books_data(b, role)->ledger.acked;
	uint64_t left;

	if (!b->window_known[role] || w->edge < edge)
		w->edge = edge;
	b->window_known[role] = true;
	left = w->edge > acked ? (uint64_t)(w->edge - acked) : 0;
	if (w->min > left)
		w->min = left;
}

/* After a fallback the subflow's ACK acknowledges the data, RFC 8684 3.7. */
static bool fallback_ack(const struct books *b, const struct subflow *sub,
			 const struct segment *seg, unsigned from, int64_t *dack)
{
	const struct ledger *l = &books_data(b, !subflow_role(sub, from))->ledger;

	if (!b->conn->fallback || !(seg->has & COLUMN(REL_ACK)) ||
	    seg->flags & TCP_RST)
		return false;
	*dack = seg->rel_ack - 2;
	if (!b->conn->plain &&
	    !mapping_find(&sub->map[!from], seg->rel_ack - 1, dack))
		return false;
	*dack += 1;
	if (*dack > l->seen.to)		/* of a FIN */
		*dack = l->seen.to;
	return true;
}

static void observe_syn(struct books *b, const struct segment *seg)
{
	const struct tcp_options *o = &seg->opt;

	if (tcp_options_find(o, MP_JOIN)) {
		if (!b->has_join || b->join_ns > seg->time_ns)
			b->join_ns = seg->time_ns;
		b->has_join = true;
	} else if (tcp_options_find(o, MP_CAPABLE)) {
		if (!b->has_capable || b->capable_ns > seg->time_ns)
			b->capable_ns = seg->time_ns;
		b->has_capable = true;
	}
}

static void observe_options(struct books *b, const struct segment *seg)
{
	b->option_bytes += seg->opt.mptcp_bytes;
	if (seg->opt.mptcps == 1 && seg->opt.mptcp[0].subtype == MP_DSS)
		return;
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->subtype == MP_ADD_ADDR)
			b->add_addrs += !(o->has & HAS_ECHO && o->echo);
		b->remove_addrs += o->subtype == MP_REMOVE_ADDR;
		b->prio_changes += o->subtype == MP_PRIO;
	}
}

void books_observe(struct books *b, struct subflow *sub,
		   const struct segment *seg, unsigned from)
{
	unsigned role = subflow_role(sub, from);
	int64_t dack = seg->dack;
	bool has_dack = seg->has & COLUMN(DACK) && dack <= b->conn->side[!role].acked;
	int64_t tcp_dack;

	if (seg->opt.mptcp_bytes)
		observe_options(b, seg);
	if ((seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		observe_syn(b, seg);
	if (seg->len) {
		books_data_of(b, role);
		b->has_data[role] = true;
		if (sub->backup)
			b->backup_bytes += seg->len;
	}
	if (fallback_ack(b, sub, seg, from, &tcp_dack) &&
	    (!has_dack || dack < tcp_dack)) {
		dack = tcp_dack;
		has_dack = true;
		books_ack(b, seg, !role, dack);
	}
	if (has_dack && seg->has & COLUMN(WIN_BYTES) &&
	    !(seg->flags & (TCP_SYN | TCP_RST)))
		observe_window(b, !role, dack, seg->win_bytes);
}
