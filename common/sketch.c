#include "sketch.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

enum { SKETCH_FIRST = 4 };

void sketch_free(struct sketch *k)
{
	free(k->mark);
	*k = (struct sketch){ 0 };
}

/* The index of the first mark whose hash is not below this one. */
static unsigned place(const struct sketch *k, uint64_t hash)
{
	unsigned low = 0, high = k->n;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (k->mark[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void make_room(struct sketch *k)
{
	if (k->n == SKETCH_MAX) {
		k->n--;
	} else if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : SKETCH_FIRST;
		k->mark = mem_resize(k->mark, k->cap * sizeof(*k->mark));
	}
}

bool sketch_add(struct sketch *k, const struct mark *m)
{
	unsigned i;

	if (sketch_is_full(k, m->hash))
		return false;
	i = place(k, m->hash);
	if (i < k->n && k->mark[i].hash == m->hash) {
		if (k->mark[i].seq != MARK_NOWHERE || m->seq == MARK_NOWHERE)
			return false;
		k->mark[i] = *m;
		return true;
	}
	make_room(k);
	memmove(k->mark + i + 1, k->mark + i, (k->n - i) * sizeof(*k->mark));
	k->mark[i] = *m;
	k->largest = k->mark[k->n++].hash;
	return true;
}

void sketch_shift(struct sketch *k, int64_t seq, int64_t ack)
{
	for (unsigned i = 0; i < k->n; i++) {
		if (k->mark[i].seq != MARK_NOWHERE)
			k->mark[i].seq = seq_plus(k->mark[i].seq, seq);
		k->mark[i].ack = seq_plus(k->mark[i].ack, ack);
	}
}
