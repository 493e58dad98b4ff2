#include "ledger.h"

#include <string.h>

#include "seq.h"
#include "spread.h"

/* Runs in flight, and few as long as no data ACK was seen: there may be none. */
enum { RUNS_MAX = 1 << 16, RUNS_UNSEEN_MAX = 256 };

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The same in the midst of what is remembered. */
static void insert_past(struct ledger *l, struct trail_run run)
{
	struct trail_run all[LEDGER_PAST_MAX + 1];
	size_t n = trail_n(&l->past), i = n;

	trail_list(&l->past, all);
	while (i && all[i - 1].to > run.from)
		i--;
	if (i && all[i - 1].to == run.from && all[i - 1].value == run.value) {
		all[i - 1].to = run.to;
	} else {
		memmove(all + i + 1, all + i, (n++ - i) * sizeof(*all));
		all[i] = run;
	}
	trail_set(&l->past, all, n);
}

/* Remember on which stream acknowledged data came. */
static void add_past(struct ledger *l, int64_t from, int64_t to, uint32_t stream)
{
	struct trail_run *top = &l->past.top, run = { from, to, stream };

	if (top->to == from && top->value == stream && top->from < from) {
		top->to = to;
		return;
	}
	if (from >= top->to || !trail_n(&l->past))
		trail_push(&l->past, run);
	else
		insert_past(l, run);
	if (trail_n(&l->past) > LEDGER_PAST_MAX)
		trail_keep(&l->past, LEDGER_PAST_KEPT);
}

/* Data [from, to) of a run is acknowledged, or there are too many runs. */
static void put_by(struct ledger *l, const struct ledger_run *run,
		   int64_t from, int64_t to)
{
	add_past(l, from, to, run->stream);
	if (ledger_more(l)->history)
		ledger_keep(l->more->history, run, from, to);
}

void ledger_add_run(struct ledger *l, const struct ledger_run *run, int64_t from,
		    int64_t to)
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
	i = from >= l->seen.to ? runs_n(&l->runs) : runs_find(&l->runs, from);
	new = i ? runs_at(&l->runs, i - 1) : NULL;
	if (new && new->data.to == from && run->pkt && new->pkt == run->pkt &&
	    new->shift == run->shift) {
		new->data.to = to;
		return;
	}
	new = runs_insert(&l->runs, i, sizeof(*new), 4);
	*new = *run;
	new->data = (struct range){ from, to };
	if (runs_n(&l->runs) > (l->has_ack ? RUNS_MAX : RUNS_UNSEEN_MAX)) {
		new = runs_at(&l->runs, 0);
		put_by(l, new, new->data.from, new->data.to);
		runs_drop(&l->runs, 1);
		l->full |= l->has_ack;
	}
}

/* Whether data at `at` is in a run; *end comes down to where that changes. */
static bool is_in(int64_t from, int64_t to, int64_t at, int64_t *end)
{
	bool in = from <= at;

	if (*end > (in ? to : from))
		*end = in ? to : from;
	return in;
}

/* The run that the data at `at` is in, or NULL; *end as above. */
static const struct ledger_run *find_run(const struct runs *r, int64_t at, int64_t *end)
{
	size_t i = runs_find(r, at);
	const struct ledger_run *run = i < runs_n(r) ? runs_at(r, i) : NULL;

	return run && is_in(run->data.from, run->data.to, at, end) ? run : NULL;
}

/* Where only the stream is remembered, that is put in *old. */
static const struct ledger_run *find_first(const struct ledger *l, int64_t at,
					   int64_t *end, struct ledger_run *old)
{
	const struct ledger_history *history = ledger_more(l)->history;
	const struct ledger_run *run = NULL;
	struct trail_run past;

	if (history)
		run = find_run(&history->runs, at, end);
	if (run)
		return run;
	if (!trail_find(&l->past, at, &past) || !is_in(past.from, past.to, at, end))
		return find_run(&l->runs, at, end);
	*old = (struct ledger_run){ .data = { past.from, past.to }, .stream = (uint32_t)past.value };
	return old;
}

/* [from, to) was seen before; hand it on by who sent it first. */
static void repeat(struct ledger *l, int64_t from, int64_t to,
		   ledger_again *again, void *arg)
{
	struct ledger_history *history = ledger_more(l)->history;

	for (int64_t end; from < to; from = end) {
		struct ledger_copy copy = { .acked = l->has_ack && from < l->acked };
		struct ledger_run old;

		end = copy.acked && to > l->acked ? l->acked : to;
		copy.first = find_first(l, from, &end, &old);
		if (history)
			copy.count = ledger_count(history, from, &end);
		copy.data = (struct range){ from, end };
		again(arg, &copy);
		if (history)
			ledger_add_count(history, from, end, 1);
	}
}

/* Where data that was not seen would hold back what is behind it. */
static int64_t waiting_from(const struct ledger *l)
{
	return larger(l->acked, 0);
}

uint64_t ledger_open_gaps(const struct ledger *l, int64_t from, int64_t to)
{
	from = larger(from, waiting_from(l));
	return from < to ? ranges_count(&seen_rest(&l->seen)->gaps, from, to) : 0;
}

/* The same as seen_add(), with `missing` kept in step. */
static uint64_t mark_seen(struct ledger *l, int64_t from, int64_t to)
{
	size_t gaps = seen_rest(&l->seen)->gaps.n;
	int64_t end = l->seen.to;
	uint64_t fresh, missing = ledger_more(l)->missing - ledger_open_gaps(l, from, to);

	fresh = seen_add(&l->seen, from, to);
	if (l->has_ack)
		seen_settle(&l->seen, l->acked);
	if (from >= end && seen_rest(&l->seen)->gaps.n > gaps)
		missing += ledger_open_gaps(l, end, from);
	else if (from >= end)	/* the lowest were forgotten */
		missing = ledger_open_gaps(l, 0, l->seen.to);
	ledger_set_missing(l, missing);
	return fresh;
}

/* Some of it may have been seen. */
static void send_pieces(struct ledger *l, const struct ledger_run *run,
			ledger_again *again, void *arg)
{
	int64_t to = run->data.to;

	for (int64_t at = run->data.from, end; at < to; at = end) {
		bool known;

		end = seen_piece(&l->seen, at, to, &known);
		if (known)
			repeat(l, at, end, again, arg);
		else
			ledger_add_run(l, run, at, end);
	}
}

uint64_t ledger_send(struct ledger *l, const struct ledger_run *run,
		     ledger_again *again, void *arg)
{
	int64_t from = run->data.from, to = run->data.to;
	uint64_t fresh;

	if (from == l->seen.to) {
		ledger_add_run(l, run, from, to);
		fresh = seen_add(&l->seen, from, to);
	} else {
		send_pieces(l, run, again, arg);
		fresh = mark_seen(l, from, to);
	}
	if (fresh) {
		l->newest = run->stream;
		l->has_newest = true;
	}
	return fresh;
}

void ledger_ack_more(struct ledger *l, int64_t dack, int64_t now_ns,
		     struct spread *delays)
{
	struct ledger_run *run;
	size_t k = 0, n = runs_n(&l->runs);

	if (l->seen.rest)
		ledger_set_missing(l, ledger_more(l)->missing - ledger_open_gaps(l, l->acked, dack));
	l->acked = dack;
	l->has_ack = true;
	while (k < n && (run = runs_at(&l->runs, k))->data.from < dack) {
		int64_t end = run->data.to < dack ? run->data.to : dack;

		if (delays && run->pkt)
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
	if (dack < ledger_more(l)->floor)
		ledger_more_of(l)->floor = dack;
}

uint64_t ledger_acked(const struct ledger *l, int64_t from, int64_t to)
{
	if (!l->has_ack || l->acked <= from)
		return 0;
	return (uint64_t)((to < l->acked ? to : l->acked) - from);
}

uint64_t ledger_beyond_gaps(const struct ledger *l)
{
	const struct ranges *gaps = &seen_rest(&l->seen)->gaps;
	size_t i;

	i = ranges_find(gaps, waiting_from(l));
	if (i == gaps->n)
		return 0;
	return (uint64_t)(l->seen.to - larger(gaps->range[i].from, waiting_from(l))) -
	       ledger_more(l)->missing;
}

uint64_t ledger_bytes(const struct ledger *l, bool has_fin, int64_t fin)
{
	const struct seen_rest *rest = seen_rest(&l->seen);
	uint64_t n = seen_count(&l->seen);
	int64_t floor = ledger_more(l)->floor;

	if (l->has_ack && l->acked > floor) {
		n += seen_missing(&l->seen, floor, l->acked);
		if (!rest->gaps.n || rest->gaps.range[0].from <= l->acked)
			n += rest->lost;	/* below all gaps that are known */
	}
	if (has_fin && (seen_missing(&l->seen, fin, fin + 1) == 0 ||
			(l->has_ack && fin >= floor && fin < l->acked)))
		n--;
	return n;
}
