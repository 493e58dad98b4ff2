/* The DSS checksums of the mappings of a subflow, and what comes of them. */
#include <inttypes.h>

#include "conn.h"
#include "mem.h"
#include "record.h"
#include "stream.h"
#include "watch.h"

/* Whose mappings are judged: what checksum_judged gets as its argument. */
struct whose {
	struct watch *w;
	struct subflow *f;
	unsigned from;
};

static void judged(void *arg, const struct checksum_map *m)
{
	const struct whose *whose = arg;
	struct subflow *f = whose->f;
	unsigned role = subflow_role(f, whose->from);
	struct record_side *side = &record_of(f->conn)->side[role];
	bool bad = m->verdict == VERDICT_BAD;
	struct event e = event_of(&whose->w->log, bad ? EVENT_CHECKSUM_BAD :
				  EVENT_CHECKSUM_OK, f, whose->from);

	if (!bad && !whose->w->options.good)
		return;
	if (bad) {
		side->has_bad = true;
		side->bad_dsn = m->dsn;
		side->bad_pkt = m->at.pkt;
	}
	e.at = m->at;
	event_value(&e, "%" PRId64, (int64_t)(m->dsn - f->conn->side[role].base));
	event_check(&e, m->verdict, "checksum 0x%04x of DSN 0x%016" PRIx64 ", SSN %" PRIu32
		    ", %u bytes is %s", m->csum, m->dsn, m->ssn, m->len,
		    !bad ? "right" : !m->swapped ? "wrong" : "right but for the order "
		    "of its two bytes: that is the bug of Linux 5.14 to 5.18");
	if (m->together && bad)
		event_add(&e, "or that of one of the next %" PRIu32 " mappings, "
			  "between which no segment ends", m->together);
	else if (m->together)
		event_add(&e, "together with %" PRIu32 " beside it, as no segment ends "
			  "between them", m->together);
	event_say(&whose->w->log, f->conn, &e);
}

static struct checksum *of_end(struct subflow *f, unsigned end)
{
	struct record_stream *s = record_of_stream(f->stream);

	if (!s->checksum[end])
		s->checksum[end] = mem_zero(sizeof(struct checksum));
	return s->checksum[end];
}

/* A DATA_FIN alone has a checksum, but no place among the bytes of the subflow. */
static void verify_fin(struct whose *whose, struct checksum_map *m)
{
	m->verdict = (uint8_t)checksum_verify(m, 0, &m->swapped);
	m->at = moment_of(whose->w->log.seg);
	judged(whose, m);
}

static void take_mapping(struct whose *whose, const struct mptcp_option *o, bool agrees)
{
	const struct subflow *f = whose->f;
	const struct conn_side *side = &f->conn->side[subflow_role(f, whose->from)];
	bool capable = o->subtype == MP_CAPABLE;
	bool fin = o->has & HAS_DATA_FIN && o->data_fin;
	struct moment now = moment_of(whose->w->log.seg);
	struct checksum_map m = {
		.dsn = side->base + (uint64_t)o->map_dsn, .csum = o->csum,
		.ssn = capable ? 1 : o->ssn, .len = o->data_len, .implied = capable,
	};

	if (!(o->has & HAS_CSUM) || !(o->has & HAS_SSN || capable) ||
	    !side->base_wide || !agrees || o->data_len == 0)
		return;
	if (fin && o->data_len == 1) {
		verify_fin(whose, &m);
		return;
	}
	if (!(o->has & HAS_MAP_SEQ))
		return;
	m.bytes.from = o->map_seq;
	m.bytes.to = o->map_seq + o->data_len - fin;
	checksum_map(of_end(whose->f, whose->from), &m, &now, judged, whose);
}

void watch_checksums(struct watch *w, struct subflow *f, unsigned from)
{
	const struct segment *seg = w->log.seg;
	struct whose own = { w, f, from }, other = { w, f, !from };
	struct record_stream *s = record_of_stream(f->stream);
	struct moment now;

	if (f->conn->checksum < 1)
		return;
	for (unsigned i = 0; i < w->told.mappeds; i++)
		take_mapping(&own, w->told.mapped[i].option, w->told.mapped[i].agrees);
	if (seg->has & COLUMN(PAYLOAD_SUM) && seg->has & COLUMN(REL_SEQ) &&
	    !(seg->flags & TCP_SYN)) {
		now = moment_of(seg);
		checksum_payload(of_end(f, from), seg->rel_seq, seg->rel_seq + seg->len,
				 seg->payload_sum, &now, judged, &own);
	}
	if (s->checksum[!from] && seg->has & COLUMN(REL_ACK))
		checksum_ack(s->checksum[!from], seg->rel_ack, judged, &other);
}

void watch_imply(struct watch *w, struct subflow *f, unsigned from)
{
	struct checksum *c = record_of_stream(f->stream)->checksum[from];
	struct whose whose = { w, f, from };
	struct moment now = moment_of(w->log.seg);

	if (c)
		checksum_imply(c, f->conn->side[subflow_role(f, from)].base, &now,
			       judged, &whose);
}

void watch_settle(struct watch *w, struct subflow *f, unsigned from)
{
	struct record_stream *s = record_of_stream(f->stream);
	struct whose whose = { w, f, from };

	if (s->checksum[from])
		checksum_settle(s->checksum[from], judged, &whose);
}
