#include "checksum.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sum.h"

enum {
	POINTS_KEPT = 512,	/* acknowledged or not */
	POINTS_MAX = 8192,	/* no ACK may ever be captured */
	MAPS_KEPT = 32,		/* acknowledged ones, for they may be sent again */
	MAPS_MAX = 4096,
	MAP_MAX = UINT16_MAX	/* the longest mapping */
};

void checksum_free(struct checksum *c)
{
	free(c->point);
	free(c->map);
	*c = (struct checksum){ 0 };
}

enum verdict checksum_verify(const struct checksum_map *m, uint16_t payload,
			     bool *swapped)
{
	/* RFC 8684 3.3.1: DSN, SSN, length, zeros, payload */
	uint16_t sum = sum_plus(sum_plus(sum_u64(m->dsn), sum_u64(m->ssn)),
				sum_plus(m->len, payload));

	if (sum_same(sum_plus(sum, m->csum), 0))
		return VERDICT_OK;
	*swapped = sum_same(sum_plus(sum, sum_swap(m->csum)), 0);
	return VERDICT_BAD;
}

/* The first point at or behind this place. */
static uint32_t find_point(const struct checksum *c, int64_t at)
{
	uint32_t low = 0, high = c->n;

	if (high && c->point[high - 1].at <= at)
		return high - (c->point[high - 1].at == at);
	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (c->point[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The point at this place, or NULL. */
static struct checksum_point *point_at(const struct checksum *c, int64_t at)
{
	uint32_t i = find_point(c, at);

	return i < c->n && c->point[i].at == at ? &c->point[i] : NULL;
}

static void add_point(struct checksum *c, int64_t at, uint32_t chain, uint16_t sum)
{
	uint32_t i = find_point(c, at);

	c->point = mem_grow32(c->point, &c->cap, c->n + 1, sizeof(*c->point));
	memmove(c->point + i + 1, c->point + i, (c->n++ - i) * sizeof(*c->point));
	c->point[i] = (struct checksum_point){ at, chain, sum };
}

static void drop_points(struct checksum *c, uint32_t n)
{
	c->n -= n;
	memmove(c->point, c->point + n, c->n * sizeof(*c->point));
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

/* Check a mapping, if segments lead from its beginning to its end. */
static void judge(struct checksum *c, struct checksum_map *m,
		  const struct moment *at, checksum_judged *judged, void *arg)
{
	const struct checksum_point *from = point_at(c, m->bytes.from);
	const struct checksum_point *to = point_at(c, m->bytes.to);
	uint16_t sum;
	bool swapped = false, bad = m->verdict == VERDICT_BAD;

	if (m->verdict == VERDICT_OK || m->told || !from || !to ||
	    from->chain != to->chain)
		return;
	sum = sum_minus(to->sum, from->sum);
	/* words begin at even places here, but where the mapping begins for it */
	if (m->bytes.from & 1)
		sum = sum_swap(sum);
	m->verdict = (uint8_t)checksum_verify(m, sum, &m->swapped);
	if (m->verdict == VERDICT_BAD && m->has_other) {
		sum = sum_plus(sum, m->bytes.from & 1 ? sum_swap(m->other) : m->other);
		m->verdict = (uint8_t)checksum_verify(m, sum, &swapped);
	}
	if (!bad)
		m->at = *at;
	c->doubtful += (m->verdict == VERDICT_BAD) - (uint32_t)bad;
	if (m->verdict == VERDICT_OK) {
		m->told = true;
		judged(arg, m);
	}
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
	uint32_t old = 0, points;

	if (c->maps < 2 * MAPS_KEPT)
		return;
	while (old < c->maps && c->map[old].bytes.to <= c->acked)
		old++;
	if (old > MAPS_KEPT) {
		c->maps -= old - MAPS_KEPT;
		memmove(c->map, c->map + old - MAPS_KEPT, c->maps * sizeof(*c->map));
	}
	points = find_point(c, c->map[0].bytes.from);
	if (c->n > POINTS_KEPT && points)
		drop_points(c, points);
}

void checksum_ack(struct checksum *c, int64_t acked, checksum_judged *judged,
		  void *arg)
{
	if (acked <= c->acked)
		return;
	c->acked = acked;
	tell(c, acked, judged, arg);
	forget(c);
}

void checksum_map(struct checksum *c, const struct checksum_map *m,
		  const struct moment *at, checksum_judged *judged, void *arg)
{
	uint32_t i = find_map(c, m->bytes.from);

	for (; i < c->maps && c->map[i].bytes.from == m->bytes.from; i++)
		if (c->map[i].bytes.to == m->bytes.to)
			return;
	if (i == 0 && c->maps && m->bytes.to <= c->acked)
		return;		/* long forgotten */
	if (c->maps >= MAPS_MAX)
		checksum_ack(c, c->map[c->maps / 2].bytes.from, judged, arg);
	i = find_map(c, m->bytes.from);
	c->map = mem_grow32(c->map, &c->maps_cap, c->maps + 1, sizeof(*c->map));
	memmove(c->map + i + 1, c->map + i, (c->maps++ - i) * sizeof(*c->map));
	c->map[i] = *m;
	judge(c, &c->map[i], at, judged, arg);
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

/* Two places with so much between them: in one chain from now on. */
static void connect(struct checksum *c, int64_t from, int64_t to, uint16_t sum)
{
	struct checksum_point *a = point_at(c, from), *b = point_at(c, to);
	uint16_t more;
	uint32_t chain;

	if (!a && !b) {
		chain = c->chains++;
		add_point(c, from, chain, 0);
		add_point(c, to, chain, sum);
	} else if (!b) {
		add_point(c, to, a->chain, sum_plus(a->sum, sum));
	} else if (!a) {
		add_point(c, from, b->chain, sum_minus(b->sum, sum));
	} else if (a->chain != b->chain) {
		more = sum_minus(sum_plus(a->sum, sum), b->sum);
		chain = b->chain;
		for (uint32_t i = 0; i < c->n; i++) {
			if (c->point[i].chain != chain)
				continue;
			c->point[i].chain = a->chain;
			c->point[i].sum = sum_plus(c->point[i].sum, more);
		}
	} else if (!sum_same(sum_minus(b->sum, a->sum), sum)) {
		note_other(c, from, to, sum_minus(sum, sum_minus(b->sum, a->sum)));
	}
}

void checksum_payload(struct checksum *c, int64_t from, int64_t to, uint16_t sum,
		      const struct moment *at, checksum_judged *judged, void *arg)
{
	if (to <= from || (c->n && to <= c->acked && from < c->point[0].at))
		return;
	if (c->n >= POINTS_MAX)
		drop_points(c, c->n / 2);
	connect(c, from, to, from & 1 ? sum_swap(sum) : sum);
	for (uint32_t i = find_map(c, from - MAP_MAX); i < c->maps; i++) {
		if (c->map[i].bytes.from >= to)
			break;
		if (c->map[i].bytes.to > from)
			judge(c, &c->map[i], at, judged, arg);
	}
}
