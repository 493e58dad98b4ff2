/* What of acknowledged data is remembered by segment, and how often data was sent again. */
#include "ledger.h"

#include <stdlib.h>

#include "mem.h"
#include "seq.h"

enum { COUNTS_MAX = 1 << 16 };

/* Data that was sent again n times. */
struct ledger_count {
	struct range data;
	uint32_t n;
};

struct ledger_history *ledger_history_new(uint32_t keep)
{
	struct ledger_history *h = mem_resize(NULL, sizeof(*h));

	*h = (struct ledger_history){
		.counted = -SEQ_SANE, .keep = keep,
	};
	return h;
}

void ledger_history_free(struct ledger_history *h)
{
	if (!h)
		return;
	runs_free(&h->runs);
	runs_free(&h->copies);
	free(h);
}

/* Copies below are counted no longer. */
static void forget_counts(struct ledger_history *h, int64_t below)
{
	size_t n = runs_find(&h->copies, below);

	if (n)
		runs_drop(&h->copies, n);
	if (h->counted < below)
		h->counted = below;
}

/*
 * Make room for data up to `to`, which is the i-th: the lowest is forgotten. False
 * if that is what there was to be room for.
 */
static bool drop_lowest(struct ledger_history *h, size_t *i, int64_t to)
{
	const struct ledger_run *lowest;

	if (*i == 0) {
		forget_counts(h, to);
		return false;
	}
	lowest = runs_at(&h->runs, 0);
	forget_counts(h, lowest->data.to);
	runs_drop(&h->runs, 1);
	--*i;
	return true;
}

void ledger_keep(struct ledger_history *h, const struct ledger_run *run, int64_t from,
		 int64_t to)
{
	size_t i = runs_find(&h->runs, from);
	struct ledger_run *last = i ? runs_at(&h->runs, i - 1) : NULL;

	if (!run->pkt)
		return;
	if (last && last->data.to == from && last->pkt == run->pkt &&
	    last->shift == run->shift) {
		last->data.to = to;
		return;
	}
	if (runs_n(&h->runs) >= h->keep && !drop_lowest(h, &i, to))
		return;
	last = runs_insert(&h->runs, i, sizeof(*last), h->keep < 4 ? h->keep : 4);
	*last = *run;
	last->data = (struct range){ from, to };
}

static struct ledger_count *count_at(const struct ledger_history *h, size_t i)
{
	return i < runs_n(&h->copies) ? runs_at(&h->copies, i) : NULL;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How often the data from `from` on was sent again; *end comes down to where that changes. */
static uint32_t times(const struct ledger_history *h, int64_t from, int64_t *end)
{
	size_t i = runs_find(&h->copies, from);
	const struct ledger_count *c = count_at(h, i);
	int64_t to;
	uint32_t n;

	if (!c || c->data.from > from) {
		*end = c ? smaller(*end, c->data.from) : *end;
		return 0;
	}
	for (to = c->data.to, n = c->n; to < *end; to = c->data.to) {
		c = count_at(h, ++i);
		if (!c || c->data.from > to || c->n != n)
			break;
	}
	*end = smaller(*end, to);
	return n;
}

uint32_t ledger_count(const struct ledger_history *h, int64_t from, int64_t *end)
{
	if (from < h->counted) {
		if (*end > h->counted)
			*end = h->counted;
		return 0;
	}
	return times(h, from, end) + 1;
}

static void insert_count(struct ledger_history *h, size_t i, int64_t from, int64_t to, uint32_t n)
{
	struct ledger_count *c = runs_insert(&h->copies, i, sizeof(*c), 4);

	*c = (struct ledger_count){ { from, to }, n };
}

/* [from, to) is in the i-th: what is beside it keeps its number. */
static void raise_count(struct ledger_history *h, size_t i, int64_t from, int64_t to, uint32_t n)
{
	struct ledger_count c = *count_at(h, i);

	if (c.data.to > to)
		insert_count(h, i + 1, to, c.data.to, c.n);
	if (c.data.from < from)
		insert_count(h, i++, c.data.from, from, c.n);
	*count_at(h, i) = (struct ledger_count){ { from, to }, c.n + n };
}

void ledger_add_count(struct ledger_history *h, int64_t from, int64_t to, uint32_t n)
{
	for (int64_t end; from >= h->counted && from < to; from = end) {
		size_t i = runs_find(&h->copies, from);
		const struct ledger_count *c = count_at(h, i);

		if (!c || c->data.from > from) {
			end = c ? smaller(to, c->data.from) : to;
			insert_count(h, i, from, end, n);
		} else {
			end = smaller(to, c->data.to);
			raise_count(h, i, from, end, n);
		}
		if (runs_n(&h->copies) > COUNTS_MAX)
			forget_counts(h, count_at(h, 0)->data.to);
	}
}

/* Of data that `into` has not seen. */
void ledger_history_merge(struct ledger *into, const struct ledger_history *from,
			  uint32_t sf_by)
{
	for (size_t i = 0; i < runs_n(&from->runs); i++) {
		struct ledger_run run = *(struct ledger_run *)runs_at(&from->runs, i);
		bool known;

		run.sf += sf_by;
		for (int64_t at = run.data.from, end; at < run.data.to; at = end) {
			end = seen_piece(&into->seen, at, run.data.to, &known);
			if (!known)
				ledger_keep(into->more->history, &run, at, end);
		}
	}
	for (size_t i = 0; i < runs_n(&from->copies); i++) {
		const struct ledger_count *c = count_at(from, i);

		ledger_add_count(into->more->history, c->data.from, c->data.to, c->n);
	}
}

void ledger_renumber_shifts(struct runs *r, int64_t by)
{
	for (size_t i = 0; i < runs_n(r); i++) {
		struct ledger_run *run = runs_at(r, i);

		run->shift = seq_minus(run->shift, by);
	}
}

void ledger_history_renumber(struct ledger_history *h, int64_t by)
{
	runs_shift(&h->runs, by);
	runs_shift(&h->copies, by);
	h->counted = seq_plus(h->counted, by);
	ledger_renumber_shifts(&h->runs, by);
}
