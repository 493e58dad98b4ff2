#include "books.h"

#include "conn.h"
#include "pool.h"
#include "segment.h"
#include "stream.h"

static size_t books_size(const struct books_options *o)
{
	return sizeof(struct books) + (o->figures ? sizeof(struct books_figures) : 0);
}

static size_t data_size(const struct books_options *o)
{
	return sizeof(struct data_side) + (o->figures ? sizeof(struct data_counts) : 0);
}

struct books *books_new(struct conn *c, const struct books_options *o)
{
	struct books *b = pool_zero(pool_of(c), books_size(o));

	b->conn = c;
	b->options = o;
	if (o->figures)
		b->figures->window[0].min = b->figures->window[1].min = UINT64_MAX;
	return b;
}

struct books_past *books_past_of(struct books *b)
{
	if (!b->past) {
		b->past = pool_zero(pool_of(b), sizeof(*b->past));
		b->past->load[0] = b->past->load[1] = flow_no_load;
	}
	return b->past;
}

const struct data_side books_nothing = { .ledger.acked = 0 };
const struct data_counts books_no_counts = { .blocks = 0 };

struct data_side *books_add_data(struct books *b, unsigned role)
{
	b->data[role] = pool_zero(pool_of(b), data_size(b->options));
	ledger_init(&b->data[role]->ledger, b->acks >> role & 1, b->options->keep);
	return b->data[role];
}

struct spread *books_delays(const struct books *b, unsigned role)
{
	return b->options->figures ? &b->data[role]->counts->delay : NULL;
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
	pool_free(b->past);
	for (unsigned role = 0; role < 2; role++) {
		if (b->data[role])
			ledger_free(&b->data[role]->ledger);
		pool_free(b->data[role]);
	}
	pool_free(b);
}

uint64_t books_weight(const struct books *b)
{
	uint64_t n = books_size(b->options) + (b->past ? sizeof(*b->past) + b->past->weight : 0);

	for (unsigned role = 0; role < 2; role++)
		if (b->data[role])
			n += data_size(b->options) + ledger_weight(&b->data[role]->ledger);
	return n;
}

static void reset_figures(struct books *b, unsigned role)
{
	struct data_side *d = b->data[role];

	b->figures->window[role].min = UINT64_MAX;
	if (d)
		*d->counts = (struct data_counts){
			.inflight_max = ledger_in_flight(&d->ledger),
			.ofo_max = ledger_beyond_gap(&d->ledger),
		};
}

void books_reset(struct books *b)
{
	b->active = false;
	for (unsigned role = 0; b->options->figures && role < 2; role++)
		reset_figures(b, role);
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
	b->acks |= (uint8_t)(1u << role);
	if (!b->data[role] && dack == 0)
		return;
	d = books_data_of(b, role);
	/* below 0 there is data only where the capture began in its midst */
	if (!b->conn->side[role].has_key)
		ledger_lower_floor(&d->ledger, dack);
	ledger_ack(&d->ledger, dack, seg->time_ns, books_delays(b, role));
}

/* The right edge of the window counts from the data ACK, RFC 8684 3.3.4. */
static void observe_window(struct books *b, unsigned role, int64_t dack,
			   uint32_t window)
{
	struct data_window *w = &b->figures->window[role];
	int64_t edge = dack + window, acked = books_data(b, role)->ledger.acked;
	uint64_t left;

	if (!b->figures->window_known[role] || w->edge < edge)
		w->edge = edge;
	b->figures->window_known[role] = true;
	left = w->edge > acked ? (uint64_t)(w->edge - acked) : 0;
	if (w->min > left)
		w->min = left;
}

/* After a fallback the subflow's ACK acknowledges the data, RFC 8684 3.7. */
static bool fallback_ack(const struct books *b, const struct subflow *sub,
			 const struct segment *seg, unsigned from, int64_t *dack)
{
	const struct ledger *l;

	if (!b->conn->fallback || !(seg->has & COLUMN(REL_ACK)) ||
	    seg->flags & TCP_RST)
		return false;
	*dack = seg->rel_ack - 2;
	if (!mapping_find(&sub->map[!from], seg->rel_ack - 1, dack) &&
	    !b->conn->plain)
		return false;
	*dack += 1;
	l = &books_data(b, !subflow_role(sub, from))->ledger;
	if (*dack > l->seen.to)		/* of a FIN */
		*dack = l->seen.to;
	return true;
}

static void observe_syn(struct books *b, const struct segment *seg)
{
	if (tcp_options_find(&seg->opt, MP_JOIN) || !tcp_options_find(&seg->opt, MP_CAPABLE))
		return;
	if (!b->has_capable || b->capable_ns > seg->time_ns)
		b->capable_ns = seg->time_ns;
	b->has_capable = true;
}

static void observe_join(struct books_figures *all, const struct segment *seg)
{
	if (!tcp_options_find(&seg->opt, MP_JOIN))
		return;
	if (!all->has_join || all->join_ns > seg->time_ns)
		all->join_ns = seg->time_ns;
	all->has_join = true;
}

static void observe_options(struct books_figures *all, const struct segment *seg)
{
	all->option_bytes += seg->opt.mptcp_bytes;
	if (seg->opt.mptcps == 1 && seg->opt.mptcp[0].subtype == MP_DSS)
		return;
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->subtype == MP_ADD_ADDR)
			all->add_addrs += !(o->has & HAS_ECHO && o->echo);
		all->remove_addrs += o->subtype == MP_REMOVE_ADDR;
		all->prio_changes += o->subtype == MP_PRIO;
	}
}

static bool is_syn(const struct segment *seg)
{
	return (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* What the figures of the connection need, but for its window. */
static void observe_figures(struct books *b, const struct subflow *sub,
			    const struct segment *seg)
{
	if (seg->opt.mptcp_bytes)
		observe_options(b->figures, seg);
	if (is_syn(seg))
		observe_join(b->figures, seg);
	if (seg->len && sub->backup)
		b->figures->backup_bytes += seg->len;
}

/* There is payload that `role` sent. */
static void add_payload(struct books *b, unsigned role)
{
	books_data_of(b, role);
	b->has_data |= (uint8_t)(1u << role);
}

void books_take(struct books *b, const struct flow *f, const struct subflow *sub)
{
	for (unsigned end = 0; end < 2; end++)
		if (flow_has_data(flow_data(f, end)))
			add_payload(b, subflow_role(sub, end));
}

void books_observe(struct books *b, struct subflow *sub,
		   const struct segment *seg, unsigned from)
{
	unsigned role = subflow_role(sub, from);
	int64_t dack = seg->dack;
	bool has_dack = seg->has & COLUMN(DACK) && dack <= b->conn->side[!role].acked;
	int64_t tcp_dack;

	if (is_syn(seg))
		observe_syn(b, seg);
	if (seg->len)
		add_payload(b, role);
	if (fallback_ack(b, sub, seg, from, &tcp_dack) &&
	    (!has_dack || dack < tcp_dack)) {
		dack = tcp_dack;
		has_dack = true;
		books_ack(b, seg, !role, dack);
	}
	if (!b->options->figures)
		return;
	observe_figures(b, sub, seg);
	if (has_dack && seg->has & COLUMN(WIN_BYTES) &&
	    !(seg->flags & (TCP_SYN | TCP_RST)))
		observe_window(b, !role, dack, seg->win_bytes);
}
