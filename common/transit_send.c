/* What leaves a host: each copy of the same bytes in a layer of its own. */
#include "transit.h"

/* The place for [from, to) in a layer, or false if something is in the way. */
static bool find_gap(const struct transit *t, unsigned layer, int64_t from,
		     int64_t to, size_t *i)
{
	struct transit_sent *s;

	*i = runs_find(&t->layer[layer], from);
	s = transit_at(t, layer, *i);
	return !s || s->bytes.from >= to;
}

/* As many copies as there are layers: what the last one holds is given up. */
static void clear_layer(struct transit *t, unsigned layer)
{
	struct transit_sent *s;

	for (size_t i = 0; (s = transit_at(t, layer, i)); i++)
		if (!s->over)
			transit_settle(t, s);
	transit_free_runs(&t->layer[layer]);
	t->over[layer] = 0;
}

/* How often bytes of [from, to) were sent before, as far as is known. */
static uint32_t count_copies(const struct transit *t, int64_t from, int64_t to)
{
	uint32_t copy = from < t->next;

	for (unsigned k = 0; k < t->layers; k++) {
		size_t i = runs_find(&t->layer[k], from);
		struct transit_sent *s;

		for (; (s = transit_at(t, k, i)) && s->bytes.from < to; i++)
			if (copy <= s->copy)
				copy = s->copy + 1;
	}
	return copy;
}

/* Whether it is a frame that was captured twice, as with -i any: no host sends the same one again. */
static bool is_twin(const struct transit *t, const struct passage *p)
{
	for (unsigned k = 0; k < t->layers; k++) {
		struct transit_sent *s = transit_at(t, k, runs_find(&t->layer[k], p->seq));

		if (s && passage_twins(&s->passage, p))
			return true;
	}
	return false;
}

void transit_send(struct transit *t, const struct passage *p)
{
	struct transit_sent *s;
	unsigned layer = 0;
	uint32_t copy = 0;
	size_t i;

	if (p->seq == p->end) {
		transit_send_pure(t, p);
		return;
	}
	if (t->any_sent && p->seq < t->next && is_twin(t, p))
		return;
	transit_note(t, p);
	if (!t->any_sent)
		t->next = p->seq;
	t->any_sent = true;
	if (p->seq < t->next)
		copy = count_copies(t, p->seq, p->end);
	while (!find_gap(t, layer, p->seq, p->end, &i)) {
		if (layer + 1 < TRANSIT_LAYERS)
			layer++;
		else
			clear_layer(t, layer);
	}
	if (t->layers <= layer)
		t->layers = layer + 1;
	if (runs_n(&t->layer[layer]) >= TRANSIT_SENT_MAX) {
		transit_end(t);
		t->full = true;
		find_gap(t, layer, p->seq, p->end, &i);
	}
	s = runs_insert(&t->layer[layer], i, sizeof(*s), 4);
	*s = (struct transit_sent){ .bytes = { p->seq, p->end }, .passage = *p,
				    .fresh = t->next, .copy = copy,
				    .layer = (uint8_t)layer, .check = t->checks };
	if (t->next < p->end)
		t->next = p->end;
}
