#include "flow.h"

#include <stdlib.h>

#include "conn.h"
#include "mem.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

const struct flow_data flow_nothing = { .seen = { .from = 1, .to = 1 } };

static void side_init(struct flow_side *s)
{
	*s = (struct flow_side){ .idle_max_ns = -1, .counts.win_min = UINT32_MAX };
}

static void side_free(struct flow_side *s)
{
	if (!s->data)
		return;
	seen_free(&s->data->seen);
	rtt_free(&s->data->rtt);
	free(s->data);
}

struct flow *flow_new(struct stream *s)
{
	struct flow *f = mem_zero(sizeof(*f));

	f->stream = s;
	side_init(&f->side[0]);
	side_init(&f->side[1]);
	return f;
}

void flow_free(struct flow *f)
{
	side_free(&f->side[0]);
	side_free(&f->side[1]);
	free(f->identity);
	free(f);
}

uint64_t flow_weight(const struct flow *f)
{
	uint64_t n = sizeof(*f);

	for (unsigned end = 0; end < 2; end++) {
		const struct flow_data *d = f->side[end].data;

		if (d)
			n += sizeof(*d) + ranges_weight(&d->seen.gaps) +
			     runs_weight(&d->rtt.runs);
	}
	return n;
}

struct flow_data *flow_data_of(struct flow *f, unsigned end)
{
	struct flow_side *s = &f->side[end];

	if (!s->data) {
		s->data = mem_resize(NULL, sizeof(*s->data));
		*s->data = flow_nothing;
		rtt_init(&s->data->rtt, f->side[!end].ack);
	}
	return s->data;
}

uint64_t flow_in_flight(const struct flow *f, unsigned from)
{
	const struct flow_side *other = &f->side[!from];
	int64_t acked = other->ack > 1 ? other->ack : 1;
	int64_t end = flow_data(f, from)->seen.to;

	return other->has_ack && end > acked ? (uint64_t)(end - acked) : 0;
}

void flow_reset(struct flow *f)
{
	for (unsigned end = 0; end < 2; end++) {
		struct flow_side *s = &f->side[end];

		s->counts = (struct flow_counts){ .win_min = UINT32_MAX };
		if (s->data)
			s->data->counts = (struct flow_data_counts){
				.inflight_max = flow_in_flight(f, end)
			};
	}
}

/* Returns how much of it had been sent before. */
static uint64_t observe_data(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_data *d = flow_data_of(f, from);
	struct flow_data_counts *c = &d->counts;
	int64_t seq = segment_payload(seg), high = d->seen.to;
	uint64_t fresh = seen_add(&d->seen, seq, seq + seg->len);
	uint64_t above = (uint64_t)(d->seen.to - high);

	if (d->seen.gaps.n)
		seen_settle(&d->seen, f->stream->side[from].acked);
	c->data_pkts++;
	c->sent_bytes += seg->len;
	c->retrans_bytes += seg->len - fresh;
	c->retrans_pkts += fresh < seg->len;
	c->ooo_pkts += seq < high && fresh > above;
	if (!d->any || d->first_ns > seg->time_ns)
		d->first_ns = seg->time_ns;
	if (!d->any || d->last_ns < seg->time_ns)
		d->last_ns = seg->time_ns;
	d->any = true;
	return seg->len - fresh;
}

static void observe_time(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_side *me = &f->side[from];
	struct flow_story *s = &f->story;

	if (!f->side[0].sent_any && !f->side[1].sent_any)
		s->first_ns = s->last_ns = seg->time_ns;
	if (s->first_ns > seg->time_ns)
		s->first_ns = seg->time_ns;
	if (s->last_ns < seg->time_ns)
		s->last_ns = seg->time_ns;
	if (!me->sent_any) {
		me->sent_any = true;
		me->last_ns = seg->time_ns;
		return;
	}
	if (me->idle_max_ns < seq_minus(seg->time_ns, me->last_ns))
		me->idle_max_ns = seq_minus(seg->time_ns, me->last_ns);
	if (me->last_ns < seg->time_ns)
		me->last_ns = seg->time_ns;
	if (me->idle_max_ns < 0)
		me->idle_max_ns = 0;
}

static void observe_sent(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_data *d = flow_data_of(f, from);
	int64_t seq = segment_payload(seg), end = seq + seg->len;
	const struct flow_side *other = &f->side[!from];
	int64_t acked = other->ack > 1 ? other->ack : 1;
	int64_t high = end > d->seen.to ? end : d->seen.to;

	rtt_send(&d->rtt, seg, seq, end + ((seg->flags & TCP_FIN) != 0));
	if (seg->len && other->has_ack && high > acked &&
	    d->counts.inflight_max < (uint64_t)(high - acked))
		d->counts.inflight_max = (uint64_t)(high - acked);
}

/* A duplicate ACK, RFC 5681 2. */
static bool is_dup_ack(const struct flow *f, const struct segment *seg, unsigned from)
{
	const struct flow_side *me = &f->side[from];

	return me->has_ack && seg->rel_ack == me->ack && seg->len == 0 &&
	       !(seg->flags & (TCP_SYN | TCP_FIN | TCP_RST)) &&
	       seg->win == me->win && flow_data(f, !from)->seen.to > me->ack;
}

static void observe_ack(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_side *me = &f->side[from];
	struct flow_data *other = f->side[!from].data;

	me->counts.dup_acks += is_dup_ack(f, seg, from);
	if (!me->has_ack || me->ack < seg->rel_ack)
		me->ack = seg->rel_ack;
	me->has_ack = true;
	if (other)
		rtt_ack(&other->rtt, seg, &other->counts.rtt);
}

static void observe_window(struct flow_side *me, const struct segment *seg)
{
	struct flow_counts *c = &me->counts;

	me->win = seg->win;
	if (seg->flags & (TCP_SYN | TCP_RST))
		return;
	c->zero_window += seg->win == 0;
	if (!(seg->has & COLUMN(WIN_BYTES)))
		return;
	if (c->win_min > seg->win_bytes)
		c->win_min = seg->win_bytes;
	if (c->win_max < seg->win_bytes)
		c->win_max = seg->win_bytes;
}

static void observe_syn(struct flow_side *me, const struct segment *seg)
{
	me->has_mss = seg->opt.has & HAS_MSS;
	me->mss = seg->opt.mss;
	me->has_wscale = seg->opt.has & HAS_WSCALE;
	me->wscale = seg->opt.wscale;
}

uint64_t flow_observe(struct flow *f, struct segment *seg, unsigned from)
{
	if (seg->flags & (TCP_SYN | TCP_FIN | TCP_RST) || flow_story_open(&f->story))
		flow_story_observe(&f->story, seg, from);
	if (seg->len && seg->has & COLUMN(REL_SEQ))
		return observe_data(f, seg, from);
	return 0;
}

void flow_observe_path(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_side *me = &f->side[from];

	observe_time(f, seg, from);
	if (seg->flags & TCP_SYN)
		observe_syn(me, seg);
	me->counts.pkts++;
	if (seg->has & COLUMN(REL_SEQ) && (seg->len || seg->flags & TCP_FIN))
		observe_sent(f, seg, from);
	if (seg->has & COLUMN(REL_ACK))
		observe_ack(f, seg, from);
	observe_window(me, seg);
}
