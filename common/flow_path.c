/* What only the figures of subflows need: times, ACKs, windows. */
#include "flow.h"
#include "segment.h"
#include "seq.h"

/* The end of its payload, as rel_seq. */
static int64_t data_end(const struct flow *f, unsigned end)
{
	return flow_data(f, end)->seen.to + 1;
}

/* The highest ACK for it, at least of its SYN. */
static int64_t acked(const struct flow *f, unsigned end)
{
	int64_t ack = flow_path(f, !end)->ack;

	return ack > 1 ? ack : 1;
}

uint64_t flow_in_flight(const struct flow *f, unsigned end)
{
	int64_t to = data_end(f, end), from = acked(f, end);

	return flow_path(f, !end)->has_ack && to > from ? (uint64_t)(to - from) : 0;
}

int64_t flow_last(const struct flow *f)
{
	const struct flow_path *a = flow_path(f, 0), *b = flow_path(f, 1);

	return b->sent_any && (!a->sent_any || b->last_ns > a->last_ns) ?
	       b->last_ns : a->last_ns;
}

static void observe_time(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_path *me = &f->path->end[from];
	int64_t idle_ns;

	if ((!me->sent_any && !f->path->end[!from].sent_any) ||
	    f->path->first_ns > seg->time_ns)
		f->path->first_ns = seg->time_ns;
	if (!me->sent_any) {
		me->sent_any = true;
		me->last_ns = seg->time_ns;
		return;
	}
	idle_ns = seq_minus(seg->time_ns, me->last_ns);
	if (me->idle_max_ns < idle_ns || me->idle_max_ns < 0)
		me->idle_max_ns = idle_ns > 0 ? idle_ns : 0;
	if (me->last_ns < seg->time_ns)
		me->last_ns = seg->time_ns;
}

static void observe_sent(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_data *d = flow_data_of(f, from);
	struct flow_data_path *p = d->path;
	const struct flow_path *other = &f->path->end[!from];
	int64_t seq = segment_payload(seg), end = seq + seg->len;
	int64_t high = data_end(f, from), low = acked(f, from);

	if (rtt_send(&p->waiting, seg, seq, end + ((seg->flags & TCP_FIN) != 0),
		     other->ack > 0 ? other->ack : 0))
		f->full = true;
	if (high < end)
		high = end;
	if (seg->len && other->has_ack && high > low &&
	    p->inflight_max < (uint64_t)(high - low))
		p->inflight_max = (uint64_t)(high - low);
}

/* A duplicate ACK, RFC 5681 2. */
static bool is_dup_ack(const struct flow *f, const struct segment *seg, unsigned from)
{
	const struct flow_path *me = &f->path->end[from];

	return me->has_ack && seg->rel_ack == me->ack && seg->len == 0 &&
	       !(seg->flags & (TCP_SYN | TCP_FIN | TCP_RST)) &&
	       seg->win == me->win && data_end(f, !from) > me->ack;
}

static int64_t observe_ack(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_path *me = &f->path->end[from];
	struct flow_data *other = f->side[!from].data;
	int64_t ns = RTT_NONE;

	if (is_dup_ack(f, seg, from))
		flow_trouble_of(f, from)->dup_acks++;
	if (me->has_ack && me->ack >= seg->rel_ack)
		return RTT_NONE;
	me->ack = seg->rel_ack;
	me->has_ack = true;
	if (other && seg->rel_ack > 0)
		ns = rtt_ack(&other->path->waiting, seg);
	if (ns != RTT_NONE)
		spread_add(&other->path->rtt, ns, 1);
	return ns;
}

static void observe_window(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_path *me = &f->path->end[from];

	me->win = seg->win;
	if (seg->flags & (TCP_SYN | TCP_RST))
		return;
	if (seg->win == 0)
		flow_trouble_of(f, from)->zero_window++;
	if (!(seg->has & COLUMN(WIN_BYTES)))
		return;
	if (me->win_min > seg->win_bytes)
		me->win_min = seg->win_bytes;
	if (me->win_max < seg->win_bytes)
		me->win_max = seg->win_bytes;
}

static void observe_syn(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_path *me = &f->path->end[from];

	if (!(seg->flags & TCP_ACK) &&
	    (!f->story.has_syn || f->path->first_syn_ns > seg->time_ns))
		f->path->first_syn_ns = seg->time_ns;
	me->has_mss = seg->opt.has & HAS_MSS;
	me->mss = seg->opt.mss;
	me->has_wscale = seg->opt.has & HAS_WSCALE;
	me->wscale = seg->opt.wscale;
}

int64_t flow_observe_path(struct flow *f, const struct segment *seg, unsigned from)
{
	struct flow_path *me = &f->path->end[from];
	int64_t rtt_ns = RTT_NONE;

	observe_time(f, seg, from);
	if (seg->flags & TCP_SYN)
		observe_syn(f, seg, from);
	me->pkts++;
	if (seg->has & COLUMN(REL_SEQ) && (seg->len || seg->flags & TCP_FIN))
		observe_sent(f, seg, from);
	if (seg->has & COLUMN(REL_ACK))
		rtt_ns = observe_ack(f, seg, from);
	observe_window(f, seg, from);
	return rtt_ns;
}
