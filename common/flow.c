#include "flow.h"

#include "budget.h"
#include "conn.h"
#include "pool.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

const struct flow_data flow_nothing = { .first_ns = INT64_MAX, .last_ns = INT64_MIN };
const struct flow_load flow_no_load = { .first_ns = INT64_MAX, .last_ns = INT64_MIN };
const struct flow_trouble flow_no_trouble = { .ooo_pkts = 0 };
const struct flow_paths flow_no_paths = {
	.end = { { .win_min = UINT32_MAX, .idle_max_ns = -1 },
		 { .win_min = UINT32_MAX, .idle_max_ns = -1 } }
};
const struct flow_data_path flow_no_data_path = { .inflight_max = 0 };

static size_t flow_size(bool paths, bool user)
{
	return sizeof(struct flow) + (paths ? sizeof(struct flow_paths) : 0) +
	       (user ? sizeof(void *) : 0);
}

static size_t data_size(bool paths)
{
	return sizeof(struct flow_data) + (paths ? sizeof(struct flow_data_path) : 0);
}

struct flow *flow_new(struct stream *s, bool paths, bool user)
{
	struct flow *f = pool_zero(pool_of(s), flow_size(paths, user));

	f->stream = s;
	f->paths = paths;
	f->user = user;
	if (paths)
		*f->path = flow_no_paths;
	return f;
}

void flow_data_settle(struct flow_data *d, bool paths)
{
	seen_free(&d->seen);
	if (paths)
		rtt_free(&d->path->waiting);
}

void flow_free(struct flow *f)
{
	flow_story_settle(&f->story);
	for (unsigned end = 0; end < 2; end++) {
		if (f->side[end].data)
			flow_data_settle(f->side[end].data, f->paths);
		pool_free(f->side[end].data);
		pool_free(f->side[end].trouble);
	}
	if (f->settled)
		pool_free(f->identity);
	pool_free(f);
}

uint64_t flow_settled_weight(const struct flow *f)
{
	uint64_t n = flow_size(f->paths, f->user) + sizeof(struct flow_identity);

	for (unsigned end = 0; end < 2; end++) {
		if (f->side[end].trouble)
			n += sizeof(struct flow_trouble);
		if (f->side[end].data)
			n += data_size(f->paths);
	}
	return n;
}

/* Its identity stands for its handshake: it hardly ever has both. */
uint64_t flow_weight(const struct flow *f)
{
	uint64_t n = flow_settled_weight(f) + (f->full ? BUDGET_FULL : 0);

	for (unsigned end = 0; end < 2; end++) {
		const struct flow_data *d = f->side[end].data;

		if (d)
			n += seen_weight(&d->seen);
		if (d && f->paths)
			n += runs_weight(&d->path->waiting.runs);
	}
	return n;
}

struct flow_data *flow_data_of(struct flow *f, unsigned end)
{
	struct flow_side *s = &f->side[end];

	if (s->data)
		return s->data;
	s->data = pool_zero(pool_of(f), data_size(f->paths));
	s->data->first_ns = flow_nothing.first_ns;
	s->data->last_ns = flow_nothing.last_ns;
	return s->data;
}

struct flow_trouble *flow_trouble_of(struct flow *f, unsigned end)
{
	struct flow_side *s = &f->side[end];

	if (!s->trouble)
		s->trouble = pool_zero(pool_of(f), sizeof(*s->trouble));
	return s->trouble;
}

int64_t flow_piece(const struct flow *f, unsigned end, int64_t from, int64_t to,
		   bool *known)
{
	return seen_piece(&flow_data(f, end)->seen, from - 1, to - 1, known) + 1;
}

static void reset_path(struct flow *f, unsigned end)
{
	struct flow_path *p = &f->path->end[end];
	struct flow_data *d = f->side[end].data;

	p->pkts = 0;
	p->win_min = UINT32_MAX;
	p->win_max = 0;
	if (d) {
		d->path->inflight_max = flow_in_flight(f, end);
		d->path->rtt = (struct spread){ 0 };
	}
}

void flow_reset(struct flow *f)
{
	for (unsigned end = 0; end < 2; end++) {
		struct flow_side *s = &f->side[end];

		if (s->data)
			s->data->data_pkts = s->data->sent_bytes = s->data->new_bytes = 0;
		pool_free(s->trouble);
		s->trouble = NULL;
		if (f->paths)
			reset_path(f, end);
	}
}

/* Payload that may have been sent before: returns how much of it had been. */
static uint64_t observe_again(struct flow *f, unsigned from, int64_t seq, uint32_t len)
{
	struct seen *seen = &f->side[from].data->seen;
	int64_t high = seen->to;
	uint64_t fresh = seen_add(seen, seq, seq + len);
	uint64_t above = (uint64_t)(seen->to - high);
	struct flow_trouble *t;

	if (seen->rest)
		seen_settle(seen, f->stream->side[from].acked - 1);
	if (fresh == len && (seq >= high || fresh == above))
		return 0;
	t = flow_trouble_of(f, from);
	t->retrans_bytes += len - fresh;
	t->retrans_pkts += fresh < len;
	t->ooo_pkts += seq < high && fresh > above;
	return len - fresh;
}

static uint64_t observe_data(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_data *d = flow_data_of(f, from);
	int64_t seq = segment_payload(seg) - 1;

	d->data_pkts++;
	d->sent_bytes += seg->len;
	if (d->first_ns > seg->time_ns)
		d->first_ns = seg->time_ns;
	if (d->last_ns < seg->time_ns)
		d->last_ns = seg->time_ns;
	if (seq == d->seen.to && !d->seen.rest) {
		d->seen.to += seg->len;
		return 0;
	}
	return observe_again(f, from, seq, seg->len);
}

uint64_t flow_observe(struct flow *f, struct segment *seg, unsigned from)
{
	if (seg->flags & (TCP_SYN | TCP_FIN | TCP_RST) || flow_story_open(&f->story))
		flow_story_observe(&f->story, seg, from);
	if (seg->len && seg->has & COLUMN(REL_SEQ))
		return observe_data(f, seg, from);
	return 0;
}
