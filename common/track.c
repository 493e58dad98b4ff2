#include "track.h"

#include "bind.h"
#include "budget.h"
#include "dss.h"
#include "handshake.h"
#include "segment.h"
#include "seq.h"
#include "sum.h"

enum { FULL_LEAST = 256 };	/* nothing is full after fewer segments */

static void forget_stream(void *arg, struct stream *s)
{
	struct track *t = arg;

	if (t->conns.budget && s->segments > FULL_LEAST)
		conn_weigh(&t->conns, s);	/* something may be full since it was due */
	subflow_forget(&t->conns, s);
}

void track_init(struct track *t, const struct conn_hooks *hooks, struct budget *budget)
{
	t->sums = false;
	streams_init(&t->streams);
	conns_init(&t->conns, hooks);
	t->streams.forget = forget_stream;
	t->streams.arg = t;
	t->streams.budget = t->conns.budget = budget;
}

void track_end(struct track *t)
{
	conns_free(&t->conns);
	streams_free(&t->streams);
}

uint64_t track_columns(void)
{
	return COLUMN(TIME_NS) | COLUMN(STREAM) | COLUMN(CONN) | COLUMN(DIR) |
	       COLUMN(SRC) | COLUMN(SPORT) | COLUMN(DST) | COLUMN(DPORT) |
	       COLUMN(FLAGS) | COLUMN(SEQ) | COLUMN(ACK) | COLUMN(LEN) |
	       COLUMN(REL_SEQ) | COLUMN(REL_ACK) | COLUMN(MPTCP) |
	       COLUMN(VERSION) | COLUMN(MP_FLAGS) | COLUMN(SEND_KEY) |
	       COLUMN(RECV_KEY) | COLUMN(TOKEN) | COLUMN(NONCE) | COLUMN(HMAC) |
	       COLUMN(DATA_FIN) | COLUMN(DSS_DSN) | COLUMN(DSS_ACK) |
	       COLUMN(DSS_LEN) | COLUMN(DSS_CSUM) |
	       COLUMN(DSN) | COLUMN(DACK) | COLUMN(OPTION_ERROR) |
	       COLUMN(MAP_SEQ) | COLUMN(MAP_DSN);
}

/* What an HMAC of ADD_ADDR is of, by which a key is proved. */
uint64_t track_columns_also(void)
{
	return COLUMN(ADDR_ID) | COLUMN(ADD_ADDR) | COLUMN(ADD_PORT);
}

uint64_t track_columns_later(void)
{
	return STREAM_COLUMNS | DSS_COLUMNS;
}

/* How the subflow ends. */
static void observe_end(struct subflow *f, const struct segment *seg,
			unsigned from)
{
	struct conn *c = f->conn;

	if (seg->flags & TCP_RST)
		subflow_set_reset(f, true);
	if (!(seg->flags & TCP_FIN))
		return;
	f->fin |= (uint8_t)(1u << from);
	if (c->fallback) {
		c->half_finished = true;
		c->finished = f->fin == 3;
	}
}

/*
 * A path that went silent keeps no connection that is closed from being over. All
 * are over when it closes; then only those that come later are not.
 */
static void close_streams(struct track *t, const struct subflow *f)
{
	struct conn *c = f->conn;

	if (f->stream->over)
		return;
	stream_set_over(&t->streams, f->stream);
	for (f = c->over ? NULL : c->subflows; f; f = f->next)
		stream_set_over(&t->streams, f->stream);
	c->over = true;
}

/* TSV may say anything: numbers that can't be are as good as none. */
static void drop_nonsense(struct segment *seg)
{
	/* what is not there may be cleared as well */
	if (!seq_is_sane(seg->rel_seq))
		seg->has &= ~COLUMN(REL_SEQ);
	if (!seq_is_sane(seg->rel_ack))
		seg->has &= ~COLUMN(REL_ACK);
	if (!seq_is_sane(seg->dsn))
		seg->has &= ~COLUMN(DSN);
	if (!seq_is_sane(seg->dack))
		seg->has &= ~COLUMN(DACK);
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->has & HAS_MAP_SEQ && !seq_is_sane(o->map_seq))
			o->has &= ~(uint32_t)HAS_MAP_SEQ;
		if (o->has & HAS_MAP_DSN && !seq_is_sane(o->map_dsn))
			o->has &= ~(uint32_t)HAS_MAP_DSN;
	}
}

/* What the DSS checksum of a mapping adds up (RFC 8684 3.3.1), and only then. */
static void add_payload(const struct conn *c, struct segment *seg)
{
	if (c->checksum < 1 || c->fallback || !seg->len || !seg->payload)
		return;
	seg->payload_sum = sum_bytes(seg->payload, seg->len);
	seg->has |= COLUMN(PAYLOAD_SUM);
}

/* What the stream takes, or, if that is more, its connection beside its streams. */
static uint32_t heft(const struct stream *s)
{
	const struct conn *c = s->subflow ? s->subflow->conn : NULL;

	return c && c->weight > s->weight ? c->weight : s->weight;
}

/* Or all of its connection, if that is what weighs. */
static void give_up_heavy(struct streams *t, struct stream *s)
{
	const struct conn *c = s->subflow ? s->subflow->conn : NULL;

	if (!c || c->weight < s->weight) {
		streams_give_up(t, s);
		return;
	}
	while (c->subflows->next)
		streams_give_up(t, c->subflows->stream);
	streams_give_up(t, c->subflows->stream);	/* and the connection with it */
}

/*
 * Back to what the budget allows. What takes much may have been weighed a while
 * ago: it is not for the stream of the last segment to make way for it.
 */
static void give_up(struct streams *t)
{
	const struct budget *b = t->budget;
	struct stream *s;

	while (budget_exceeded(b)) {
		if (t->heaviest && budget_is_heavy(b, heft(t->heaviest)))
			give_up_heavy(t, t->heaviest);
		else if ((s = streams_least(t)))
			streams_give_up(t, s);
		else
			break;
	}
}

/*
 * The stream of the last segment was taken in by all: weigh it, not each time,
 * but often enough that little can come in between.
 */
static void keep_budget(struct track *t)
{
	struct budget *b = t->streams.budget;
	struct stream *s = t->streams.recent;

	if (!b || !s || !stream_is_due(s))
		return;
	conn_weigh(&t->conns, s);
	if (budget_is_heavy(b, heft(s)) &&
	    (!t->streams.heaviest || heft(t->streams.heaviest) < heft(s)))
		t->streams.heaviest = s;
	if (budget_exceeded(b))
		give_up(&t->streams);
}

struct stream *track_segment(struct track *t, struct segment *seg)
{
	struct stream *s;
	struct subflow *f;
	unsigned from;

	keep_budget(t);
	if (seg->tracked)
		drop_nonsense(seg);
	streams_tick(&t->streams, seg);
	s = stream_find(&t->streams, seg);
	from = stream_sender(s, seg);
	stream_observe(&t->streams, s, seg, from);
	f = s->subflow;
	if (!f || seg->tracked || seg->flags & TCP_SYN)
		f = bind_segment(&t->conns, s, seg, from);
	if (f) {
		handshake_observe(&t->conns, f, seg, from);
		dss_observe(&t->conns, f, seg, from);
		if (seg->tracked)
			bind_correct(&t->conns, f, seg, from);
		if (seg->flags & (TCP_RST | TCP_FIN))
			observe_end(f, seg, from);
		if (conn_closed(f->conn))
			close_streams(t, f);
		if (f->conn->first_ns > seg->time_ns)
			f->conn->first_ns = seg->time_ns;
		if (f->conn->last_ns < seg->time_ns)
			f->conn->last_ns = seg->time_ns;
		seg->conn = f->conn->index;
		seg->has |= COLUMN(CONN);
	}
	if (t->sums && f)
		add_payload(f->conn, seg);
	if (!seg->tracked) {
		seg->dir = (uint8_t)(f ? subflow_role(f, from)
				       : from != s->client);
		seg->has |= COLUMN(DIR);
	}
	return s;
}
