#include "delays.h"

#include <stdlib.h>

#include "mem.h"
#include "seq.h"
#include "transit.h"

enum { OFFSET_BITS = 20 };	/* more than the bytes of any segment */

void delays_free(struct delays *d)
{
	quantile_free(&d->delay);
	free(d->peak);
	*d = (struct delays){ 0 };
}

uint64_t delays_weight(const struct delays *d)
{
	return d->room * sizeof(*d->peak) + quantile_weight(&d->delay);
}

static struct delays_peak *peak(const struct delays *d, uint32_t i)
{
	return &d->peak[(d->first + i) % DELAYS_EXTENT_MAX];
}

/*
 * How many came since the first one that was sent later: peaks ascend in both
 * numbers. More than are kept is counted as so many.
 */
static uint64_t extent(const struct delays *d, uint64_t sent)
{
	uint32_t low = 0, high = d->n;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (peak(d, mid)->sent > sent)
			high = mid;
		else
			low = mid + 1;
	}
	return low < d->n ? d->arrived - peak(d, low)->count : 0;
}

static void add_peak(struct delays *d, uint64_t sent)
{
	if (d->n == DELAYS_EXTENT_MAX) {
		d->first = (d->first + 1) % DELAYS_EXTENT_MAX;
	} else {
		d->peak = mem_grow32(d->peak, &d->room, d->n + 1, sizeof(*d->peak));
		d->n++;
	}
	*peak(d, d->n - 1) = (struct delays_peak){ sent, d->arrived };
}

/* When it was sent, in order: what was cut on the way came from one segment. */
static uint64_t order_of(const struct crossing *c)
{
	uint64_t offset = (uint64_t)seq_minus(c->from, c->tx->seq);

	return c->tx->pkt << OFFSET_BITS | (offset & ((1 << OFFSET_BITS) - 1));
}

static void arrive(struct delays *d, uint64_t sent, bool has_delay, int64_t delay_ns)
{
	bool late = d->n && sent < peak(d, d->n - 1)->sent;

	if (late) {
		uint64_t e = extent(d, sent);

		d->reordered++;
		if (d->extent_max < e)
			d->extent_max = e;
	} else {
		add_peak(d, sent);
	}
	d->arrived++;
	if (!has_delay)
		return;
	if (!late && d->delay.n) {
		int64_t v = seq_minus(delay_ns, d->last_ns);

		if (seq_is_sane(v))
			spread_add(&d->variation, v < 0 ? -v : v, 1);
	}
	if (!late || !d->delay.n)
		d->last_ns = delay_ns;
	quantile_add(&d->delay, delay_ns);
}

void delays_cross(struct delays *d, const struct crossing *c, bool has_delay,
		  int64_t delay_ns)
{
	d->lost += c->fate == FATE_LOST;
	d->unseen += c->fate == FATE_UNSEEN;
	d->dup += c->fate == FATE_DUP;
	if (c->fate == FATE_ARRIVED && c->tx)
		arrive(d, order_of(c), has_delay, delay_ns);
}
