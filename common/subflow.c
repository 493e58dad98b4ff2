#include "subflow.h"

#include "conn.h"
#include "pool.h"
#include "stream.h"

const struct subflow_rarities subflow_no_rarities = { 0 };

struct subflow_rarities *subflow_rarities_of(struct subflow *f)
{
	if (!f->rarities)
		f->rarities = pool_zero(pool_of(f), sizeof(*f->rarities));
	return f->rarities;
}

void subflow_free(struct subflow *f)
{
	mapping_free(&f->map[0]);
	mapping_free(&f->map[1]);
	pool_free(f->rarities);
	f->stream->subflow = NULL;
	pool_free(f);
}

void subflow_link(struct conn *c, struct subflow *f)
{
	f->conn = c;
	f->prev = NULL;
	f->next = c->subflows;
	if (f->next)
		f->next->prev = f;
	c->subflows = f;
}

void subflow_unlink(struct subflow *f)
{
	*(f->prev ? &f->prev->next : &f->conn->subflows) = f->next;
	if (f->next)
		f->next->prev = f->prev;
	if (f->conn->has_first && f->conn->first == f->stream) {
		struct conn_ends ends = conn_ends(f->conn);

		conn_set_ends(f->conn, &ends, f->conn->first_client);
	}
}

struct subflow *subflow_new(struct conn *c, struct stream *s, unsigned client)
{
	struct subflow *f = pool_zero(pool_of(c), sizeof(*f));

	f->stream = s;
	f->client = f->opener = (uint8_t)client;
	f->number = c->numbers++;
	subflow_link(c, f);
	s->subflow = f;
	if (c->attempts++ == 0) {
		c->first = s;
		c->has_first = true;
		c->first_client = client;
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
	subflow_unlink(f);
	subflow_free(f);
	if (!c->subflows)
		conn_gone(t, c);
}

void subflow_move(struct conns *t, struct subflow *f, struct conn *into, unsigned client)
{
	struct conn *from = f->conn;

	f->client = (uint8_t)client;
	if (from == into)
		return;
	subflow_unlink(f);
	subflow_link(into, f);
	f->number = into->numbers++;
	from->attempts--;
	into->attempts++;
	from->established -= f->established;
	into->established += f->established;
	from->resets -= f->established && f->reset;
	into->resets += f->established && f->reset;
	if (t->hooks.moved)
		t->hooks.moved(t->hooks.arg, f);
	if (!from->subflows)
		conn_gone(t, from);
}

uint64_t subflow_weight(const struct subflow *f)
{
	return sizeof(*f) + mapping_weight(&f->map[0]) + mapping_weight(&f->map[1]) +
	       (f->rarities ? sizeof(*f->rarities) : 0);
}
