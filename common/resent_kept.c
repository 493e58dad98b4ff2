/* Connections whose copies wait for their verdicts. */
#include <stdlib.h>

#include "budget.h"
#include "mem.h"
#include "resent.h"

enum { PART = 32 };	/* of the budget, for those that need not wait */

static bool waits(const struct resent_conn *c)
{
	for (size_t i = 0; c->matrix && i < c->matrix->n; i++)
		if (c->matrix->cell[i]->waits)
			return true;
	return false;
}

/* Those that wait stay; they are bounded by what their copies take. */
static void make_room(struct resent_kept *k,
		      void (*tell)(void *arg, const struct resent_conn *), void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++) {
		if (waits(&k->conn[i]))
			k->conn[n++] = k->conn[i];
		else
			resent_end(NULL, &k->conn[i], tell, arg);
	}
	k->n = n;
	k->due = 2 * n;
}

void resent_end(struct resent_kept *k, struct resent_conn *c,
		void (*tell)(void *arg, const struct resent_conn *), void *arg)
{
	if (!k) {
		tell(arg, c);
		resent_free(c);
		return;
	}
	k->conn = mem_grow(k->conn, &k->cap, k->n + 1, sizeof(*k->conn));
	k->conn[k->n++] = *c;
	if (k->n > k->due && k->n > k->budget->limit / PART / sizeof(*k->conn))
		make_room(k, tell, arg);
}

void resent_end_all(struct resent_kept *k,
		    void (*tell)(void *arg, const struct resent_conn *), void *arg)
{
	for (size_t i = 0; i < k->n; i++)
		resent_end(NULL, &k->conn[i], tell, arg);
	free(k->conn);
}
