#include "seen.h"

#include <stdlib.h>

#include "mem.h"
#include "seq.h"

enum { GAPS_MAX = 1 << 14, GAPS_SETTLED_MAX = 64 };

const struct seen_rest seen_whole = { .from = 0 };

void seen_free(struct seen *s)
{
	if (s->rest)
		ranges_free(&s->rest->gaps);
	free(s->rest);
	s->rest = NULL;
}

/* The same, to be changed; tidy() is to follow. */
static struct seen_rest *rest_of(struct seen *s)
{
	if (!s->rest)
		s->rest = mem_zero(sizeof(*s->rest));
	return s->rest;
}

/* No memory for what says nothing. */
static void tidy(struct seen *s)
{
	if (s->rest && !s->rest->from && !s->rest->gaps.n && !s->rest->lost)
		seen_free(s);
}

void seen_start(struct seen *s, int64_t at)
{
	s->to = at;
	rest_of(s)->from = at;
	tidy(s);
}

/* The first n gaps are known no longer. */
static void forget_gaps(struct seen_rest *r, size_t n)
{
	r->lost += ranges_remove(&r->gaps, r->gaps.range[0].from,
				 r->gaps.range[n - 1].to);
}

static void add_gap(struct seen_rest *r, int64_t from, int64_t to)
{
	ranges_add(&r->gaps, from, to);
	if (r->gaps.n <= GAPS_MAX)
		return;
	forget_gaps(r, GAPS_MAX / 2);
	r->full = true;
}

void seen_settle(struct seen *s, int64_t acked)
{
	size_t n;

	if (seen_rest(s)->gaps.n <= GAPS_SETTLED_MAX)
		return;
	n = ranges_find(&s->rest->gaps, acked);
	if (n > GAPS_SETTLED_MAX)
		forget_gaps(s->rest, n - GAPS_SETTLED_MAX / 2);
}

/* What of it is below the end of the stretch may fill gaps, or be below all. */
static uint64_t add_low(struct seen *s, int64_t from, int64_t to)
{
	struct seen_rest *r;
	uint64_t fresh;

	if (!s->rest && from >= 0)
		return 0;
	r = rest_of(s);
	fresh = r->gaps.n ? ranges_remove(&r->gaps, from, to) : 0;
	if (from < r->from) {
		int64_t end = to < r->from ? to : r->from;

		fresh += (uint64_t)(end - from);
		add_gap(r, end, r->from);
		r->from = from;
	}
	tidy(s);
	return fresh;
}

uint64_t seen_add_any(struct seen *s, int64_t from, int64_t to)
{
	uint64_t fresh;

	if (from >= to)
		return 0;
	if (from >= s->to) {
		if (from > s->to)
			add_gap(rest_of(s), s->to, from);
		s->to = to;
		return (uint64_t)(to - from);
	}
	fresh = add_low(s, from, to);
	if (to > s->to) {
		fresh += (uint64_t)(to - s->to);
		s->to = to;
	}
	return fresh;
}

uint64_t seen_missing(const struct seen *s, int64_t from, int64_t to)
{
	const struct seen_rest *r = seen_rest(s);
	uint64_t n = 0;

	if (from >= to)
		return 0;
	if (to > s->to) {
		n += (uint64_t)(to - (from > s->to ? from : s->to));
		to = s->to;
	}
	if (from < r->from && from < to) {
		n += (uint64_t)((to < r->from ? to : r->from) - from);
		from = r->from;
	}
	return from < to && r->gaps.n ? n + ranges_count(&r->gaps, from, to) : n;
}

uint64_t seen_count(const struct seen *s)
{
	const struct seen_rest *r = seen_rest(s);

	return (uint64_t)(s->to - r->from) - r->lost -
	       ranges_count(&r->gaps, r->from, s->to);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t seen_piece(const struct seen *s, int64_t from, int64_t to, bool *known)
{
	const struct seen_rest *r = seen_rest(s);
	size_t i;

	*known = false;
	if (from >= s->to)
		return to;
	if (from < r->from)
		return smaller(to, r->from);
	i = ranges_find(&r->gaps, from);
	if (i < r->gaps.n && r->gaps.range[i].from <= from)
		return smaller(to, r->gaps.range[i].to);
	*known = true;
	return smaller(to, i < r->gaps.n ? r->gaps.range[i].from : s->to);
}

void seen_shift(struct seen *s, int64_t by)
{
	struct seen_rest *r = rest_of(s);

	r->from = seq_plus(r->from, by);
	s->to = seq_plus(s->to, by);
	if (!seq_is_sane(by) || !seq_is_sane(r->from) || !seq_is_sane(s->to)) {
		seen_free(s);
		s->to = 0;
		return;
	}
	ranges_shift(&r->gaps, by);
	if (r->from > 0) {
		add_gap(r, 0, r->from);
		r->from = 0;
	}
	tidy(s);
}
