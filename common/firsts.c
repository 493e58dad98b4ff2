#include "firsts.h"

#include <stdlib.h>

#include "budget.h"
#include "conn.h"
#include "mapping.h"
#include "mem.h"
#include "seq.h"
#include "stream.h"
#include "wire.h"

static const struct subflow *subflow_in(const struct wire *w, unsigned which)
{
	return w->half[which] ? w->half[which]->stream->subflow : NULL;
}

static uint32_t hash(const struct map *all, uint32_t conn)
{
	return map_hash(all, &conn, sizeof(conn));
}

struct firsts *firsts_of(struct map *all, struct wire *w,
			 void (*cross)(void *, const struct crossing *), void *arg)
{
	const struct subflow *sub = subflow_in(w, WIRE_A);
	struct firsts *f = w->firsts;
	size_t at = 0;

	if (f || !sub)
		return f;
	while ((f = map_next(all, hash(all, sub->conn->index), &at)))
		if (f->conn == sub->conn->index)
			break;
	if (!f) {
		f = mem_zero(sizeof(*f));
		f->conn = sub->conn->index;
		f->arg = arg;
		for (unsigned role = 0; role < 2; role++) {
			unsigned home = wire_sender(w, role ^ sub->client);
			const struct transit_span *span = w->owner->span;
			struct transit *t = &f->way[role].transit;

			f->from_a[role] = home == WIRE_A;
			transit_init(t, &span[home], &span[!home], cross, t);
			t->user = f;
		}
		map_add(all, hash(all, f->conn), f);
	}
	f->wires++;
	return w->firsts = f;
}

/* Hand over what of [from, to) is new, to one side or the other. */
static void add(struct firsts_way *way, const struct passage *p, int64_t from,
		int64_t to, bool sent)
{
	struct seen *seen = sent ? &way->sent : &way->came;
	bool *any = sent ? &way->any_sent : &way->any_came;
	struct passage piece = *p;

	if (!*any)
		seen_start(seen, from);
	*any = true;
	piece.has_tsval = piece.has_ip_id = false;
	if (!seq_is_sane(from) || !seq_is_sane(to))
		return;
	for (int64_t end; from < to; from = end) {
		bool known = false;

		end = seen_piece(seen, from, to, &known);
		piece.seq = from;
		piece.end = end;
		if (known)
			continue;
		seen_add(seen, from, end);
		if (sent)
			transit_send(&way->transit, &piece);
		else
			transit_arrive(&way->transit, &piece);
	}
}

/* How far B's relative DSNs of a host have to be moved to be A's. */
static int64_t moved(const struct wire *w, unsigned which, unsigned role_a, unsigned role)
{
	const struct subflow *a = subflow_in(w, WIRE_A), *own = subflow_in(w, which);

	if (which == WIRE_A || !a)
		return 0;
	return (int64_t)(own->conn->side[role].base - a->conn->side[role_a].base);
}

void firsts_pass(struct firsts *f, struct wire *w, unsigned which, unsigned from,
		 const struct passage *p)
{
	const struct subflow *sub = subflow_in(w, which);
	unsigned end = which == WIRE_A ? from : from ^ w->cross, role = from != w->about.client;
	bool sent = wire_sender(w, from) == which;
	int64_t own = which == WIRE_A ? 0 : w->shift[from], by;
	int64_t pos = seq_plus(p->seq, own), stop = seq_plus(p->end, own);
	struct trail_run run;

	if (!sub || sub->conn->plain)	/* data of TCP has no numbers */
		return;
	by = moved(w, which, role, subflow_role(sub, end));
	for (; pos < stop && mapping_piece(&sub->map[end], pos, stop, &run); pos = run.to)
		add(&f->way[role], p, seq_plus(seq_plus(run.from, run.value), by),
		    seq_plus(seq_plus(run.to, run.value), by), sent);
}

uint64_t firsts_weight(const struct firsts *f)
{
	uint64_t n = sizeof(*f) + MAP_PLACE;

	for (unsigned role = 0; role < 2; role++)
		n += transit_weight(&f->way[role].transit) +
		     seen_weight(&f->way[role].sent) + seen_weight(&f->way[role].came);
	return budget_bytes(n) / f->wires + (n - budget_bytes(n));
}

void firsts_leave(struct map *all, struct wire *w)
{
	struct firsts *f = w->firsts;

	w->firsts = NULL;
	if (!f || --f->wires)
		return;
	for (unsigned role = 0; role < 2; role++) {
		transit_end(&f->way[role].transit);
		transit_free(&f->way[role].transit);
		seen_free(&f->way[role].sent);
		seen_free(&f->way[role].came);
	}
	map_remove(all, hash(all, f->conn), f);
	free(f);
}
