/*
 * Keys that differ: which one is wrong is said once it is known. The same of an
 * HMAC that does not fit keys of which nothing else has shown that they are right.
 */
#include <stdlib.h>

#include "conn.h"
#include "mem.h"
#include "proof.h"
#include "record.h"
#include "rules.h"
#include "watch.h"

/* An ADD_ADDR with such an HMAC. */
struct held_address {
	struct event event;
	struct mptcp_option option;
	uint32_t stream;
	uint8_t from;
};

static void take(struct watch *w, struct subflow *f, unsigned from, unsigned role,
		 uint64_t key)
{
	struct record_side *side = &record_of(f->conn)->side[role];
	struct said_key said = { key, moment_of(w->log.seg), (uint8_t)from };

	if (!side->said.at.pkt || (w->log.seg->flags & TCP_SYN && !f->conn->established)) {
		side->said = said;
	} else if (side->said.key != key && !side->other.at.pkt) {
		side->other = said;
		side->judged = false;
	}
}

void watch_keys_of(struct watch *w, struct subflow *f, unsigned from,
		   const struct mptcp_option *o)
{
	unsigned role = subflow_role(f, from);

	if (o->has & HAS_SEND_KEY)
		take(w, f, from, role, o->send_key);
	if (o->has & HAS_RECV_KEY)
		take(w, f, from, !role, o->recv_key);
}

/* Where keys are said. */
static struct subflow *initial(struct subflow *f)
{
	for (struct subflow *g = f->conn->subflows; g; g = g->next)
		if (g->kind == SUBFLOW_INITIAL)
			return g;
	return f;
}

static bool are_proved(const struct conn *c)
{
	return (c->side[CLIENT].proved || !c->side[CLIENT].has_key) &&
	       (c->side[SERVER].proved || !c->side[SERVER].has_key);
}

/* `own`: it can't be of a newer connection on the same ports. */
static void say_address(const struct event_log *l, struct subflow *f, unsigned from,
			const struct mptcp_option *o, const struct event *e, bool own)
{
	struct event said = *e;

	*said.detail = '\0';
	proof_add_addr(&said, f->conn, subflow_role(f, from), o);
	if (said.verdict == VERDICT_BAD && own)
		rule_broken(l, RULE_ADD_ADDR_HMAC, f, from, true, "%s", said.detail);
	if (*e->detail)
		event_add(&said, "%s", e->detail);
	event_say(l, f->conn, &said);
}

static void release_address(struct watch *w, struct subflow *f)
{
	struct record *r = record_of(f->conn);
	struct held_address *held = r->held;
	struct segment then;
	struct event_log log = event_log_at(&w->log, &then, &held->event.at);

	r->held = NULL;
	held->event.conn = f->conn->index;
	for (struct subflow *g = f->conn->subflows; g; g = g->next)
		if (g->stream->index == held->stream)
			say_address(&log, g, held->from, &held->option,
				    &held->event, true);
	free(held);
}

/* The first one whose HMAC does not fit before the keys are proved waits for that. */
void watch_address(struct watch *w, struct subflow *f, unsigned from,
		   const struct mptcp_option *o, const struct event *e)
{
	struct record *r = record_of(f->conn);
	bool own = !record_of_stream(f->stream)->over;
	struct event trial = *e;

	proof_add_addr(&trial, f->conn, subflow_role(f, from), o);
	if (r->held)
		release_address(w, f);
	if (trial.verdict != VERDICT_BAD || are_proved(f->conn) || !own ||
	    r->held_bytes) {
		say_address(&w->log, f, from, o, e, own);
		return;
	}
	r->held_bytes = sizeof(*r->held);
	r->held = mem_zero(r->held_bytes);
	*r->held = (struct held_address){ *e, *o, f->stream->index, (uint8_t)from };
}

void watch_keys(struct watch *w, struct subflow *f)
{
	struct record *r = record_of(f->conn);
	struct subflow *first;

	for (unsigned role = 0; role < 2; role++) {
		const struct conn_side *side = &f->conn->side[role];
		struct record_side *own = &r->side[role];
		const struct said_key *wrong[] = { &own->said, &own->other };

		if (own->judged || !(side->proved || (side_doubts(side)->has_odd && !side->has_key)))
			continue;
		own->judged = true;
		first = initial(f);
		watch_imply(w, first, role == CLIENT ? first->client : !first->client);
		for (unsigned i = 0; i < 2; i++)
			if (wrong[i]->at.pkt && !(side->has_key && side->key == wrong[i]->key))
				rules_of_key(&w->log, first, wrong[i], role);
	}
	if (r->held && are_proved(f->conn))
		release_address(w, f);
}

void watch_keys_over(struct watch *w, struct subflow *f)
{
	struct record *r = record_of(f->conn);

	for (unsigned role = 0; role < 2 && f->kind == SUBFLOW_INITIAL; role++) {
		if (!r->side[role].judged && r->side[role].other.at.pkt)
			rules_of_key(&w->log, f, &r->side[role].other, role);
		r->side[role].judged = true;
	}
	if (r->held && r->held->stream == f->stream->index)
		release_address(w, f);
}
