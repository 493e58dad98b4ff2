#include "rtt.h"

#include "segment.h"
#include "seq.h"
#include "spread.h"

/*
 * Bytes that wait: in flight, and few as long as no ACK was seen, since a
 * capture may have one direction only.
 */
enum { WAIT_MAX = 1 << 16, WAIT_UNSEEN_MAX = 64 };

/* Bytes that one segment sent first. */
struct run {
	struct range bytes;
	int64_t first_ns;	/* sent */
	int64_t last_ns;	/* sent again; NEVER */
	uint32_t first_tsval, last_tsval;	/* 0 without time stamps */
};

#define NEVER INT64_MIN

void rtt_init(struct rtt *r, int64_t acked)
{
	*r = (struct rtt){ .runs = { .size = sizeof(struct run), .first = 4 },
			   .acked = acked };
}

void rtt_free(struct rtt *r)
{
	runs_free(&r->runs);
}

static uint32_t tsval(const struct segment *seg)
{
	return seg->has & COLUMN(TSVAL) ? seg->opt.tsval : 0;
}

static void add(struct rtt *r, size_t i, const struct segment *seg,
		int64_t from, int64_t to)
{
	struct run *run = runs_insert(&r->runs, i);

	run->bytes = (struct range){ from, to };
	run->first_ns = seg->time_ns;
	run->first_tsval = tsval(seg);
	run->last_ns = NEVER;
	if (r->runs.n > (r->acked ? WAIT_MAX : WAIT_UNSEEN_MAX))
		runs_drop(&r->runs, 1);
}

/* What was sent before is marked, the rest goes in between. */
static void send_between(struct rtt *r, const struct segment *seg, int64_t from,
			 int64_t to)
{
	size_t i = runs_find(&r->runs, from);

	while (from < to) {
		struct run *run = i < r->runs.n ? runs_at(&r->runs, i) : NULL;

		if (run && run->bytes.from <= from) {
			run->last_ns = seg->time_ns;
			run->last_tsval = tsval(seg);
			from = run->bytes.to;
		} else {
			int64_t end = run && run->bytes.from < to ?
				      run->bytes.from : to;

			add(r, i, seg, from, end);
			from = end;
		}
		i = runs_find(&r->runs, from);
	}
}

void rtt_send(struct rtt *r, const struct segment *seg, int64_t from, int64_t to)
{
	const struct run *last = r->runs.n ? runs_at(&r->runs, r->runs.n - 1) : NULL;

	if (from < r->acked)
		from = r->acked;
	if (from >= to)
		return;
	if (!last || last->bytes.to <= from)
		add(r, r->runs.n, seg, from, to);
	else
		send_between(r, seg, from, to);
}

/* Which sending of the run a time stamp says was answered, or false. */
static bool answered(const struct run *run, const struct segment *seg,
		     int64_t *sent_ns)
{
	if (!(seg->has & COLUMN(TSECR)) || run->first_tsval == run->last_tsval)
		return false;
	*sent_ns = run->last_ns;
	if (seg->opt.tsecr == run->last_tsval)
		return true;
	*sent_ns = run->first_ns;
	return seg->opt.tsecr == run->first_tsval;
}

/* When what this ACK answers was sent; it covers the first k runs. */
static bool sent_time(const struct rtt *r, size_t k, const struct segment *seg,
		      int64_t *sent_ns)
{
	const struct run *last = runs_at(&r->runs, k - 1);

	*sent_ns = last->first_ns;
	for (size_t i = 0; i < k; i++) {
		const struct run *run = runs_at(&r->runs, i);

		if (run->last_ns != NEVER)
			return answered(run, seg, sent_ns);
	}
	for (size_t i = 0; i + 1 < k; i++) {
		const struct run *run = runs_at(&r->runs, i);

		if (run->first_ns > last->first_ns)
			return false;
	}
	return true;
}

void rtt_ack(struct rtt *r, const struct segment *seg, struct spread *samples)
{
	int64_t ack = seg->rel_ack, sent_ns;
	struct run *run;
	size_t k = 0;

	if (ack <= r->acked)
		return;
	r->acked = ack;
	while (k < r->runs.n && (run = runs_at(&r->runs, k))->bytes.from < ack)
		k++;
	if (!k)
		return;
	run = runs_at(&r->runs, k - 1);
	/* the last byte covered may be one whose sending was not seen */
	if (run->bytes.to >= ack && sent_time(r, k, seg, &sent_ns))
		spread_add_time(samples, sent_ns, seg->time_ns, 1);
	if (run->bytes.to > ack) {
		run->bytes.from = ack;
		k--;
	}
	runs_drop(&r->runs, k);
}
