/* Marks that two prints share, and how far numbers are shifted by them. */
#include "pairing.h"
#include "seq.h"
#include "sketch.h"

enum { STAMPS_ENOUGH = 3 };

/* How far what both show is apart; the most frequent counts. */
struct votes {
	int64_t at[2 * SKETCH_MAX];
	unsigned n;
};

static void elect(const struct votes *v, int64_t *most)
{
	unsigned best = 0;

	for (unsigned i = 0; i < v->n; i++) {
		unsigned same = 0;

		for (unsigned j = 0; j < v->n; j++)
			same += v->at[j] == v->at[i];
		if (same > best) {
			best = same;
			*most = v->at[i];
		}
	}
}

/* The next mark from *i and *j on that both have; false if there is none. */
static bool next_common(const struct sketch *x, const struct sketch *y,
			unsigned *i, unsigned *j)
{
	while (*i < x->n && *j < y->n) {
		if (x->mark[*i].hash == y->mark[*j].hash)
			return true;
		if (x->mark[*i].hash < y->mark[*j].hash)
			++*i;
		else
			++*j;
	}
	return false;
}

static void compare_maps(struct pair *pair, unsigned end)
{
	const struct sketch *x = &pair->a->end[end].maps;
	const struct sketch *y = &pair->b->end[pair_end_b(pair, end)].maps;
	struct votes v = { .n = 0 };

	for (unsigned i = 0, j = 0; next_common(x, y, &i, &j); i++, j++) {
		pair->maps++;
		if (x->mark[i].placed && y->mark[j].placed)
			v.at[v.n++] = seq_minus(y->mark[j].seq, x->mark[i].seq);
	}
	if (!v.n)
		return;
	elect(&v, &pair->end[end].rel_shift);
	pair->end[end].shifted = true;
}

/* How the numbers of both ends are shifted by the stamps of both. */
static void poll(const struct sketch *const x[2], const struct sketch *const y[2],
		 int64_t shift[2], bool known[2])
{
	struct votes votes[2] = { { .n = 0 }, { .n = 0 } };

	for (unsigned end = 0; end < 2; end++) {
		struct votes *seq = &votes[end], *ack = &votes[!end];

		for (unsigned i = 0, j = 0; next_common(x[end], y[end], &i, &j); i++, j++) {
			const struct mark *m = &x[end]->mark[i], *o = &y[end]->mark[j];

			seq->at[seq->n++] = seq_minus(o->seq, m->seq);
			ack->at[ack->n++] = seq_minus(o->ack, m->ack);
		}
	}
	for (unsigned end = 0; end < 2; end++) {
		elect(&votes[end], &shift[end]);
		known[end] = votes[end].n;
	}
}

/* How many stamps both have, and how many of them agree on the shifts. */
static unsigned count_agreeing(const struct sketch *x, const struct sketch *y,
			       int64_t seq, int64_t ack, unsigned *common)
{
	unsigned n = 0;

	for (unsigned i = 0, j = 0; next_common(x, y, &i, &j); i++, j++) {
		++*common;
		n += seq_minus(y->mark[j].seq, x->mark[i].seq) == seq &&
		     seq_minus(y->mark[j].ack, x->mark[i].ack) == ack;
	}
	return n;
}

/*
 * Streams of the same hosts may share their clocks, so that stamps alone don't
 * tell them apart: what was sent by then has to agree too, but for one shift of
 * all numbers.
 */
static void compare_stamps(struct pair *pair)
{
	const struct sketch *x[2], *y[2];
	int64_t shift[2] = { 0, 0 };
	bool known[2];
	unsigned common = 0, n = 0, most;

	for (unsigned i = 0; i < 2; i++) {
		x[i] = &pair->a->end[i].stamps;
		y[i] = &pair->b->end[pair_end_b(pair, i)].stamps;
	}
	poll(x, y, shift, known);
	for (unsigned i = 0; i < 2; i++)
		n += count_agreeing(x[i], y[i], shift[i], shift[!i], &common);
	most = x[0]->n + x[1]->n < y[0]->n + y[1]->n ? x[0]->n + x[1]->n
						     : y[0]->n + y[1]->n;
	if (n == 0 || 2 * n < common || (n < STAMPS_ENOUGH && n < most))
		return;
	pair->stamps = n;
	for (unsigned i = 0; i < 2; i++) {
		if (pair->end[i].shifted || !known[i])
			continue;
		pair->end[i].rel_shift = shift[i];
		pair->end[i].shifted = true;
	}
}

void pair_compare_marks(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++)
		compare_maps(pair, i);
	compare_stamps(pair);
}
