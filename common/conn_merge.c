/* Two connections that prove to be one, and numbers that prove to be relative to another. */
#include "conn.h"
#include "seq.h"

/* Every relative DSN of the data that `role` sends is higher by `by`. */
static void shift(struct conns *t, struct conn *c, unsigned role, int64_t by)
{
	struct conn_side *side = &c->side[role];

	for (struct subflow *f = c->subflows; f; f = f->next)
		mapping_renumber(&f->map[role == CLIENT ? f->client : !f->client], by);
	side->next = seq_plus(side->next, by);
	side->acked = seq_plus(side->acked, by);
	if (c->doubts)
		c->doubts[role].early.dack = seq_plus(c->doubts[role].early.dack, by);
	side->fin_dsn = seq_plus(side->fin_dsn, by);
	if (t->hooks.renumbered && by)
		t->hooks.renumbered(t->hooks.arg, c, role, by);
}

/*
 * How much higher numbers that count from the raw DSN `from` are when they count
 * from `to`, as those of `side` do. No data is nowhere near other data: such
 * numbers stay, and are odd ones.
 */
static int64_t moved(struct conn_side *side, uint64_t from, uint64_t to, bool wide)
{
	int64_t by = wide ? (int64_t)(from - to) : (int32_t)((uint32_t)from - (uint32_t)to);

	if (by > -DSN_FAR && by < DSN_FAR)
		return by;
	side_doubts_of(side)->has_odd = true;
	side_doubts_of(side)->odd = from;
	return 0;
}

void conn_renumber(struct conns *t, struct conn *c, unsigned role, uint64_t base)
{
	struct conn_side *side = &c->side[role];

	if (side->based)
		shift(t, c, role, moved(side, side->base, base, side->base_wide));
	conn_set_base(t, side, base, true);
}

/* The numbers of `from` are relative to another DSN: bring them into line. */
static void align(struct conns *t, struct conn_side *into, struct conn_side *from,
		  struct conn *c, unsigned from_role)
{
	const struct early_ack *early = &side_doubts(from)->early;
	int64_t by;

	if (!from->based)
		return;
	if (!into->based) {
		conn_set_base(t, into, from->base, from->base_wide);
		into->next = from->next;
		into->acked = from->acked;
	}
	by = moved(into, from->base, into->base, from->base_wide && into->base_wide);
	shift(t, c, from_role, by);
	if (into->next < from->next)
		into->next = from->next;
	if (into->acked < from->acked)
		into->acked = from->acked;
	if (early->set && (!side_doubts(into)->early.set ||
			   side_doubts(into)->early.dack < early->dack))
		side_doubts_of(into)->early = *early;
	if (from->fin && !into->fin) {
		into->fin = true;
		into->fin_dsn = from->fin_dsn;
	}
}

static void take_subflows(struct conn *into, struct conn *from, bool flip)
{
	struct subflow *f;

	while ((f = from->subflows)) {
		subflow_unlink(f);
		subflow_link(into, f);
		f->client ^= flip;
		f->number += into->numbers;
	}
	into->numbers += from->numbers;
	into->attempts += from->attempts;
}

void conn_absorb(struct conns *t, struct conn *into, struct conn *from, bool flip)
{
	uint32_t index = from->index;
	/* of two guesses the first one's addresses are those of the connection */
	bool earlier = index < into->index && conn_is_guess(into);

	if (from == into)
		return;
	for (unsigned role = 0; role < 2; role++) {
		struct conn_side *a = &into->side[role];
		struct conn_side *b = &from->side[flip ? !role : role];

		align(t, a, b, from, flip ? !role : role);
		if (b->has_token && !a->has_token)
			conn_set_token(t, a, b->token);
	}
	if (earlier) {
		struct conn_ends ends = conn_ends(from);

		conn_set_ends(into, &ends, from->first_client ^ flip);
	}
	if (t->hooks.absorbed)
		t->hooks.absorbed(t->hooks.arg, into, from, flip);
	take_subflows(into, from, flip);
	into->established += from->established;
	into->resets += from->resets;
	into->fastclose |= from->fastclose;
	if (into->checksum < 0)
		into->checksum = from->checksum;
	if (into->first_ns > from->first_ns)
		into->first_ns = from->first_ns;
	if (into->last_ns < from->last_ns)
		into->last_ns = from->last_ns;
	conn_free(t, from);
	if (index < into->index) {
		conn_delist(t, into);
		into->index = index;
		conn_enlist(t, into);
	}
}
