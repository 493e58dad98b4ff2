#include "conn.h"

#include "segment.h"
#include "stream.h"

void conns_init(struct conns *t, const struct conn_hooks *hooks)
{
	*t = (struct conns){ 0 };
	if (hooks)
		t->hooks = *hooks;
	map_init(&t->indices);
	map_init(&t->tokens);
}

const struct side_doubts side_no_doubts = { 0 };

struct side_doubts *side_doubts_of(struct conn_side *side)
{
	struct conn *c = conn_of(side);

	if (!c->doubts)
		c->doubts = pool_zero(pool_of(c), 2 * sizeof(*c->doubts));
	return &c->doubts[conn_side_role(side)];
}

struct conn_ends conn_ends(const struct conn *c)
{
	const struct stream *s = c->first;

	if (c->has_first)
		return (struct conn_ends){
			{ s->addr[0], s->addr[1] }, { s->port[0], s->port[1] }
		};
	return c->ends ? *c->ends : (struct conn_ends){ .port = { 0 } };
}

void conn_set_ends(struct conn *c, const struct conn_ends *ends, unsigned client)
{
	if (c->has_first || !c->ends)
		c->ends = pool_zero(pool_of(c), sizeof(*c->ends));
	c->has_first = false;
	c->first_client = client;
	*c->ends = *ends;
}

/* Which end of its first subflow it is. */
static unsigned end_of(const struct conn_side *side)
{
	return conn_of(side)->first_client ^ conn_side_role(side);
}

const struct addr *side_addr(const struct conn_side *side)
{
	static const struct addr none;
	const struct conn *c = conn_of(side);

	return c->has_first ? &c->first->addr[end_of(side)] :
	       c->ends ? &c->ends->addr[end_of(side)] : &none;
}

uint16_t side_port(const struct conn_side *side)
{
	return conn_ends(conn_of(side)).port[end_of(side)];
}

static uint32_t hash32(const struct map *m, uint32_t v)
{
	return map_hash(m, &v, sizeof(v));
}

static void forget_side(struct conns *t, struct conn_side *side)
{
	conn_drop_rival(t, side);
	conn_drop_token(t, side);
	if (side->indexed)
		map_remove(&t->dsns, hash32(&t->dsns, side->high), side);
	side->indexed = false;
}

/* Findable by index, and in the list in its order. */
void conn_enlist(struct conns *t, struct conn *c)
{
	struct conn *after = t->last;

	if (t->rows)
		map_add(&t->indices, hash32(&t->indices, c->index), c);
	while (after && after->index > c->index)
		after = after->prev;
	c->prev = after;
	c->next = after ? after->next : t->first;
	*(after ? &after->next : &t->first) = c;
	*(c->next ? &c->next->prev : &t->last) = c;
}

void conn_delist(struct conns *t, struct conn *c)
{
	if (t->rows)
		map_remove(&t->indices, hash32(&t->indices, c->index), c);
	*(c->prev ? &c->prev->next : &t->first) = c->next;
	*(c->next ? &c->next->prev : &t->last) = c->prev;
}

void conn_free(struct conns *t, struct conn *c)
{
	struct subflow *f;

	while ((f = c->subflows)) {
		c->subflows = f->next;
		subflow_free(f);
	}
	budget_weigh(t->budget, &c->weight, 0);
	forget_side(t, &c->side[CLIENT]);
	forget_side(t, &c->side[SERVER]);
	conn_delist(t, c);
	pool_free(c->doubts);
	if (!c->has_first)
		pool_free(c->ends);
	pool_free(c);
}

void conn_gone(struct conns *t, struct conn *c)
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
	struct conn *c = pool_zero(&t->pool, sizeof(*c));

	c->index = index;
	c->checksum = -1;
	c->first_ns = c->last_ns = seg->time_ns;
	c->side[SERVER].server = true;
	t->rows |= seg->tracked;
	conn_enlist(t, c);
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

void conn_drop_token(struct conns *t, struct conn_side *side)
{
	if (side->has_token)
		map_remove(&t->tokens, hash32(&t->tokens, side->token), side);
	side->has_token = false;
}

void conn_set_token(struct conns *t, struct conn_side *side, uint32_t token)
{
	conn_drop_token(t, side);
	side->token = token;
	side->has_token = true;
	map_add_few(&t->tokens, hash32(&t->tokens, token), side);
}

void conn_drop_rival(struct conns *t, struct conn_side *side)
{
	struct side_doubts *d;

	if (!side_doubts(side)->has_rival)
		return;
	d = side_doubts_of(side);
	map_remove(&t->tokens, hash32(&t->tokens, d->rival_token), side);
	d->has_rival = false;
}

void conn_set_rival(struct conns *t, struct conn_side *side, uint64_t key,
		    uint32_t token)
{
	struct side_doubts *d = side_doubts_of(side);

	conn_drop_rival(t, side);
	d->rival = key;
	d->rival_token = token;
	d->has_rival = true;
	map_add_few(&t->tokens, hash32(&t->tokens, token), side);
}

struct conn_side *conn_next_token(const struct conns *t, uint32_t token, size_t *at)
{
	struct conn_side *side;

	while ((side = map_next(&t->tokens, hash32(&t->tokens, token), at))) {
		const struct side_doubts *d = side_doubts(side);

		if ((side->has_token && side->token == token) ||
		    (d->has_rival && d->rival_token == token))
			break;
	}
	return side;
}

enum { CONN_PLACES = 5 };	/* of a connection in tables */

static uint64_t rest_weight(const struct conn *c)
{
	return (c->doubts ? 2 * sizeof(*c->doubts) : 0) +
	       (!c->has_first && c->ends ? sizeof(*c->ends) : 0);
}

void conn_weigh(struct conns *t, struct stream *s)
{
	const struct conn_hooks *h = &t->hooks;
	struct subflow *f = s->subflow;
	uint64_t n = sizeof(*s) + MAP_PLACE;

	if (t->budget && t->budget->prints)
		n += budget_print(f, s->segments);
	if (f)
		n += subflow_weight(f);
	if (s->data && h->weigh_stream)
		n += h->weigh_stream(h->arg, s);
	s->cut = budget_cut(t->budget, s->cut, n);
	budget_weigh(t->budget, &s->weight, n);
	if (!f)
		return;
	n = sizeof(*f->conn) + CONN_PLACES * MAP_PLACE + rest_weight(f->conn);
	if (f->conn->data && h->weigh_conn)
		n += h->weigh_conn(h->arg, f->conn);
	f->conn->cut = budget_cut(t->budget, f->conn->cut, n);
	budget_weigh(t->budget, &f->conn->weight, n);
}
