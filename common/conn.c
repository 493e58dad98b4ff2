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

static void subflow_free(struct subflow *f)
{
	mapping_free(&f->map[0]);
	mapping_free(&f->map[1]);
	f->stream->subflow = NULL;
	free(f);
}

/* Findable by index, and in the list in its order. */
void conn_enlist(struct conns *t, struct conn *c)
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

void conn_delist(struct conns *t, struct conn *c)
{
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

void conn_link_subflow(struct conn *c, struct subflow *f)
{
	f->conn = c;
	f->prev = NULL;
	f->next = c->subflows;
	if (f->next)
		f->next->prev = f;
	c->subflows = f;
}

void conn_unlink_subflow(struct subflow *f)
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
	f->number = c->numbers++;
	conn_link_subflow(c, f);
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
	else if (f->kind == SUBFLOW_INITIAL || f->conn->attempts == 1)
		f->conn->initial_reset = reset;
}

void subflow_set_backup(struct subflow *f, unsigned end, bool backup)
{
	f->backup &= (uint8_t)~(1u << end);
	f->backup |= (uint8_t)((unsigned)backup << end);
}

void subflow_forget(struct conns *t, struct stream *s)
{
	struct subflow *f = s->subflow;
	struct conn *c;

	if (t->hooks.stream_gone)
		t->hooks.stream_gone(t->hooks.arg, s);
	if (!f)
		return;
	c = f->conn;
	conn_unlink_subflow(f);
	subflow_free(f);
	if (!c->subflows)
		conn_gone(t, c);
}

void subflow_move(struct conns *t, struct subflow *f, struct conn *into)
{
	struct conn *from = f->conn;

	conn_unlink_subflow(f);
	conn_link_subflow(into, f);
	f->number = into->numbers++;
	from->attempts--;
	into->attempts++;
	from->established -= f->established;
	into->established += f->established;
	from->resets -= f->established && f->reset;
	into->resets += f->established && f->reset;
	if (!from->subflows)
		conn_gone(t, from);
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
	if (side->has_rival)
		map_remove(&t->tokens, hash32(&t->tokens, side->rival_token), side);
	side->has_rival = false;
}

void conn_set_rival(struct conns *t, struct conn_side *side, uint64_t key,
		    uint32_t token)
{
	conn_drop_rival(t, side);
	side->rival = key;
	side->rival_token = token;
	side->has_rival = true;
	map_add_few(&t->tokens, hash32(&t->tokens, token), side);
}

struct conn_side *conn_next_token(const struct conns *t, uint32_t token, size_t *at)
{
	struct conn_side *side;

	while ((side = map_next(&t->tokens, hash32(&t->tokens, token), at)))
		if ((side->has_token && side->token == token) ||
		    (side->has_rival && side->rival_token == token))
			break;
	return side;
}

enum { CONN_PLACES = 5 };	/* of a connection in tables */

void conn_weigh(struct conns *t, struct stream *s)
{
	const struct conn_hooks *h = &t->hooks;
	struct subflow *f = s->subflow;
	uint64_t n = sizeof(*s) + MAP_PLACE;

	if (f)
		n += sizeof(*f) + mapping_weight(&f->map[0]) + mapping_weight(&f->map[1]);
	if (s->data && h->weigh_stream)
		n += h->weigh_stream(h->arg, s);
	budget_weigh(t->budget, &s->weight, n);
	if (!f)
		return;
	n = sizeof(*f->conn) + CONN_PLACES * MAP_PLACE;
	if (f->conn->data && h->weigh_conn)
		n += h->weigh_conn(h->arg, f->conn);
	budget_weigh(t->budget, &f->conn->weight, n);
}
