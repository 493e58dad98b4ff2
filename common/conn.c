#include "conn.h"

#include <stdlib.h>

#include "mem.h"
#include "segment.h"
#include "stream.h"

void conns_init(struct conns *t, const struct conn_hooks *hooks)
{
	*t = (struct conns){ 0 };
	if (hooks)
		t->hooks = *hooks;
	map_init(&t->indices);
	map_init(&t->tokens);
	map_init(&t->dsns);
}

static uint64_t hash32(const struct map *m, uint32_t v)
{
	return map_hash(m, &v, sizeof(v));
}

static void forget_side(struct conns *t, struct conn_side *side)
{
	if (side->has_token)
		map_remove(&t->tokens, hash32(&t->tokens, side->token), side);
	if (side->indexed)
		map_remove(&t->dsns, hash32(&t->dsns, side->high), side);
	side->has_token = side->indexed = false;
}

static void subflow_free(struct subflow *f)
{
	mapping_free(&f->map[0]);
	mapping_free(&f->map[1]);
	f->stream->subflow = NULL;
	free(f);
}

/* Findable by index, and in the list in its order. */
static void enlist(struct conns *t, struct conn *c)
{
	struct conn *after = t->last;

	map_add(&t->indices, hash32(&t->indices, c->index), c);
	while (after && after->index > c->index)
		after = after->prev;
	c->prev = after;
	c->next = after ? after->next : t->first;
	*(after ? &after->next : &t->first) = c;
	*(c->next ? &c->next->prev : &t->last) = c;
}

static void delist(struct conns *t, struct conn *c)
{
	map_remove(&t->indices, hash32(&t->indices, c->index), c);
	*(c->prev ? &c->prev->next : &t->first) = c->next;
	*(c->next ? &c->next->prev : &t->last) = c->prev;
}

static void conn_free(struct conns *t, struct conn *c)
{
	struct subflow *f;

	while ((f = c->subflows)) {
		c->subflows = f->next;
		subflow_free(f);
	}
	forget_side(t, &c->side[CLIENT]);
	forget_side(t, &c->side[SERVER]);
	delist(t, c);
	free(c);
}

static void conn_gone(struct conns *t, struct conn *c)
{
	if (t->hooks.gone)
		t->hooks.gone(t->hooks.arg, c);
	conn_free(t, c);
}

void conns_free(struct conns *t)
{
	while (t->first)
		conn_gone(t, t->first);
	map_free(&t->indices);
	map_free(&t->tokens);
	map_free(&t->dsns);
}

struct conn *conn_new_index(struct conns *t, const struct segment *seg,
			    uint32_t index)
{
	struct conn *c = mem_zero(sizeof(*c));

	c->index = index;
	c->checksum = -1;
	c->first_ns = c->last_ns = seg->time_ns;
	c->side[CLIENT].conn = c->side[SERVER].conn = c;
	enlist(t, c);
	return c;
}

struct conn *conn_new(struct conns *t, const struct segment *seg)
{
	return conn_new_index(t, seg, t->count++);
}

struct conn *conn_by_index(const struct conns *t, uint32_t index)
{
	struct conn *c;
	size_t at = 0;

	while ((c = map_next(&t->indices, hash32(&t->indices, index), &at)))
		if (c->index == index)
			break;
	return c;
}

static void link_subflow(struct conn *c, struct subflow *f)
{
	f->conn = c;
	f->prev = NULL;
	f->next = c->subflows;
	if (f->next)
		f->next->prev = f;
	c->subflows = f;
}

static void unlink_subflow(struct subflow *f)
{
	*(f->prev ? &f->prev->next : &f->conn->subflows) = f->next;
	if (f->next)
		f->next->prev = f->prev;
}

struct subflow *subflow_new(struct conn *c, struct stream *s, unsigned client)
{
	struct subflow *f = mem_zero(sizeof(*f));

	f->stream = s;
	f->client = f->opener = (uint8_t)client;
	link_subflow(c, f);
	s->subflow = f;
	if (c->attempts++ == 0) {
		for (unsigned end = 0; end < 2; end++) {
			c->side[subflow_role(f, end)].addr = s->addr[end];
			c->side[subflow_role(f, end)].port = s->port[end];
		}
	}
	return f;
}

void subflow_establish(struct subflow *f)
{
	if (f->established)
		return;
	f->established = true;
	f->conn->established++;
	f->conn->resets += f->reset;
}

void subflow_set_reset(struct subflow *f, bool reset)
{
	if (f->reset == reset)
		return;
	f->reset = reset;
	if (f->established)
		f->conn->resets += reset ? 1 : (uint32_t)-1;
	else if (f->kind == SUBFLOW_INITIAL)
		f->conn->initial_reset = reset;
}

void subflow_forget(struct conns *t, struct stream *s)
{
	struct subflow *f = s->subflow;
	struct conn *c;

	if (!f)
		return;
	c = f->conn;
	unlink_subflow(f);
	subflow_free(f);
	if (!c->subflows)
		conn_gone(t, c);
}

void subflow_move(struct conns *t, struct subflow *f, struct conn *into)
{
	struct conn *from = f->conn;

	unlink_subflow(f);
	link_subflow(into, f);
	from->attempts--;
	into->attempts++;
	from->established -= f->established;
	into->established += f->established;
	from->resets -= f->established && f->reset;
	into->resets += f->established && f->reset;
	if (!from->subflows)
		conn_gone(t, from);
}

/* Every relative DSN of the data that `role` sends is higher by `by`. */
static void shift(struct conns *t, struct conn *c, unsigned role, int64_t by)
{
	struct conn_side *side = &c->side[role];

	for (struct subflow *f = c->subflows; f; f = f->next)
		mapping_renumber(&f->map[role == CLIENT ? f->client : !f->client], by);
	side->next += by;
	side->acked += by;
	side->fin_dsn += by;
	if (t->hooks.renumbered && by)
		t->hooks.renumbered(t->hooks.arg, c, role, by);
}

void conn_renumber(struct conns *t, struct conn *c, unsigned role, uint64_t base)
{
	struct conn_side *side = &c->side[role];

	if (side->based)
		shift(t, c, role, side->base_wide ? (int64_t)(side->base - base) :
				  (int32_t)((uint32_t)side->base - (uint32_t)base));
	conn_set_base(t, side, base, true);
}

/* The numbers of `from` are relative to another DSN: bring them into line. */
static void align(struct conns *t, struct conn_side *into, struct conn_side *from,
		  struct conn *c, unsigned from_role)
{
	int64_t by;

	if (!from->based)
		return;
	if (!into->based) {
		conn_set_base(t, into, from->base, from->base_wide);
		into->next = from->next;
		into->acked = from->acked;
	}
	by = from->base_wide && into->base_wide ?
	     (int64_t)(from->base - into->base) :
	     (int32_t)((uint32_t)from->base - (uint32_t)into->base);
	shift(t, c, from_role, by);
	if (into->next < from->next)
		into->next = from->next;
	if (into->acked < from->acked)
		into->acked = from->acked;
	if (from->fin && !into->fin) {
		into->fin = true;
		into->fin_dsn = from->fin_dsn;
	}
}

void conn_absorb(struct conns *t, struct conn *into, struct conn *from, bool flip)
{
	struct subflow *f;
	uint32_t index;

	for (unsigned role = 0; role < 2; role++) {
		struct conn_side *a = &into->side[role];
		struct conn_side *b = &from->side[flip ? !role : role];

		align(t, a, b, from, flip ? !role : role);
		if (b->has_token && !a->has_token)
			conn_set_token(t, a, b->token);
	}
	if (t->hooks.absorbed)
		t->hooks.absorbed(t->hooks.arg, into, from, flip);
	while ((f = from->subflows)) {
		unlink_subflow(f);
		link_subflow(into, f);
		f->client ^= flip;
	}
	into->attempts += from->attempts;
	into->established += from->established;
	into->resets += from->resets;
	into->fastclose |= from->fastclose;
	if (into->checksum < 0)
		into->checksum = from->checksum;
	if (into->first_ns > from->first_ns)
		into->first_ns = from->first_ns;
	if (into->last_ns < from->last_ns)
		into->last_ns = from->last_ns;
	index = from->index;
	conn_free(t, from);
	if (index < into->index) {
		delist(t, into);
		into->index = index;
		enlist(t, into);
	}
}

void conn_set_token(struct conns *t, struct conn_side *side, uint32_t token)
{
	if (side->has_token)
		map_remove(&t->tokens, hash32(&t->tokens, side->token), side);
	side->token = token;
	side->has_token = true;
	map_add(&t->tokens, hash32(&t->tokens, token), side);
}

struct conn_side *conn_next_token(const struct conns *t, uint32_t token, size_t *at)
{
	struct conn_side *side;

	while ((side = map_next(&t->tokens, hash32(&t->tokens, token), at)))
		if (side->token == token)
			break;
	return side;
}
