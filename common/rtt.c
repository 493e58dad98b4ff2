#include "rtt.h"

#include "segment.h"
#include "seq.h"

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
	struct run *run = runs_insert(&r->runs, i, sizeof(*run), 4);

	run->bytes = (struct range){ from, to };
	run->first_ns = seg->time_ns;
	run->first_tsval = tsval(seg);
	run->last_ns = NEVER;
}

/* What was sent before is marked, the rest goes in between. */
static void send_between(struct rtt *r, const struct segment *seg, int64_t from, int64_t to)
{
	size_t i = runs_find(&r->runs, from);

	while (from < to) {
		struct run *run = i < runs_n(&r->runs) ? runs_at(&r->runs, i) : NULL;

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

bool rtt_send(struct rtt *r, const struct segment *seg, int64_t from, int64_t to,
	      int64_t acked)
{
	size_t n = runs_n(&r->runs), max = acked ? WAIT_MAX : WAIT_UNSEEN_MAX;
	const struct run *last = n ? runs_at(&r->runs, n - 1) : NULL;

	if (from < acked)
		from = acked;
	if (from >= to)
		return false;
	if (!last || last->bytes.to <= from)
		add(r, n, seg, from, to);
	else
		send_between(r, seg, from, to);
	n = runs_n(&r->runs);
	if (n <= max)
		return false;
	runs_drop(&r->runs, n - max);
	return acked;
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

/* Where that would be negative, or out of all reason, the clock stepped: no sample. */
static int64_t sample(int64_t sent_ns, int64_t now_ns)
{
	int64_t ns = seq_minus(now_ns, sent_ns);

	return ns >= 0 && seq_is_sane(ns) ? ns : RTT_NONE;
}

int64_t rtt_ack(struct rtt *r, const struct segment *seg)
{
	int64_t ack = seg->rel_ack, sent_ns, ns = RTT_NONE;
	size_t k = 0, n = runs_n(&r->runs);
	struct run *run;

	while (k < n && (run = runs_at(&r->runs, k))->bytes.from < ack)
		k++;
	if (!k)
		return RTT_NONE;
	run = runs_at(&r->runs, k - 1);
	/* the last byte covered may be one whose sending was not seen */
	if (run->bytes.to >= ack && sent_time(r, k, seg, &sent_ns))
		ns = sample(sent_ns, seg->time_ns);
	if (run->bytes.to > ack) {
		run->bytes.from = ack;
		k--;
	}
	runs_drop(&r->runs, k);
	return ns;
}
