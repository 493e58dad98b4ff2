/* Bytes of a subflow that came before their mapping. */
#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

enum { WAITS_MAX = 256 };	/* segments, or parts of them */

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void drop_waits(struct mapping_waits *w, uint32_t n)
{
	w->n -= n;
	memmove(w->at, w->at + n, w->n * sizeof(*w->at));
}

/* Of many that wait, those that follow each other become one, or the older go. */
static void shrink_waits(struct mapping_waits *w)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < w->n; i++) {
		struct mapping_wait *last = &w->at[n];

		if (last->bytes.to == w->at[i].bytes.from) {
			last->bytes.to = w->at[i].bytes.to;
			last->pkt = 0;
		} else {
			w->at[++n] = w->at[i];
		}
	}
	w->n = n + 1;
	if (w->n > WAITS_MAX / 2)
		drop_waits(w, w->n - WAITS_MAX / 2);
}

void mapping_add_wait(struct mapping *m, const struct mapping_wait *segment,
		      int64_t from, int64_t to)
{
	struct mapping_waits *w = &mapping_more_of(m)->waits;

	if (w->n >= WAITS_MAX)
		shrink_waits(w);
	w->at = mem_grow32(w->at, &w->cap, w->n + 1, sizeof(*w->at));
	w->at[w->n] = *segment;
	w->at[w->n++].bytes = (struct range){ from, to };
	w->end = w->n == 1 ? to : larger(w->end, to);
}

/* Bytes [from, to) that came as `w` are mapped now; `sent` of them were sent before. */
static void hand_on(const struct mapping_wait *w, struct trail_run run,
		    struct ranges *sent, mapping_located *located, void *arg)
{
	while (run.from < run.to) {
		size_t i = ranges_find(sent, run.from);
		const struct range *r = i < sent->n ? &sent->range[i] : NULL;
		struct mapping_wait piece = *w;

		piece.again = r && r->from <= run.from;
		piece.bytes.from = run.from;
		piece.bytes.to = !r ? run.to :
				 smaller(run.to, piece.again ? r->to : r->from);
		ranges_add(sent, piece.bytes.from, piece.bytes.to);
		located(arg, run.from, seq_plus(run.from, run.value),
			piece.bytes.to - run.from, &piece);
		run.from = piece.bytes.to;
	}
}

/* Keep of `w` what is not mapped by `run`. */
static void keep_rest(struct mapping_wait **at, const struct mapping_wait *w,
		      struct trail_run run)
{
	struct mapping_wait old = *w;

	if (old.bytes.from < run.from) {
		*(*at) = old;
		(*at)++->bytes.to = smaller(old.bytes.to, run.from);
	}
	if (old.bytes.to > run.to) {
		*(*at) = old;
		(*at)++->bytes.from = larger(old.bytes.from, run.to);
	}
}

void mapping_locate_waiting(struct mapping *m, struct trail_run run,
			    mapping_located *located, void *arg)
{
	struct mapping_waits *w = &m->more->waits;
	struct mapping_wait *old = w->at, *end = old + w->n, *at;
	struct ranges sent = { 0 };

	w->cap = 2 * w->n;	/* each may leave two */
	w->at = at = mem_resize(NULL, w->cap * sizeof(*at));
	for (const struct mapping_wait *x = old; x < end; x++) {
		struct trail_run part = {
			larger(run.from, x->bytes.from),
			smaller(run.to, x->bytes.to), run.value
		};

		keep_rest(&at, x, run);
		if (located && part.from < part.to)
			hand_on(x, part, &sent, located, arg);
	}
	w->n = (uint32_t)(at - w->at);
	if (w->n > WAITS_MAX)
		drop_waits(w, w->n - WAITS_MAX);
	mapping_tidy(m);
	ranges_free(&sent);
	free(old);
}
