/* Keys that differ: which one is wrong is said once it is known. */
#include "conn.h"
#include "record.h"
#include "rules.h"
#include "watch.h"

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
}

void watch_keys_over(struct watch *w, struct subflow *f)
{
	struct record *r = record_of(f->conn);

	for (unsigned role = 0; role < 2 && f->kind == SUBFLOW_INITIAL; role++) {
		if (!r->side[role].judged && r->side[role].other.at.pkt)
			rules_of_key(&w->log, f, &r->side[role].other, role);
		r->side[role].judged = true;
	}
}
