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
static unsigned lower(const struct sketch *k, uint64_t hash)
{
	unsigned i = 0;

	while (i < k->n && k->mark[i].hash < hash)
		i++;
	return i;
}

bool sketch_wants(const struct sketch *k, uint64_t hash, bool placed)
{
	unsigned i;

	if (k->n == SKETCH_MAX && hash > k->mark[k->n - 1].hash)
		return false;
	i = lower(k, hash);
	return i == k->n || k->mark[i].hash != hash ||
	       (placed && !k->mark[i].placed);
}

void sketch_add(struct sketch *k, const struct mark *m)
{
	unsigned i = lower(k, m->hash);

	if (i < k->n && k->mark[i].hash == m->hash) {
		k->mark[i] = *m;
		return;
	}
	if (k->n == SKETCH_MAX) {
		k->n--;
	} else if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : SKETCH_FIRST;
		k->mark = mem_resize(k->mark, k->cap * sizeof(*k->mark));
	}
	memmove(k->mark + i + 1, k->mark + i, (k->n - i) * sizeof(*k->mark));
	k->mark[i] = *m;
	k->n++;
}

void sketch_shift(struct sketch *k, int64_t seq, int64_t ack)
{
	for (unsigned i = 0; i < k->n; i++) {
		k->mark[i].seq = seq_plus(k->mark[i].seq, seq);
		k->mark[i].ack = seq_plus(k->mark[i].ack, ack);
	}
}
