#include "transit.h"

#include "budget.h"
#include "seq.h"

enum { KEPT = 16 };	/* of what is over, for duplicates that come late */

void transit_init(struct transit *t, const struct transit_span *sender,
		  const struct transit_span *receiver,
		  void (*cross)(void *, const struct crossing *), void *arg)
{
	*t = (struct transit){ .cross = cross, .arg = arg, .sender = sender,
			       .receiver = receiver };
	t->checked_ns = INT64_MIN;
}

void transit_free_runs(struct runs *r)
{
	for (size_t i = 0; i < runs_n(r); i++)
		ranges_free(&((struct transit_sent *)runs_at(r, i))->arrived);
	runs_free(r);
}

void transit_free(struct transit *t)
{
	for (unsigned i = 0; i < t->layers; i++)
		transit_free_runs(&t->layer[i]);
	transit_free_runs(&t->pure);
	seen_free(&t->arrived);
}

uint64_t transit_weight(const struct transit *t)
{
	uint64_t n = runs_weight(&t->pure) + seen_weight(&t->arrived) + t->partly +
		     (t->full ? BUDGET_FULL : 0);

	for (unsigned i = 0; i < t->layers; i++)
		n += runs_weight(&t->layer[i]);
	return n;
}

size_t transit_find(const struct runs *r, size_t hint, int64_t pos)
{
	for (size_t i = hint; i < hint + 2 && i < runs_n(r); i++) {
		const struct range *at = runs_at(r, i);

		if (at->to > pos && (at->from <= pos || !i))
			return i;
		if (at->to > pos && ((const struct range *)runs_at(r, i - 1))->to <= pos)
			return i;
	}
	return runs_find(r, pos);
}

/* Take out what is over, but for the last few, when it is most. */
bool transit_tidy(struct runs *r, uint32_t *over)
{
	uint32_t live = (uint32_t)runs_n(r) - *over, kept = 0, drop = *over - KEPT;

	if (*over < live + 2 * KEPT)
		return false;
	for (size_t i = 0; i < runs_n(r); i++) {
		struct transit_sent *s = runs_at(r, i);

		if (s->over && drop)
			drop--;
		else
			*(struct transit_sent *)runs_at(r, kept++) = *s;
	}
	r->room->n = kept;
	*over = kept - live;
	return true;
}

static bool arrived_at(const struct transit_sent *s, int64_t pos)
{
	return s->whole || (s->arrived.n && ranges_count(&s->arrived, pos, pos + 1));
}

/* How far from pos on the sending is all arrived, or all not. */
static int64_t same_until(const struct transit_sent *s, int64_t pos)
{
	const struct range *r;
	size_t i;

	if (s->whole || !s->arrived.n)
		return s->bytes.to;
	i = ranges_find(&s->arrived, pos);
	if (i == s->arrived.n)
		return s->bytes.to;
	r = &s->arrived.range[i];
	return r->from > pos ? r->from : r->to;
}

/* The copies sent of the byte at pos, oldest first; *to: how far they are the same ones. */
unsigned transit_gather(const struct transit *t, int64_t pos, int64_t *to,
			struct candidate *c)
{
	unsigned n = 0;

	for (unsigned k = 0; k < t->layers; k++) {
		struct transit_sent *s = transit_at(t, k, transit_near(t, k, pos));
		int64_t until;
		unsigned i;

		if (!s)
			continue;
		until = s->bytes.from > pos ? s->bytes.from : same_until(s, pos);
		if (*to > until)
			*to = until;
		if (s->bytes.from > pos)
			continue;
		for (i = n++; i && c[i - 1].sent->pkt > s->passage.pkt; i--)
			c[i] = c[i - 1];
		c[i] = (struct candidate){ &s->passage, s, arrived_at(s, pos) };
	}
	return n;
}

bool transit_has_stamp(const struct transit *t, const struct passage *rx, bool by_id)
{
	for (unsigned k = 0; k < t->layers; k++) {
		size_t i = transit_near(t, k, rx->seq);
		struct transit_sent *s;

		for (; (s = transit_at(t, k, i)) && s->bytes.from < rx->end; i++)
			if (match_same_tsval(&s->passage, rx) &&
			    (!by_id || match_ip_id(&s->passage, rx)))
				return true;
	}
	return false;
}

void transit_close(struct transit *t, struct transit_sent *s)
{
	s->over = true;
	t->partly -= ranges_weight(&s->arrived);
	ranges_free(&s->arrived);
	if (s->layer == TRANSIT_PURE)
		t->pure_over++;
	else
		t->over[s->layer]++;
}

/* A crossing being put together of pieces that have all in common. */
struct joining {
	struct crossing c;
	struct transit_sent *sent;	/* NULL: not seen leaving */
	bool again;			/* and arrived before */
};

static void mark_arrived(struct transit *t, struct transit_sent *s, int64_t from,
			 int64_t to)
{
	if (from > s->bytes.from || to < s->bytes.to) {
		t->partly -= ranges_weight(&s->arrived);
		ranges_add(&s->arrived, from, to);
		t->partly += ranges_weight(&s->arrived);
		if (s->arrived.range[0].from > s->bytes.from ||
		    s->arrived.range[0].to < s->bytes.to)
			return;
	}
	s->whole = true;
	transit_close(t, s);
}

static void cross(struct transit *t, struct joining *j)
{
	struct transit_sent *s = j->sent;
	struct crossing *c = &j->c;

	if (!s) {
		transit_unsent(t, c->rx, c->from, c->to, j->again);
		return;
	}
	c->tx = &s->passage;
	c->fate = j->again ? FATE_DUP : FATE_ARRIVED;
	c->copy = c->from < s->fresh ? s->copy : 0;
	c->clean = passage_same_bytes(c->tx, c->rx);
	if (!j->again && !s->over)
		mark_arrived(t, s, c->from, c->to);
	transit_crossed(t, c);
}

/* Which sending the byte at `from` came from, and how far the same is true: c.to. */
static struct joining join(struct transit *t, const struct passage *rx, int64_t from)
{
	struct candidate list[TRANSIT_LAYERS];
	struct joining j = { .c = { .rx = rx, .from = from, .to = rx->end } };
	unsigned n = transit_gather(t, from, &j.c.to, list);
	struct match m = { 0 };

	if (n)
		m = match_choose(&t->path, list, n, rx, false);
	if (n && !m.which && transit_has_stamp(t, rx, false))
		m = match_choose(&t->path, list, n, rx, true);
	j.c.match = m.by;
	if (m.which) {
		j.sent = m.which->ref;
		if (!j.sent->layer)
			t->near = (size_t)(j.sent - transit_at(t, 0, 0));
		j.again = m.which->arrived;
	} else {
		j.c.to = seen_piece(&t->arrived, from, j.c.to, &j.again);
	}
	return j;
}

void transit_arrive(struct transit *t, const struct passage *p)
{
	struct joining j = { 0 };

	t->came |= p->flags & (PASSAGE_SYN | PASSAGE_FIN);
	if (p->seq == p->end) {
		transit_arrive_pure(t, p);
		return;
	}
	for (int64_t pos = p->seq; pos < p->end; pos = j.c.to) {
		struct joining next = join(t, p, pos);

		if (pos > p->seq && next.sent == j.sent && next.again == j.again &&
		    next.c.match == j.c.match) {
			j.c.to = next.c.to;
			continue;
		}
		if (pos > p->seq)
			cross(t, &j);
		j = next;
	}
	cross(t, &j);
	if (!t->any_arrived)
		seen_start(&t->arrived, p->seq);
	t->any_arrived = true;
	seen_add(&t->arrived, p->seq, p->end);
	for (unsigned k = 0; k < t->layers; k++)
		transit_tidy(&t->layer[k], &t->over[k]);
}
