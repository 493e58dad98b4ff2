#include "seen.h"

#include "seq.h"

enum { GAPS_MAX = 1 << 14, GAPS_SETTLED_MAX = 64 };

void seen_free(struct seen *s)
{
	ranges_free(&s->gaps);
}

/* The first n gaps are known no longer. */
static void forget_gaps(struct seen *s, size_t n)
{
	s->lost += ranges_remove(&s->gaps, s->gaps.range[0].from,
				 s->gaps.range[n - 1].to);
}

static void add_gap(struct seen *s, int64_t from, int64_t to)
{
	ranges_add(&s->gaps, from, to);
	if (s->gaps.n > GAPS_MAX)
		forget_gaps(s, GAPS_MAX / 2);
}

void seen_settle(struct seen *s, int64_t acked)
{
	size_t n;

	if (s->gaps.n <= GAPS_SETTLED_MAX)
		return;
	n = ranges_find(&s->gaps, acked);
	if (n > GAPS_SETTLED_MAX)
		forget_gaps(s, n - GAPS_SETTLED_MAX / 2);
}

uint64_t seen_add_any(struct seen *s, int64_t from, int64_t to)
{
	uint64_t fresh;

	if (from >= to)
		return 0;
	if (from >= s->to) {
		add_gap(s, s->to, from);
		s->to = to;
		return (uint64_t)(to - from);
	}
	fresh = s->gaps.n ? ranges_remove(&s->gaps, from, to) : 0;
	if (to > s->to) {
		fresh += (uint64_t)(to - s->to);
		s->to = to;
	}
	if (from < s->from) {
		int64_t end = to < s->from ? to : s->from;

		fresh += (uint64_t)(end - from);
		add_gap(s, end, s->from);
		s->from = from;
	}
	return fresh;
}

uint64_t seen_missing(const struct seen *s, int64_t from, int64_t to)
{
	uint64_t n = 0;

	if (from >= to)
		return 0;
	if (to > s->to) {
		n += (uint64_t)(to - (from > s->to ? from : s->to));
		to = s->to;
	}
	if (from < s->from && from < to) {
		n += (uint64_t)((to < s->from ? to : s->from) - from);
		from = s->from;
	}
	return from < to && s->gaps.n ? n + ranges_count(&s->gaps, from, to) : n;
}

uint64_t seen_count(const struct seen *s)
{
	return (uint64_t)(s->to - s->from) - s->lost -
	       ranges_count(&s->gaps, s->from, s->to);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t seen_piece(const struct seen *s, int64_t from, int64_t to, bool *known)
{
	const struct ranges *g = &s->gaps;
	size_t i;

	*known = false;
	if (from >= s->to)
		return to;
	if (from < s->from)
		return smaller(to, s->from);
	i = ranges_find(g, from);
	if (i < g->n && g->range[i].from <= from)
		return smaller(to, g->range[i].to);
	*known = true;
	return smaller(to, i < g->n ? g->range[i].from : s->to);
}

void seen_shift(struct seen *s, int64_t by)
{
	s->from = seq_plus(s->from, by);
	s->to = seq_plus(s->to, by);
	if (!seq_is_sane(by) || !seq_is_sane(s->from) || !seq_is_sane(s->to)) {
		seen_free(s);
		*s = (struct seen){ 0 };
		return;
	}
	ranges_shift(&s->gaps, by);
	if (s->from > 0) {
		add_gap(s, 0, s->from);
		s->from = 0;
	}
}
