/* Marks that two prints share, and how far numbers are shifted by them. */
#include "pairing.h"
#include "seq.h"
#include "sketch.h"

enum {
	STAMPS_ENOUGH = 3,	/* that agree, unless there are less */
	STAMPS_LEAD = 2		/* for a shift: the first segment of a stamp may be lost */
};

/*
 * How far what both show is apart: most say the same. The votes are counted
 * as they come (Boyer and Moore, "MJRTY: a fast majority vote algorithm", 1991).
 */
struct votes {
	int64_t most;
	unsigned lead, n;
};

static void vote(struct votes *v, int64_t apart)
{
	v->n++;
	if (v->lead == 0)
		v->most = apart;
	v->lead += v->most == apart ? 1 : -1u;
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
	struct votes v = { 0 };

	for (unsigned i = 0, j = 0; next_common(x, y, &i, &j); i++, j++) {
		pair->maps++;
		if (x->mark[i].seq != MARK_NOWHERE && y->mark[j].seq != MARK_NOWHERE)
			vote(&v, seq_minus(y->mark[j].seq, x->mark[i].seq));
	}
	pair->end[end].rel_shift = v.most;
	pair->end[end].shifted = v.lead;
}

/* How the numbers of both ends are shifted by the stamps of both. */
static void poll(const struct sketch *const x[2], const struct sketch *const y[2],
		 int64_t shift[2], bool known[2])
{
	struct votes votes[2] = { { 0 }, { 0 } };

	for (unsigned end = 0; end < 2; end++) {
		for (unsigned i = 0, j = 0; next_common(x[end], y[end], &i, &j); i++, j++) {
			const struct mark *m = &x[end]->mark[i], *o = &y[end]->mark[j];

			vote(&votes[end], seq_minus(o->seq, m->seq));
			vote(&votes[!end], seq_minus(o->ack, m->ack));
		}
	}
	for (unsigned end = 0; end < 2; end++) {
		shift[end] = votes[end].most;
		known[end] = votes[end].lead >= STAMPS_LEAD;
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
