/* How a stream began and ended, and what that makes of it. */
#include <stdio.h>

#include "column.h"
#include "conn.h"
#include "flow.h"
#include "pool.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* One part of the handshake, as last sent. */
struct flow_syn {
	int64_t time_ns;
	uint32_t tsval;
	bool clear;		/* the time stamp tells it from earlier copies */
	uint8_t copies;		/* 0: none was seen; counted up to a few */
};

/* What of the handshake only its round-trip time needs. */
struct flow_handshake {
	struct flow_syn syn, synack;
	bool half_known;
	int64_t half_ns;	/* from SYN to SYN/ACK, if half_known */
};

enum { COPIES_MAX = 3 };	/* none, one, and more than one matter */

static void sent_syn(struct flow_syn *s, const struct segment *seg)
{
	bool stamped = seg->has & COLUMN(TSVAL);

	s->clear = s->copies == 0 || (stamped && s->tsval != seg->opt.tsval);
	s->time_ns = seg->time_ns;
	s->tsval = stamped ? seg->opt.tsval : 0;
	if (s->copies < COPIES_MAX)
		s->copies++;
}

/* Whether this segment is known to answer the last copy: Karn's algorithm, and time stamps. */
static bool answers(const struct flow_syn *s, const struct segment *seg)
{
	return s->copies == 1 ||
	       (s->copies > 1 && s->clear && seg->has & COLUMN(TSECR) &&
		seg->opt.tsecr == s->tsval);
}

/* One half of the handshake; a negative one says that the clock stepped. */
static bool add_half(int64_t *ns, int64_t from_ns, int64_t to_ns)
{
	int64_t half = seq_minus(to_ns, from_ns);

	if (half < 0 || !seq_is_sane(half))
		return false;
	*ns += half;
	return true;
}

/* When the round-trip time is known, or it is known that it won't be. */
static struct flow_handshake *handshake_of(struct flow_story *s)
{
	if (!s->handshake)
		s->handshake = pool_zero(pool_of(s), sizeof(*s->handshake));
	return s->handshake;
}

void flow_story_settle(struct flow_story *s)
{
	if (s->rtt_known)
		return;
	pool_free(s->handshake);
	s->handshake = NULL;
}

static void observe_syn(struct flow_story *s, const struct segment *seg,
			unsigned from)
{
	bool ack = seg->flags & TCP_ACK;

	s->has_opener = true;
	s->opener = ack ? !from : from;
	if (!ack) {
		s->reset = false;	/* so that was a stray one */
		s->has_syn = true;
		if (!s->has_synack)
			sent_syn(&handshake_of(s)->syn, seg);
		return;
	}
	if (!s->has_synack) {
		struct flow_handshake *h = handshake_of(s);

		h->half_known = answers(&h->syn, seg) &&
				add_half(&h->half_ns, h->syn.time_ns, seg->time_ns);
	}
	s->has_synack = true;
	if (!s->done)
		sent_syn(&handshake_of(s)->synack, seg);
	s->join_synack |= seg->opt.errors & OPTION_CUT ||
			  tcp_options_find(&seg->opt, MP_JOIN);
}

static void observe_third(struct flow_story *s, const struct segment *seg)
{
	const struct flow_handshake *h = s->handshake;
	int64_t ns = h->half_ns;
	bool known = h->half_known && answers(&h->synack, seg) &&
		     add_half(&ns, h->synack.time_ns, seg->time_ns);

	s->done = true;
	flow_story_settle(s);
	s->rtt_known = known;
	if (known)
		s->rtt_ns = ns;
}

static void observe_rst(struct flow_story *s, const struct segment *seg,
			unsigned from)
{
	const struct mptcp_option *o = tcp_options_find(&seg->opt, MP_TCPRST);

	if (s->reset || s->fins == 3)
		return;
	s->reset = true;
	s->reset_by = from;
	s->has_reason = o && o->has & HAS_REASON;
	if (s->has_reason)
		s->reason = o->rst_reason;
}

void flow_story_observe(struct flow_story *s, struct segment *seg, unsigned from)
{
	column_fetch(seg, FLOW_COLUMNS);
	if (seg->flags & TCP_SYN)
		observe_syn(s, seg, from);
	else if (s->has_opener && from == s->opener && !s->done &&
		 s->has_synack && seg->flags & TCP_ACK &&
		 !(seg->flags & TCP_RST))
		observe_third(s, seg);
	s->answered |= s->has_opener && from != s->opener;
	if (seg->flags & TCP_RST)
		observe_rst(s, seg, from);
	if (seg->flags & TCP_FIN) {
		if (!s->fins)
			s->fin_by = from;
		s->fins |= (uint8_t)(1u << from);
	}
}

/* How far a stream came that is no established subflow. */
static const char *failure(const struct flow *f, const struct subflow *sub)
{
	const struct flow_story *s = &f->story;
	bool join = sub && sub->kind == SUBFLOW_JOIN;

	if (sub && sub->kind == SUBFLOW_INITIAL && sub->conn->fallback)
		return "fallback";
	if (sub && sub->bad_hmac)
		return "bad_hmac";
	if (join && s->has_synack && !s->join_synack)
		return "no_join_in_synack";
	if (s->reset)
		return join && conn_is_guess(sub->conn) ? "unknown_token" : "reset";
	if (s->has_syn && !s->answered)
		return "no_reply";
	if (s->has_synack)
		return join ? "no_join_ack" : "no_ack";
	return "unknown";
}

static const char *state(const struct flow *f)
{
	const struct subflow *sub = f->stream->subflow;
	bool up = sub ? sub->established : f->stream->established;

	return up ? "established" : failure(f, sub);
}

struct flow_identity flow_identify(const struct flow *f)
{
	const struct stream *s;
	const struct subflow *sub;
	struct flow_identity id;

	if (f->settled)
		return *f->identity;
	s = f->stream;
	sub = s->subflow;
	id = (struct flow_identity){
		.addr = { s->addr[0], s->addr[1] },
		.port = { s->port[0], s->port[1] },
		.stream = s->index, .client = s->client, .state = state(f),
	};
	if (sub) {
		id.number = sub->number;
		id.client = sub->client;
		id.addr_id[0] = sub->addr_id[0];
		id.addr_id[1] = sub->addr_id[1];
		id.has_addr_id = sub->has_addr_id;
		id.backup = sub->backup;
		id.join = sub->kind == SUBFLOW_JOIN;
	}
	return id;
}

const char *flow_close(const struct flow_story *s, bool conn_closed,
		       char text[FLOW_CLOSE_MAX])
{
	if (s->reset && s->has_reason)
		snprintf(text, FLOW_CLOSE_MAX, "reset:%u", s->reason);
	else
		snprintf(text, FLOW_CLOSE_MAX, "%s", s->reset ? "reset" :
			 s->fins == 3 ? "fin" : conn_closed ? "silent" :
			 s->fins ? "half_closed" : "open");
	return text;
}

struct flow_load flow_load(const struct flow *f, unsigned end)
{
	const struct flow_data *d = flow_data(f, end);
	const struct flow_trouble *t = flow_trouble(f, end);

	return (struct flow_load){
		.sent_bytes = d->sent_bytes, .retrans_bytes = t->retrans_bytes,
		.after_ack_bytes = t->after_ack_bytes, .reinject_bytes = t->reinject_bytes,
		.dup_sf_bytes = t->dup_sf_bytes, .new_bytes = d->new_bytes,
		.first_ns = d->first_ns, .last_ns = d->last_ns,
	};
}

void flow_load_add(struct flow_load *into, struct flow_load l)
{
	into->sent_bytes += l.sent_bytes;
	into->retrans_bytes += l.retrans_bytes;
	into->after_ack_bytes += l.after_ack_bytes;
	into->reinject_bytes += l.reinject_bytes;
	into->dup_sf_bytes += l.dup_sf_bytes;
	into->new_bytes += l.new_bytes;
	if (into->first_ns > l.first_ns)
		into->first_ns = l.first_ns;
	if (into->last_ns < l.last_ns)
		into->last_ns = l.last_ns;
}

uint32_t flow_number(const struct flow *f)
{
	return f->settled ? f->identity->number : f->stream->subflow->number;
}

void flow_settle(struct flow *f)
{
	struct flow_identity id = flow_identify(f);

	f->identity = pool_zero(pool_of(f), sizeof(id));
	*f->identity = id;
	f->settled = true;
	flow_story_settle(&f->story);	/* no segment comes any more that these are for */
	for (unsigned end = 0; end < 2; end++) {
		struct flow_data *d = f->side[end].data;

		if (d)
			flow_data_settle(d, f->paths);
	}
}
