/*
 * What is known of streams in both captures takes memory too. To give up one of
 * them in the middle changes nothing that a second reading goes by: streams are
 * numbered as before.
 */
#include "duet.h"
#include "firsts.h"
#include "stream.h"

static bool is_heavy(const struct duet *d, const struct wire_load *load)
{
	return budget_is_heavy(&d->wires_budget, load->weight);
}

/* Those that are worth less, as in stream_worth.c, and others. */
enum { LITTLE, MUCH };

static void take_out(struct duet *d, struct wire_load *load)
{
	*(load->older ? &load->older->newer : &d->oldest[load->list]) = load->newer;
	*(load->newer ? &load->newer->older : &d->newest[load->list]) = load->older;
}

static void put_last(struct duet *d, struct wire_load *load, unsigned list)
{
	load->list = (uint8_t)list;
	load->newer = NULL;
	load->older = d->newest[list];
	*(d->newest[list] ? &d->newest[list]->newer : &d->oldest[list]) = load;
	d->newest[list] = load;
}

static uint64_t weight_of(const struct duet *d, const struct wire *w)
{
	uint64_t n = wire_weight(w);

	if (w->firsts)
		n += firsts_weight(w->firsts);
	if (w->about.data && d->weigh)
		n += d->weigh(d->arg, &w->about);
	return n;
}

void duet_unload(struct duet *d, struct wire_load *load)
{
	if (!load->weight)
		return;
	if (load->is_wire)
		load->cut = budget_cut(&d->wires_budget, load->cut,
				       weight_of(d, (struct wire *)load));
	take_out(d, load);
	budget_weigh(&d->wires_budget, &load->weight, 0);
	if (d->heaviest == load)
		d->heaviest = NULL;
}

static void set_load(struct duet *d, struct wire_load *load, uint64_t bytes, unsigned list)
{
	if (load->weight)
		take_out(d, load);
	load->cut = budget_cut(&d->wires_budget, load->cut, bytes);
	budget_weigh(&d->wires_budget, &load->weight, bytes);
	put_last(d, load, list);
	if (is_heavy(d, load) && (!d->heaviest || d->heaviest->weight < load->weight))
		d->heaviest = load;
}

/* What waits for the other one is not to be joined with it any more. */
static void give_up_half(struct duet *d, unsigned which, struct wire_half *h)
{
	struct plan_pair *x = d->plan ? plan_find(d->plan, which, h->stream->index) : NULL;

	if (x) {
		x->given_up = true;
		x->half[which] = NULL;
	}
	duet_unload(d, &h->load);
	wire_half_give_up(h);
}

static void give_up(struct duet *d, struct wire_load *load)
{
	struct wire *w = load->is_wire ? (struct wire *)load : NULL;
	struct wire_half *half = w ? NULL : (struct wire_half *)load;
	struct wire_half *of[2] = { w ? w->half[0] : NULL, w ? w->half[1] : NULL };

	if (half)
		of[half->which] = half;
	if (w)
		wire_free(w);
	for (unsigned i = 0; i < 2; i++)
		if (of[i])
			give_up_half(d, i, of[i]);
	d->wires_budget.given_up++;
}

static bool are_too_much(const struct duet *d)
{
	const struct budget *b = &d->wires_budget;
	uint64_t beside = d->beside ? *d->beside : 0;

	return b->used && b->used + d->side[0].budget.used + d->side[1].budget.used + beside > b->limit;
}

void duet_weigh(struct duet *d, struct wire_half *h)
{
	unsigned list = h->stream->queue == QUEUE_OPEN ? MUCH : LITTLE;

	if (h->wire)
		set_load(d, &h->wire->load, weight_of(d, h->wire), list);
	else
		set_load(d, &h->load, wire_half_weight(h), list);
	while (are_too_much(d))
		give_up(d, d->heaviest && is_heavy(d, d->heaviest) ? d->heaviest :
			   d->oldest[LITTLE] ? d->oldest[LITTLE] : d->oldest[MUCH]);
}
