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

/* The one that `at` is in, or NULL; *end comes down to where that changes. */
static struct ledger_count *find_count(const struct ledger *l, int64_t at, int64_t *end)
{
	size_t i = runs_find(&l->copies, at);
	struct ledger_count *c = i < l->copies.n ? runs_at(&l->copies, i) : NULL;
	bool in = c && c->data.from <= at;

	if (c && *end > (in ? c->data.to : c->data.from))
		*end = in ? c->data.to : c->data.from;
	return in ? c : NULL;
}

uint32_t ledger_count(const struct ledger *l, int64_t from, int64_t *end)
{
	const struct ledger_count *c;

	if (from < l->counted) {
		if (*end > l->counted)
			*end = l->counted;
		return 0;
	}
	c = find_count(l, from, end);
	return c ? c->n + 1 : 1;
}

/* Room for one of [from, to) before the i-th. */
static void insert_count(struct ledger *l, size_t i, int64_t from, int64_t to, uint32_t n)
{
	struct ledger_count *c = runs_insert(&l->copies, i);

	*c = (struct ledger_count){ { from, to }, n };
}

void ledger_add_count(struct ledger *l, int64_t from, int64_t to, uint32_t n)
{
	size_t i = runs_find(&l->copies, from);
	struct ledger_count c = { { to, to }, 0 };

	if (from < l->counted)
		return;
	if (i < l->copies.n)
		c = *(struct ledger_count *)runs_at(&l->copies, i);
	if (c.data.from >= to) {
		insert_count(l, i, from, to, n);
	} else {
		/* [from, to) is in it: what is beside keeps its number */
		if (c.data.to > to)
			insert_count(l, i + 1, to, c.data.to, c.n);
		if (c.data.from < from)
			insert_count(l, i++, c.data.from, from, c.n);
		*(struct ledger_count *)runs_at(&l->copies, i) =
			(struct ledger_count){ { from, to }, c.n + n };
	}
	if (l->copies.n > COUNTS_MAX)
		forget_counts(l, ((struct range *)runs_at(&l->copies, 0))->to);
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
		const struct ledger_count *c = runs_at(&from->copies, i);

		for (int64_t at = c->data.from, end; at < c->data.to; at = end) {
			end = c->data.to;
			find_count(into, at, &end);
			ledger_add_count(into, at, end, c->n);
		}
	}
}

void ledger_history_renumber(struct ledger *l, int64_t by)
{
	runs_shift(&l->history, by);
	runs_shift(&l->copies, by);
	l->counted = seq_plus(l->counted, by);
	for (size_t i = 0; i < l->history.n; i++) {
		struct ledger_run *run = runs_at(&l->history, i);

		run->shift = seq_minus(run->shift, by);
	}
}
