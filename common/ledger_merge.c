/* Data that proves to be numbered otherwise, or to be that of another connection. */
#include "ledger.h"
#include "seq.h"

void ledger_renumber(struct ledger *l, int64_t by)
{
	seen_shift(&l->seen, by);
	runs_shift(&l->runs, by);
	trail_shift(&l->past, by);
	ledger_renumber_shifts(&l->runs, by);
	if (ledger_more(l)->history)
		ledger_history_renumber(l->more->history, by);
	if (l->has_ack)
		l->acked = seq_plus(l->acked, by);
	if (l->more)
		l->more->floor = 0;
	ledger_set_missing(l, ledger_open_gaps(l, l->acked, l->seen.to));
}

/* Who sent what, of the data that `into` has not seen. */
static void merge_run(struct ledger *into, const struct ledger_run *run)
{
	for (int64_t at = run->data.from, end; at < run->data.to; at = end) {
		bool known;

		end = seen_piece(&into->seen, at, run->data.to, &known);
		if (!known)
			ledger_add_run(into, run, at, end);
	}
}

static void merge_runs(struct ledger *into, const struct ledger *from, uint32_t sf_by)
{
	struct trail_run past[LEDGER_PAST_MAX];
	size_t n = trail_n(&from->past);

	trail_list(&from->past, past);
	for (size_t i = 0; i < n; i++) {
		struct ledger_run run = { .data = { past[i].from, past[i].to },
					  .stream = (uint32_t)past[i].value };

		merge_run(into, &run);
	}
	for (size_t i = 0; i < runs_n(&from->runs); i++) {
		struct ledger_run run = *(struct ledger_run *)runs_at(&from->runs, i);

		run.sf += sf_by;
		merge_run(into, &run);
	}
}

void ledger_merge(struct ledger *into, const struct ledger *from, uint32_t sf_by)
{
	if (from->has_ack)
		ledger_ack(into, from->acked, 0, NULL);
	if (ledger_more(into)->history && ledger_more(from)->history)
		ledger_history_merge(into, from->more->history, sf_by);
	merge_runs(into, from, sf_by);
	if (!into->has_newest)
		into->newest = from->newest;
	into->has_newest |= from->has_newest;
	for (int64_t at = seen_from(&from->seen), end; at < from->seen.to; at = end) {
		bool known;

		end = seen_piece(&from->seen, at, from->seen.to, &known);
		if (known)
			seen_add(&into->seen, at, end);
	}
	ledger_set_missing(into, ledger_open_gaps(into, into->acked, into->seen.to));
}
