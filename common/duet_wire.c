/* How streams of a duet become wires, and what crosses them rows. */
#include "conn.h"
#include "duet.h"
#include "firsts.h"
#include "mapping.h"
#include "seq.h"
#include "stream.h"

enum { MARKS_MIN = 16 };

/* The end of a stream with this address and port. */
static unsigned named_end(const struct stream *s, const struct addr *a, uint16_t port)
{
	return s->port[0] != port || addr_cmp(&s->addr[0], a) != 0;
}

/* A table's numbers are raw: those of the streams have to be known to use them. */
static bool resolve(struct plan_pair *x)
{
	const struct stream *a, *b;
	unsigned end_a;
	int64_t raw[2];

	if (!x->named)
		return true;
	if (!x->half[0] || !x->half[1])
		return false;
	a = x->half[0]->stream;
	b = x->half[1]->stream;
	if (!a->side[0].known || !a->side[1].known || !b->side[0].known ||
	    !b->side[1].known)
		return false;
	end_a = named_end(a, &x->client[0], x->port[0]);
	x->cross = end_a != named_end(b, &x->client[1], x->port[1]);
	raw[0] = x->shift[end_a];	/* that of the client is the first */
	raw[1] = x->shift[!end_a];
	for (unsigned end = 0; end < 2; end++)
		x->shift[end] = (int32_t)((uint32_t)raw[end] + a->side[end].base -
					  b->side[end ^ x->cross].base);
	x->named = false;
	return true;
}

static void find_planned(struct duet *d, unsigned which, struct wire_half *h)
{
	struct plan_pair *x = plan_find(d->plan, which, h->stream->index);

	h->given_up = x && x->given_up;
	if (!x || x->given_up)
		return;
	x->half[which] = h;
	if (x->half[!which])
		duet_unload(d, &x->half[!which]->load);
	if (!resolve(x))
		return;
	if (!x->wire) {
		x->wire = wire_new(&d->wires, x->cross, x->shift);
		if (x->half[!which])
			wire_attach(x->wire, x->half[!which]);
		if (x->located)
			wire_locate(x->wire, x->home);
	}
	if (!h->wire)
		wire_attach(x->wire, h);
}

/*
 * Whether it is known how numbers are shifted, by the handshake or by much
 * that both captures have: a few marks may have been cut off where one begins.
 */
static bool is_firm(const struct pair *p)
{
	return p->end[0].shifted && p->end[1].shifted &&
	       (p->evidence & SAME_ISN || p->maps + p->stamps >= MARKS_MIN);
}

void duet_find_wire(struct duet *d, unsigned which, struct wire_half *h,
		    const struct print *print, bool ends)
{
	const struct pair *pair = print ? print->pair : NULL;
	struct wire_half *a, *b;
	int64_t shift[2];
	struct wire *w;

	if (d->plan) {
		find_planned(d, which, h);
		return;
	}
	if (!pair || !pair->a->live || !pair->b->live ||
	    (!d->plain && pair->a->kind == PRINT_TCP && pair->b->kind == PRINT_TCP))
		return;
	if (!ends && !is_firm(pair))
		return;
	a = pair->a->live->data;
	b = pair->b->live->data;
	if (!a || !b || a->wire || b->wire || a->given_up || b->given_up)
		return;	/* the other one has been joined with one just like this */
	d->doubtful |= !(pair->evidence & (SAME_ISN | SAME_ISN_HALF));
	for (unsigned end = 0; end < 2; end++)
		shift[end] = pair->end[end].rel_shift;
	duet_unload(d, &a->load);
	duet_unload(d, &b->load);
	w = wire_new(&d->wires, pair->cross, shift);
	wire_attach(w, a);
	wire_attach(w, b);
}

/* The data that a byte is, as A has it; TCP's has no number. */
static bool find_dsn(const struct wire *w, unsigned from, const struct crossing *c,
		     int64_t *dsn)
{
	const struct passage *p = wire_sender(w, from) == WIRE_A ? c->tx : c->rx;
	const struct wire_half *h = w->half[WIRE_A];
	const struct subflow *f = h ? h->stream->subflow : NULL;

	if (f && !f->conn->plain && mapping_find(&f->map[from], c->from, dsn))
		return true;
	if (!p || !p->has_dsn)
		return false;
	*dsn = seq_plus(p->dsn, seq_minus(c->from, p->seq));
	return true;
}

/* Delays of both ways cancel out, more or less. */
static void keep_pace(struct duet *d, bool from_a, int64_t ahead_ns)
{
	int64_t other = d->has_last[!from_a] ? d->last_ns[!from_a] : ahead_ns;

	d->last_ns[from_a] = ahead_ns;
	d->has_last[from_a] = true;
	d->ahead_ns = seq_plus(ahead_ns, seq_minus(other, ahead_ns) / 2);
}

/* What the clocks say of a packet, that of A first. */
static int64_t stamps(const struct duet_row *row, int64_t *b_ns)
{
	const struct crossing *c = row->crossing;

	*b_ns = row->from_a ? c->rx->time_ns : c->tx->time_ns;
	return row->from_a ? c->tx->time_ns : c->rx->time_ns;
}

/* And what it says of them. */
static void learn(struct duet *d, const struct duet_row *row)
{
	const struct crossing *c = row->crossing;
	int64_t b, a = stamps(row, &b);

	if (c->fate != FATE_ARRIVED)
		return;
	d->apart |= a != b;
	keep_pace(d, row->from_a, seq_minus(b, a));
	if (!d->fits || c->match >= MATCH_CAUSALITY)
		return;
	clock_pair(d->clock, row->from_a, a, b);
	d->refuted |= d->raw && clock_corrects(d->clock);
}

void duet_time(struct duet_row *row, struct clock *clock)
{
	const struct crossing *c = row->crossing;
	int64_t b, a = stamps(row, &b);

	row->raw_ns = seq_minus(c->rx->time_ns, c->tx->time_ns);
	row->clock = clock_estimate(clock, row->from_a, a, b);
	row->delay_ns = row->from_a ? seq_minus(row->raw_ns, row->clock.ahead_ns) :
				      seq_plus(row->raw_ns, row->clock.ahead_ns);
}

static void hand_over(struct duet *d, struct duet_row *row)
{
	const struct passage *rx = row->crossing->rx;

	row->has_delay = row->crossing->tx && rx;
	if (rx && d->row_ns < rx->at_ns)
		d->row_ns = rx->at_ns;
	else if (rx && d->wires.late)
		d->disordered = true;
	d->row(d->arg, row);
}

void duet_crossed(void *arg, struct wire *w, unsigned from, const struct crossing *c)
{
	struct duet *d = arg;
	struct duet_row row = { .about = &w->about, .crossing = c,
				.c2s = from == w->about.client,
				.from_a = wire_sender(w, from) == WIRE_A };

	if (c->tx && c->rx)
		learn(d, &row);
	if (!d->row || d->data || (c->from == c->to && !d->acks))
		return;
	row.has_dsn = c->from < c->to && find_dsn(w, from, c, &row.dsn);
	hand_over(d, &row);
}

/* Data crossed: numbers are relative DSNs. */
static void data_crossed(void *arg, const struct crossing *c)
{
	const struct transit *t = arg;
	const struct firsts *f = t->user;
	unsigned role = t == &f->way[SERVER].transit;
	struct duet_row row = { .conn = f->conn, .crossing = c, .c2s = role == CLIENT,
				.from_a = f->from_a[role], .has_dsn = true, .dsn = c->from };

	hand_over(f->arg, &row);
}

void duet_passed(void *arg, struct wire *w, unsigned which, unsigned from,
		 const struct passage *p)
{
	struct duet *d = arg;
	struct firsts *f = p->seq < p->end ?
			   firsts_of(&d->firsts, w, data_crossed, d) : NULL;

	if (f)
		firsts_pass(f, w, which, from, p);
}
