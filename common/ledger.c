#include "ledger.h"

#include "seq.h"
#include "spread.h"

/* Runs in flight, and few as long as no data ACK was seen: there may be none. */
enum { RUNS_MAX = 1 << 16, RUNS_UNSEEN_MAX = 256, PAST_MAX = 64 };

void ledger_init(struct ledger *l, bool has_ack, uint32_t keep)
{
	*l = (struct ledger){
		.has_ack = has_ack,
		.history = keep ? ledger_history_new(keep) : NULL,
		.runs = { .size = sizeof(struct ledger_run), .first = 4 },
		.past = { .size = sizeof(struct ledger_run), .first = 1 },
	};
}

void ledger_free(struct ledger *l)
{
	seen_free(&l->seen);
	runs_free(&l->runs);
	runs_free(&l->past);
	ledger_history_free(l->history);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Remember on which stream acknowledged data came. */
static void add_past(struct ledger *l, int64_t from, int64_t to, uint32_t stream)
{
	size_t i = runs_find(&l->past, from);
	struct ledger_run *run = i ? runs_at(&l->past, i - 1) : NULL;

	if (run && run->data.to == from && run->stream == stream) {
		run->data.to = to;
		return;
	}
	run = runs_insert(&l->past, i);
	*run = (struct ledger_run){ .data = { from, to }, .stream = stream };
	if (l->past.n > PAST_MAX)
		runs_drop(&l->past, PAST_MAX / 2);
}

/* Data [from, to) of a run is acknowledged, or there are too many runs. */
static void put_by(struct ledger *l, const struct ledger_run *run,
		   int64_t from, int64_t to)
{
	add_past(l, from, to, run->stream);
	if (l->history)
		ledger_keep(l->history, run, from, to);
}

static void add_run(struct ledger *l, const struct ledger_run *run,
		    int64_t from, int64_t to)
{
	struct ledger_run *new;
	size_t i;

	if (l->has_ack && from < l->acked) {
		int64_t end = to < l->acked ? to : l->acked;

		put_by(l, run, from, end);
		from = end;
	}
	if (from >= to)
		return;
	i = from >= l->seen.to ? l->runs.n : runs_find(&l->runs, from);
	new = i ? runs_at(&l->runs, i - 1) : NULL;
	if (new && new->data.to == from && run->pkt && new->pkt == run->pkt &&
	    new->shift == run->shift) {
		new->data.to = to;
		return;
	}
	new = runs_insert(&l->runs, i);
	*new = *run;
	new->data = (struct range){ from, to };
	if (l->runs.n > (l->has_ack ? RUNS_MAX : RUNS_UNSEEN_MAX)) {
		new = runs_at(&l->runs, 0);
		put_by(l, new, new->data.from, new->data.to);
		runs_drop(&l->runs, 1);
	}
}

/* The run that the data at `at` is in, or NULL; *end comes down to where that changes. */
static const struct ledger_run *find_run(const struct runs *r, int64_t at, int64_t *end)
{
	size_t i = runs_find(r, at);
	const struct ledger_run *run = i < r->n ? runs_at(r, i) : NULL;
	bool in = run && run->data.from <= at;

	if (run && *end > (in ? run->data.to : run->data.from))
		*end = in ? run->data.to : run->data.from;
	return in ? run : NULL;
}

static const struct ledger_run *find_first(const struct ledger *l, int64_t at,
					   int64_t *end)
{
	const struct ledger_run *run = NULL;

	if (l->history)
		run = find_run(&l->history->runs, at, end);
	if (!run)
		run = find_run(&l->past, at, end);
	return run ? run : find_run(&l->runs, at, end);
}

/* [from, to) was seen before; hand it on by who sent it first. */
static void repeat(struct ledger *l, int64_t from, int64_t to,
		   ledger_again *again, void *arg)
{
	for (int64_t end; from < to; from = end) {
		struct ledger_copy copy = { .acked = l->has_ack && from < l->acked };

		end = copy.acked && to > l->acked ? l->acked : to;
		copy.first = find_first(l, from, &end);
		if (l->history)
			copy.count = ledger_count(l->history, from, &end);
		copy.data = (struct range){ from, end };
		again(arg, &copy);
		if (l->history)
			ledger_add_count(l->history, from, end, 1);
	}
}

/* Where data that was not seen would hold back what is behind it. */
static int64_t waiting_from(const struct ledger *l)
{
	return larger(l->acked, 0);
}

/* Gaps in [from, to) that `missing` counts. */
static uint64_t open_gaps(const struct ledger *l, int64_t from, int64_t to)
{
	from = larger(from, waiting_from(l));
	return from < to ? ranges_count(&l->seen.gaps, from, to) : 0;
}

/* The same as seen_add(), with `missing` kept in step. */
static uint64_t mark_seen(struct ledger *l, int64_t from, int64_t to)
{
	size_t gaps = l->seen.gaps.n;
	int64_t end = l->seen.to;
	uint64_t fresh;

	l->missing -= open_gaps(l, from, to);
	fresh = seen_add(&l->seen, from, to);
	if (l->has_ack)
		seen_settle(&l->seen, l->acked);
	if (from < end)
		return fresh;
	if (l->seen.gaps.n > gaps)
		l->missing += open_gaps(l, end, from);
	else	/* the lowest were forgotten */
		l->missing = open_gaps(l, 0, l->seen.to);
	return fresh;
}

uint64_t ledger_send(struct ledger *l, const struct ledger_run *run,
		     ledger_again *again, void *arg)
{
	int64_t from = run->data.from, to = run->data.to;

	if (from == l->seen.to) {
		add_run(l, run, from, to);
		return seen_add(&l->seen, from, to);
	}
	for (int64_t at = from, end; at < to; at = end) {
		bool known;

		end = seen_piece(&l->seen, at, to, &known);
		if (known)
			repeat(l, at, end, again, arg);
		else
			add_run(l, run, at, end);
	}
	return mark_seen(l, from, to);
}

void ledger_ack(struct ledger *l, int64_t dack, int64_t now_ns,
		struct spread *delays)
{
	struct ledger_run *run;
	size_t k = 0;

	if (l->has_ack && dack <= l->acked)
		return;
	if (l->seen.gaps.n)
		l->missing -= open_gaps(l, l->acked, dack);
	l->acked = dack;
	l->has_ack = true;
	while (k < l->runs.n && (run = runs_at(&l->runs, k))->data.from < dack) {
		int64_t end = run->data.to < dack ? run->data.to : dack;

		spread_add_time(delays, run->time_ns, now_ns,
				(uint64_t)(end - run->data.from));
		put_by(l, run, run->data.from, end);
		run->data.from = end;
		if (end < run->data.to)
			break;
		k++;
	}
	runs_drop(&l->runs, k);
}

void ledger_lower_floor(struct ledger *l, int64_t dack)
{
	if (dack < l->floor)
		l->floor = dack;
}

uint64_t ledger_acked(const struct ledger *l, int64_t from, int64_t to)
{
	if (!l->has_ack || l->acked <= from)
		return 0;
	return (uint64_t)((to < l->acked ? to : l->acked) - from);
}

uint64_t ledger_beyond_gaps(const struct ledger *l)
{
	const struct ranges *gaps = &l->seen.gaps;
	size_t i;

	i = ranges_find(gaps, waiting_from(l));
	if (i == gaps->n)
		return 0;
	return (uint64_t)(l->seen.to - larger(gaps->range[i].from, waiting_from(l))) -
	       l->missing;
}

uint64_t ledger_bytes(const struct ledger *l, bool has_fin, int64_t fin)
{
	const struct ranges *gaps = &l->seen.gaps;
	uint64_t n = seen_count(&l->seen);

	if (l->has_ack && l->acked > l->floor) {
		n += seen_missing(&l->seen, l->floor, l->acked);
		if (!gaps->n || gaps->range[0].from <= l->acked)
			n += l->seen.lost;	/* below all gaps that are known */
	}
	if (has_fin && (seen_missing(&l->seen, fin, fin + 1) == 0 ||
			(l->has_ack && fin >= l->floor && fin < l->acked)))
		n--;
	return n;
}

void ledger_renumber(struct ledger *l, int64_t by)
{
	seen_shift(&l->seen, by);
	runs_shift(&l->runs, by);
	runs_shift(&l->past, by);
	ledger_renumber_shifts(&l->runs, by);
	if (l->history)
		ledger_history_renumber(l->history, by);
	if (l->has_ack)
		l->acked = seq_plus(l->acked, by);
	l->floor = 0;
	l->missing = open_gaps(l, l->acked, l->seen.to);
}

/* Who sent what, of the data that `into` has not seen. */
static void merge_runs(struct ledger *into, const struct runs *from, uint32_t sf_by)
{
	for (size_t i = 0; i < from->n; i++) {
		struct ledger_run run = *(struct ledger_run *)runs_at(from, i);
		bool known;

		run.sf += sf_by;
		for (int64_t at = run.data.from, end; at < run.data.to; at = end) {
			end = seen_piece(&into->seen, at, run.data.to, &known);
			if (!known)
				add_run(into, &run, at, end);
		}
	}
}

void ledger_merge(struct ledger *into, const struct ledger *from, uint32_t sf_by)
{
	struct spread none = { 0 };

	if (from->has_ack)
		ledger_ack(into, from->acked, 0, &none);
	if (into->history && from->history)
		ledger_history_merge(into, from->history, sf_by);
	merge_runs(into, &from->past, sf_by);
	merge_runs(into, &from->runs, sf_by);
	for (int64_t at = from->seen.from, end; at < from->seen.to; at = end) {
		bool known;

		end = seen_piece(&from->seen, at, from->seen.to, &known);
		if (known)
			seen_add(&into->seen, at, end);
	}
	into->missing = open_gaps(into, into->acked, into->seen.to);
}
