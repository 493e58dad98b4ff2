/* What of acknowledged data is remembered by segment, and how often data was sent again. */
#include "ledger.h"

#include "seq.h"

enum { COUNTS_MAX = 1 << 16 };

/* Data that was sent again n times. */
struct ledger_count {
	struct range data;
	uint32_t n;
};

void ledger_history_init(struct ledger *l)
{
	l->history = (struct runs){ .size = sizeof(struct ledger_run), .first = 4 };
	l->copies = (struct runs){ .size = sizeof(struct ledger_count), .first = 4 };
	l->counted = -SEQ_SANE;
}

/* Copies below are counted no longer. */
static void forget_counts(struct ledger *l, int64_t below)
{
	size_t n = runs_find(&l->copies, below);

	if (n)
		runs_drop(&l->copies, n);
	if (l->counted < below)
		l->counted = below;
}

void ledger_keep(struct ledger *l, const struct ledger_run *run, int64_t from,
		 int64_t to)
{
	size_t i = runs_find(&l->history, from);
	struct ledger_run *last = i ? runs_at(&l->history, i - 1) : NULL;

	if (!run->pkt)
		return;
	if (last && last->data.to == from && last->pkt == run->pkt &&
	    last->shift == run->shift) {
		last->data.to = to;
		return;
	}
	last = runs_insert(&l->history, i);
	*last = *run;
	last->data = (struct range){ from, to };
	if (l->history.n > l->keep) {
		last = runs_at(&l->history, 0);
		forget_counts(l, last->data.to);
		runs_drop(&l->history, 1);
	}
}

static struct ledger_count *count_at(const struct ledger *l, size_t i)
{
	return i < l->copies.n ? runs_at(&l->copies, i) : NULL;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How often the data from `from` on was sent again; *end comes down to where that changes. */
static uint32_t times(const struct ledger *l, int64_t from, int64_t *end)
{
	size_t i = runs_find(&l->copies, from);
	const struct ledger_count *c = count_at(l, i);
	int64_t to;
	uint32_t n;

	if (!c || c->data.from > from) {
		*end = c ? smaller(*end, c->data.from) : *end;
		return 0;
	}
	for (to = c->data.to, n = c->n; to < *end; to = c->data.to) {
		c = count_at(l, ++i);
		if (!c || c->data.from > to || c->n != n)
			break;
	}
	*end = smaller(*end, to);
	return n;
}

uint32_t ledger_count(const struct ledger *l, int64_t from, int64_t *end)
{
	if (from < l->counted) {
		if (*end > l->counted)
			*end = l->counted;
		return 0;
	}
	return times(l, from, end) + 1;
}

static void insert_count(struct ledger *l, size_t i, int64_t from, int64_t to, uint32_t n)
{
	struct ledger_count *c = runs_insert(&l->copies, i);

	*c = (struct ledger_count){ { from, to }, n };
}

/* [from, to) is in the i-th: what is beside it keeps its number. */
static void raise_count(struct ledger *l, size_t i, int64_t from, int64_t to, uint32_t n)
{
	struct ledger_count c = *count_at(l, i);

	if (c.data.to > to)
		insert_count(l, i + 1, to, c.data.to, c.n);
	if (c.data.from < from)
		insert_count(l, i++, c.data.from, from, c.n);
	*count_at(l, i) = (struct ledger_count){ { from, to }, c.n + n };
}

void ledger_add_count(struct ledger *l, int64_t from, int64_t to, uint32_t n)
{
	for (int64_t end; from >= l->counted && from < to; from = end) {
		size_t i = runs_find(&l->copies, from);
		const struct ledger_count *c = count_at(l, i);

		if (!c || c->data.from > from) {
			end = c ? smaller(to, c->data.from) : to;
			insert_count(l, i, from, end, n);
		} else {
			end = smaller(to, c->data.to);
			raise_count(l, i, from, end, n);
		}
		if (l->copies.n > COUNTS_MAX)
			forget_counts(l, count_at(l, 0)->data.to);
	}
}
/* Of data that `into` has not seen. */
void ledger_history_merge(struct ledger *into, const struct ledger *from, uint32_t sf_by)
{
	for (size_t i = 0; into->keep && i < from->history.n; i++) {
		struct ledger_run run = *(struct ledger_run *)runs_at(&from->history, i);
		bool known;

		run.sf += sf_by;
		for (int64_t at = run.data.from, end; at < run.data.to; at = end) {
			end = seen_piece(&into->seen, at, run.data.to, &known);
			if (!known)
				ledger_keep(into, &run, at, end);
		}
	}
	for (size_t i = 0; i < from->copies.n; i++) {
		const struct ledger_count *c = count_at(from, i);

		ledger_add_count(into, c->data.from, c->data.to, c->n);
	}
}

/* Subflow bytes stay what they are. */
static void renumber_shifts(struct runs *r, int64_t by)
{
	for (size_t i = 0; i < r->n; i++) {
		struct ledger_run *run = runs_at(r, i);

		run->shift = seq_minus(run->shift, by);
	}
}

void ledger_history_renumber(struct ledger *l, int64_t by)
{
	runs_shift(&l->history, by);
	runs_shift(&l->copies, by);
	l->counted = seq_plus(l->counted, by);
	renumber_shifts(&l->runs, by);
	renumber_shifts(&l->history, by);
}
