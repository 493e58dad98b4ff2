#include "checksum.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sum.h"

enum {
	MAPS_KEPT = 32,		/* acknowledged ones, for they may be sent again */
	MAPS_MAX = 4096,
	MAP_MAX = UINT16_MAX,	/* the longest mapping */
	TOGETHER_MAX = 16	/* mappings before or behind one that it is checked with */
};

void checksum_free(struct checksum *c)
{
	free(c->point);
	free(c->map);
	*c = (struct checksum){ 0 };
}

/* RFC 8684 3.3.1: DSN, SSN, length, zeros, and the payload behind them. */
static uint16_t head_sum(const struct checksum_map *m)
{
	return sum_plus(sum_plus(sum_u64(m->dsn), sum_u64(m->ssn)), m->len);
}

enum verdict checksum_verify(const struct checksum_map *m, uint16_t payload,
			     bool *swapped)
{
	uint16_t sum = sum_plus(head_sum(m), payload);

	if (sum_same(sum_plus(sum, m->csum), 0))
		return VERDICT_OK;
	*swapped = sum_same(sum_plus(sum, sum_swap(m->csum)), 0);
	return VERDICT_BAD;
}

/* The first mapping that begins at or behind this place. */
static uint32_t find_map(const struct checksum *c, int64_t from)
{
	uint32_t low = 0, high = c->maps;

	if (high && c->map[high - 1].bytes.from < from)
		return high;
	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (c->map[mid].bytes.from < from)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Whether the payload of a mapping, which adds up to `sum` here, is right. */
static enum verdict verify(struct checksum_map *m, uint16_t sum)
{
	bool swapped = false;

	/* words begin at even places here, but where the mapping begins for it */
	if (checksum_verify(m, m->bytes.from & 1 ? sum_swap(sum) : sum,
			    &m->swapped) == VERDICT_OK)
		return VERDICT_OK;
	if (!m->has_other)
		return VERDICT_BAD;
	sum = sum_plus(sum, m->other);
	return checksum_verify(m, m->bytes.from & 1 ? sum_swap(sum) : sum, &swapped);
}

/* What the payload of a mapping would have to add up to here. */
static uint16_t needed(const struct checksum_map *m)
{
	uint16_t sum = (uint16_t)~sum_plus(head_sum(m), m->csum);

	return m->bytes.from & 1 ? sum_swap(sum) : sum;
}

static void set_verdict(struct checksum *c, struct checksum_map *m, enum verdict v,
			const struct moment *at, checksum_judged *judged, void *arg)
{
	bool was_bad = m->verdict == VERDICT_BAD;

	if (!was_bad)
		m->at = *at;
	m->verdict = (uint8_t)v;
	c->doubtful += (v == VERDICT_BAD) - (uint32_t)was_bad;
	if (v == VERDICT_OK) {
		m->told = true;
		judged(arg, m);
	}
}

/*
 * Mappings between which no segment ends: all of them are right, or which
 * one is not is not known, and it is said of the first.
 */
static void judge_together(struct checksum *c, uint32_t first, uint32_t last, uint16_t sum,
			   const struct moment *at, checksum_judged *judged, void *arg)
{
	uint16_t right = 0;

	for (uint32_t i = first; i <= last; i++)
		right = sum_plus(right, needed(&c->map[i]));
	for (uint32_t i = first; i <= last; i++) {
		bool good = sum_same(sum, right);

		if (c->map[i].verdict != VERDICT_NONE)
			continue;
		c->map[i].together = last - first;
		set_verdict(c, &c->map[i], good ? VERDICT_OK : i == first ? VERDICT_BAD :
			    VERDICT_UNKNOWN, at, judged, arg);
	}
}

/* Whether mapping `i` goes on from the one before it, and neither was judged. */
static bool goes_on(const struct checksum *c, uint32_t i)
{
	return i > 0 && i < c->maps && c->map[i - 1].bytes.to == c->map[i].bytes.from &&
	       c->map[i - 1].verdict == VERDICT_NONE && c->map[i].verdict == VERDICT_NONE;
}

/* The mapping up to which segments lead from the beginning of `first`, at least `last`. */
static uint32_t find_last(const struct checksum *c, uint32_t first, uint32_t last,
			  uint16_t *sum)
{
	const struct checksum_point *from = checksum_point_at(c, c->map[first].bytes.from);

	for (uint32_t end = last + TOGETHER_MAX; from && last < end; last++) {
		const struct checksum_point *to = checksum_point_at(c, c->map[last].bytes.to);

		if (to && to->chain == from->chain) {
			*sum = sum_minus(to->sum, from->sum);
			return last;
		}
		if (!goes_on(c, last + 1))
			break;
	}
	return c->maps;
}

/* Check a mapping, with those beside it if need be, if segments lead over all of it. */
static void judge(struct checksum *c, uint32_t at_map, const struct moment *at,
		  checksum_judged *judged, void *arg)
{
	uint32_t first = at_map, last;
	struct checksum_map *m = &c->map[at_map];
	uint16_t sum;

	if (m->verdict == VERDICT_OK || m->told)
		return;
	while ((last = find_last(c, first, at_map, &sum)) == c->maps) {
		if (at_map - first == TOGETHER_MAX || !goes_on(c, first))
			return;
		first--;
	}
	if (first == last)
		set_verdict(c, m, verify(m, sum), at, judged, arg);
	else
		judge_together(c, first, last, sum, at, judged, arg);
}

/* Tell what is bad and ends here or below. */
static void tell(struct checksum *c, int64_t end, checksum_judged *judged, void *arg)
{
	for (uint32_t i = 0; c->doubtful && i < c->maps; i++) {
		struct checksum_map *m = &c->map[i];

		if (m->verdict != VERDICT_BAD || m->told || m->bytes.to > end)
			continue;
		m->told = true;
		c->doubtful--;
		judged(arg, m);
	}
}

void checksum_settle(struct checksum *c, checksum_judged *judged, void *arg)
{
	tell(c, INT64_MAX, judged, arg);
}

/* What is acknowledged is of no use any more. */
static void forget(struct checksum *c)
{
	uint32_t old = 0;

	if (c->maps < 2 * MAPS_KEPT)
		return;
	while (old < c->maps && c->map[old].bytes.to <= c->acked)
		old++;
	if (old > MAPS_KEPT) {
		c->maps -= old - MAPS_KEPT;
		memmove(c->map, c->map + old - MAPS_KEPT, c->maps * sizeof(*c->map));
	}
	checksum_forget_points(c, c->map[0].bytes.from);
}

void checksum_note_full(struct checksum *c, int64_t below)
{
	/* without payload there is nothing to go by; without ACKs only what is sent again could be judged */
	for (uint32_t i = 0; c->n && c->any_ack && i < c->maps; i++) {
		const struct checksum_map *m = &c->map[i];

		if (m->bytes.from >= below)
			break;
		c->full |= m->verdict == VERDICT_NONE || (m->verdict == VERDICT_BAD && !m->told);
	}
}

/* Nothing of what is below is waited for. */
static void pass(struct checksum *c, int64_t below, checksum_judged *judged, void *arg)
{
	if (below <= c->acked)
		return;
	c->acked = below;
	tell(c, below, judged, arg);
	forget(c);
}

void checksum_ack(struct checksum *c, int64_t acked, checksum_judged *judged,
		  void *arg)
{
	c->any_ack |= acked > 1;	/* more than a SYN */
	pass(c, acked, judged, arg);
}

static void make_room(struct checksum *c, checksum_judged *judged, void *arg)
{
	int64_t middle = c->map[c->maps / 2].bytes.from;

	checksum_note_full(c, middle);
	pass(c, middle, judged, arg);
}

void checksum_map(struct checksum *c, const struct checksum_map *m,
		  const struct moment *at, checksum_judged *judged, void *arg)
{
	uint32_t i = find_map(c, m->bytes.from);

	for (; i < c->maps && c->map[i].bytes.from == m->bytes.from; i++)
		if (c->map[i].bytes.to == m->bytes.to && c->map[i].csum == m->csum)
			return;
	if (i == 0 && c->maps && m->bytes.to <= c->acked)
		return;		/* long forgotten */
	if (c->maps >= MAPS_MAX)
		make_room(c, judged, arg);
	i = find_map(c, m->bytes.from);
	c->map = mem_grow32(c->map, &c->maps_cap, c->maps + 1, sizeof(*c->map));
	memmove(c->map + i + 1, c->map + i, (c->maps++ - i) * sizeof(*c->map));
	c->map[i] = *m;
	judge(c, i, at, judged, arg);
}

void checksum_imply(struct checksum *c, uint64_t dsn, const struct moment *at,
		    checksum_judged *judged, void *arg)
{
	for (uint32_t i = 0; i < c->maps; i++) {
		if (!c->map[i].implied || c->map[i].dsn == dsn)
			continue;
		c->map[i].dsn = dsn;
		judge(c, i, at, judged, arg);
	}
}

/* The payload [from, to) was sent twice, and its sum is more by `more` now. */
static void note_other(struct checksum *c, int64_t from, int64_t to, uint16_t more)
{
	for (uint32_t i = find_map(c, from - MAP_MAX); i < c->maps; i++) {
		struct checksum_map *m = &c->map[i];

		if (m->bytes.from >= to)
			break;
		if (m->bytes.to <= from)
			continue;
		m->has_other = true;
		m->other = more;
	}
}

void checksum_payload(struct checksum *c, int64_t from, int64_t to, uint16_t sum,
		      const struct moment *at, checksum_judged *judged, void *arg)
{
	uint16_t more;

	if (to <= from || (c->n && to <= c->acked && from < c->point[0].at))
		return;
	if (!checksum_connect(c, from, to, from & 1 ? sum_swap(sum) : sum, &more))
		note_other(c, from, to, more);
	for (uint32_t i = find_map(c, from - MAP_MAX); i < c->maps; i++) {
		if (c->map[i].bytes.from >= to)
			break;
		if (c->map[i].bytes.to > from)
			judge(c, i, at, judged, arg);
	}
}
