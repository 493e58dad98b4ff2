/* How ledgers begin and end, and what few of them have. */
#include "ledger.h"

#include <stdlib.h>

#include "budget.h"
#include "mem.h"

const struct ledger_more ledger_no_more = { .history = NULL };

struct ledger_more *ledger_more_of(struct ledger *l)
{
	if (!l->more)
		l->more = mem_zero(sizeof(*l->more));
	return l->more;
}

void ledger_init(struct ledger *l, bool has_ack, uint32_t keep)
{
	*l = (struct ledger){ .has_ack = has_ack };
	if (keep)
		ledger_more_of(l)->history = ledger_history_new(keep);
}

void ledger_free(struct ledger *l)
{
	seen_free(&l->seen);
	runs_free(&l->runs);
	trail_free(&l->past);
	ledger_history_free(ledger_more(l)->history);
	free(l->more);
}

void ledger_set_missing(struct ledger *l, uint64_t n)
{
	if (n != ledger_more(l)->missing)
		ledger_more_of(l)->missing = n;
}

uint64_t ledger_weight(const struct ledger *l)
{
	const struct ledger_history *h = ledger_more(l)->history;
	uint64_t n = seen_weight(&l->seen) + runs_weight(&l->runs) +
		     trail_weight(&l->past) + (l->more ? sizeof(*l->more) : 0) +
		     (l->full ? BUDGET_FULL : 0);

	if (h)
		n += sizeof(*h) + runs_weight(&h->runs) + runs_weight(&h->copies);
	return n;
}
