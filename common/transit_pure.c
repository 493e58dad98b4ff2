/*
 * Segments without payload: ACKs, SYN, FIN, RST. They are in the order of their
 * ACK number, which is that of sending too, but for SYN and some RST, which
 * have none.
 */
#include "transit.h"

enum { BACK = 24 };	/* how far behind the last to arrive one may come */

static int64_t key(const struct passage *p)
{
	return p->has_ack ? p->ack : INT64_MIN;
}

static struct transit_sent *at(const struct transit *t, size_t i)
{
	return i < runs_n(&t->pure) ? runs_at(&t->pure, i) : NULL;
}

static bool same(const struct passage *a, const struct passage *b)
{
	return a->has_ack == b->has_ack && a->ack == b->ack && a->seq == b->seq &&
	       a->flags == b->flags;
}

/* A SYN or FIN is one and the same each time; ACKs are not. */
static uint32_t count_copies(const struct transit *t, const struct passage *p)
{
	uint32_t n = 0;
	struct transit_sent *s;

	if (!(p->flags & (PASSAGE_SYN | PASSAGE_FIN)))
		return 0;
	for (size_t i = runs_find(&t->pure, key(p));
	     (s = at(t, i)) && s->bytes.from == key(p); i++)
		if (same(&s->passage, p) && n <= s->copy)
			n = s->copy + 1;
	return n;
}

void transit_send_pure(struct transit *t, const struct passage *p)
{
	size_t i = runs_find(&t->pure, key(p) + 1);
	uint32_t copy = count_copies(t, p);
	struct transit_sent *s = i ? at(t, i - 1) : NULL;

	if (s && passage_twins(&s->passage, p))
		return;
	transit_note(t, p);
	if (runs_n(&t->pure) >= TRANSIT_SENT_MAX) {
		transit_end(t);
		t->full = true;
		i = runs_find(&t->pure, key(p) + 1);
	}
	s = runs_insert(&t->pure, i, sizeof(*s), 4);
	*s = (struct transit_sent){ .bytes = { key(p), key(p) + 1 }, .passage = *p,
				    .copy = copy, .layer = TRANSIT_PURE,
				    .check = t->checks };
}

/* Where those of this key begin. */
static size_t find_first(const struct transit *t, const struct passage *p)
{
	size_t i = t->hint;
	const struct transit_sent *s = at(t, i);

	/* those with the same key as the last one, or the next */
	if (s && s->bytes.from < key(p) && (s = at(t, ++i)) && s->bytes.from == key(p))
		return i;
	return runs_find(&t->pure, key(p));
}

/* The same; of very many, near the last that arrived. */
static size_t begin(const struct transit *t, const struct passage *p)
{
	size_t i = find_first(t, p);
	struct transit_sent *s = t->hint > i + BACK ? at(t, t->hint - BACK) : NULL;

	return s && s->bytes.from == key(p) ? t->hint - BACK : i;
}

void transit_arrive_pure(struct transit *t, const struct passage *p)
{
	struct candidate c[MATCH_MAX];
	struct match m = { 0 };
	struct transit_sent *s;
	struct crossing cross = { .rx = p, .from = p->seq, .to = p->end, .clean = true };
	unsigned n = 0;

	for (size_t i = begin(t, p);
	     n < MATCH_MAX && (s = at(t, i)) && s->bytes.from == key(p); i++)
		if (same(&s->passage, p))
			c[n++] = (struct candidate){ &s->passage, s, s->whole };
	if (n)
		m = match_choose(&t->path, c, n, p, false);
	if (!m.which) {
		transit_unsent(t, p, p->seq, p->end, false);
		return;
	}
	s = m.which->ref;
	cross.tx = &s->passage;
	cross.copy = s->copy;
	cross.match = m.by;
	cross.fate = s->whole ? FATE_DUP : FATE_ARRIVED;
	transit_crossed(t, &cross);
	t->hint = (size_t)(s - at(t, 0));
	if (!s->whole && !s->over)
		transit_close(t, s);
	s->whole = true;
	if (transit_tidy(&t->pure, &t->pure_over))
		t->hint = 0;
}

bool transit_has_id(const struct transit *t, const struct passage *p)
{
	struct transit_sent *s;
	size_t i = begin(t, p);

	for (unsigned n = 0; n < MATCH_MAX && (s = at(t, i)) && s->bytes.from == key(p);
	     i++, n++)
		if (same(&s->passage, p) && s->passage.ip_id == p->ip_id)
			return true;
	return false;
}
