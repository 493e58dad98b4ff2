#include "pairing.h"

#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "mem.h"
#include "segment.h"
#include "stream.h"

enum {
	SURE_AFTER = 64,	/* segments, if addresses and time are all there is */
	REFRESH_EVERY = 16,	/* segments, as long as a shift is not known */
	SORT_BYTES = 2 * sizeof(void *)	/* that qsort() may take for each pair */
};

void pairing_init(struct pairing *p, bool live)
{
	*p = (struct pairing){ .live = live };
	for (unsigned i = 0; i < 2; i++)
		pairing_index_init(&p->index[i]);
}

static void divorce(struct pairing *p, struct print *print)
{
	struct pair *pair = print->pair;

	if (!pair)
		return;
	pair->a->pair = pair->b->pair = NULL;
	if (p->live)
		free(pair);
}

void pairing_free(struct pairing *p)
{
	for (struct print *x = p->prints[PAIR_A].first; x; x = x->next)
		divorce(p, x);
	for (unsigned i = 0; i < 2; i++) {
		pairing_index_free(&p->index[i]);
		prints_free(&p->prints[i]);
	}
	free(p->pair);
}

void pairing_limit(struct pairing *p, const struct budget *b)
{
	for (unsigned i = 0; i < 2; i++)
		p->prints[i].most = budget_part(b, PARTS_PRINTS).limit;
	p->most = budget_part(b, PARTS_PAIRS).limit / (sizeof(*p->pair) + SORT_BYTES);
}

void pairing_tell(const struct pairing *p, struct budget *b)
{
	budget_gave_up(b, p->prints[0].dropped + p->prints[1].dropped, 0);
}

static bool compare_from(unsigned which, struct print *print, struct print *other,
			 struct pair *pair)
{
	return which == PAIR_A ? pair_compare(print, other, pair)
			       : pair_compare(other, print, pair);
}

/* Enough to decide on before all was seen. */
static bool is_sure(const struct pair *pair)
{
	if (!pair->sufficient)
		return false;
	return pair->evidence & ~(uint32_t)(SAME_TIME | SAME_ENDPOINT | SAME_ADDR) ||
	       (pair->a->segments >= SURE_AFTER && pair->b->segments >= SURE_AFTER);
}

/* Like pair_better(), but 0 where nothing that the streams show tells. */
static int compare_pairs(const struct pair *x, const struct pair *y)
{
	uint32_t m = x->evidence, n = y->evidence;

	if (m == n) {
		m = pair_marks(x);
		n = pair_marks(y);
	}
	return (m > n) - (m < n);
}

/* Look for the match of a print, by what both captures showed so far. */
static void try(struct pairing *p, unsigned which, struct print *print)
{
	struct print *candidate[CANDIDATES_MAX];
	struct pair best, pair;
	size_t n = pairing_candidates(p, !which, print, candidate);
	bool found = false, doubt = false;

	for (size_t i = 0; i < n; i++) {
		int better;

		if (candidate[i]->pair ||
		    !compare_from(which, print, candidate[i], &pair) ||
		    !pair.sufficient)
			continue;
		better = found ? compare_pairs(&pair, &best) : 1;
		if (better > 0)
			best = pair;
		doubt = better == 0 || (doubt && better < 0);
		found = true;
	}
	if (!found || doubt || !is_sure(&best))
		return;
	best.won = true;
	best.a->pair = best.b->pair = mem_zero(sizeof(best));
	*best.a->pair = best;
}

/* More is known of a pair, but it stays one. */
static void refresh(struct pair *pair)
{
	struct pair now;

	if (!pair_compare(pair->a, pair->b, &now) || now.cross != pair->cross)
		return;
	now.won = true;
	*pair = now;
}

/* Whether it is time to look whether marks tell by now how numbers are shifted. */
static bool lacks_shift(const struct print *print)
{
	const struct pair *pair = print->pair;

	return pair && print->segments % REFRESH_EVERY == 0 &&
	       !(pair->end[0].shifted && pair->end[1].shifted);
}

struct print *pairing_observe(struct pairing *p, unsigned which,
			      struct stream *s, struct segment *seg)
{
	struct print *print = prints_observe(&p->prints[which], s, seg);

	if (!p->live || (!print->news && !lacks_shift(print)))
		return print;
	print->news = false;
	if (print->pair) {
		refresh(print->pair);
		return print;
	}
	pairing_index(p, which, print);
	try(p, which, print);
	return print;
}

void pairing_forget(struct pairing *p, unsigned which, struct stream *s)
{
	struct print *print = prints_forget(s);

	if (!print || !p->live)
		return;
	divorce(p, print);
	pairing_unindex(p, which, print);
	prints_drop(&p->prints[which], print);
}

void pairing_end(struct pairing *p, unsigned which)
{
	prints_update(&p->prints[which]);
}

static int best_first(const void *x, const void *y)
{
	return pair_better(y, x) - pair_better(x, y);
}

/* Room for n more; never for half as many more than there can be. */
static struct pair *room(struct pairing *p, size_t n)
{
	size_t need = p->n + n, all = p->prints[0].n + p->prints[1].n + CANDIDATES_MAX;

	if (need > p->cap) {
		p->cap = mem_more(p->cap, need, sizeof(*p->pair));
		all = p->most > all ? (size_t)p->most : all;
		if (p->most && p->cap > all)
			p->cap = need > all ? need : all;
		p->pair = mem_resize(p->pair, p->cap * sizeof(*p->pair));
	}
	return p->pair + p->n;
}

/*
 * Pairs of a print with those of the other capture that it shares something with:
 * all, unless so many prints are there that the best have to do.
 */
static void collect(struct pairing *p, unsigned which, struct print *print)
{
	uint64_t most = p->most ? p->most / (p->prints[0].n + p->prints[1].n) : UINT64_MAX;
	struct print *candidate[CANDIDATES_MAX];
	size_t n = pairing_candidates(p, !which, print, candidate), found = 0;
	struct pair *pair;

	if (!n)
		return;
	pair = room(p, n);
	for (size_t i = 0; i < n; i++)
		found += compare_from(which, print, candidate[i], &pair[found]);
	if (found > most) {
		qsort(pair, found, sizeof(*pair), best_first);
		found = most ? (size_t)most : 1;
	}
	p->n += found;
}

/* Each print looked for what the other capture has, so that most were found twice. */
static void sort(struct pairing *p)
{
	size_t n = 0;

	if (p->n)
		qsort(p->pair, p->n, sizeof(*p->pair), best_first);
	for (size_t i = 0; i < p->n; i++)
		if (!n || p->pair[n - 1].a != p->pair[i].a ||
		    p->pair[n - 1].b != p->pair[i].b)
			p->pair[n++] = p->pair[i];
	p->n = n;
}

void pairing_finish(struct pairing *p)
{
	for (unsigned i = 0; i < 2; i++)
		for (struct print *x = p->prints[i].first; x; x = x->next)
			pairing_index(p, i, x);
	for (unsigned i = 0; i < 2; i++)
		for (struct print *x = p->prints[i].first; x; x = x->next)
			collect(p, i, x);
	sort(p);
	for (size_t i = 0; i < p->n; i++) {
		struct pair *pair = &p->pair[i];

		if (!pair->sufficient || pair->a->pair || pair->b->pair)
			continue;
		pair->won = true;
		pair->a->pair = pair->b->pair = pair;
	}
}
