/* What the options of a segment say, each for itself. */
#include <inttypes.h>

#include "conn.h"
#include "proof.h"
#include "record.h"
#include "rules.h"
#include "stream.h"
#include "watch.h"

static void capable(struct watch *w, struct subflow *f, unsigned from,
		    const struct mptcp_option *o)
{
	const struct segment *seg = w->log.seg;
	struct record_side *side = &record_of(f->conn)->side[subflow_role(f, from)];
	struct event e = event_of(&w->log, EVENT_SYN_CAPABLE, f, from);

	if (!record_of_stream(f->stream)->over)
		watch_keys_of(w, f, from, o);
	if (!(seg->flags & TCP_SYN))
		return;
	side->said_checksum = o->has & HAS_MP_FLAGS && o->mp_flags & MP_FLAG_CHECKSUM;
	side->said_no_join = o->has & HAS_MP_FLAGS && o->mp_flags & MP_FLAG_NO_JOIN;
	if (seg->flags & TCP_ACK) {
		if (f->conn->has_syn && o->version > f->conn->version)
			rule_broken(&w->log, RULE_VERSION, f, from, true,
				    "%u, and %u", o->version, f->conn->version);
		return;
	}
	event_value(&e, "%u", o->version);
	event_add(&e, "version %u%s%s", o->version,
		  side->said_checksum ? ", with checksums" : "",
		  side->said_no_join ? ", no joins to this address" : "");
	event_say(&w->log, f->conn, &e);
}

/* Who joins at an address knows it: what it echoed was announced, if not captured. */
static void explain_echoes(struct subflow *f, unsigned from)
{
	const struct addr *to = &f->stream->addr[!from];

	if (!record_of(f->conn)->echoes)
		return;
	for (struct subflow *g = f->conn->subflows; g; g = g->next) {
		struct record_stream *s = g->stream->data;
		unsigned end = subflow_role(g, from) == subflow_role(f, from) ? from : !from;

		if (s && s->doubts && addr_cmp(&s->doubts->echo[end].addr, to) == 0)
			s->doubts->echo[end].at.pkt = 0;
	}
}

static void join(struct watch *w, struct subflow *f, unsigned from,
		 const struct mptcp_option *o)
{
	const struct segment *seg = w->log.seg;
	bool syn = seg->flags & TCP_SYN, first = syn && !(seg->flags & TCP_ACK);
	struct event e = event_of(&w->log, first ? EVENT_JOIN_SYN : syn ?
				  EVENT_JOIN_SYNACK : EVENT_JOIN_ACK, f, from);

	if (first)
		explain_echoes(f, from);
	if (first && o->has & HAS_TOKEN) {
		event_value(&e, "0x%08" PRIx32, o->token);
		proof_token(&e, &f->conn->side[subflow_role(f, !from)], o->token);
		record_of_stream(f->stream)->token_open = e.verdict == VERDICT_UNKNOWN;
	} else if (!first) {
		record_of_stream(f->stream)->joins |= syn;
		proof_join(&e, f, !syn);
		if (e.verdict == VERDICT_BAD)
			rule_broken(&w->log, RULE_JOIN_HMAC, f, from, true, "%s", e.detail);
	}
	if (o->has & HAS_BACKUP && o->backup)
		event_add(&e, "as a backup");
	event_say(&w->log, f->conn, &e);
}

/* An echo is checked against what the other host announced. */
static void echo(struct watch *w, struct event *e, struct subflow *f, unsigned from,
		 const struct mptcp_option *o)
{
	struct record_side *owner = &record_of(f->conn)->side[!subflow_role(f, from)];
	struct announced_addr *a = announced_find(&owner->announced, o->addr_id);
	uint16_t port = o->has & HAS_PORT ? o->port : 0;

	if (!a && announced_waits(&owner->announced)) {
		event_check(e, VERDICT_UNKNOWN, "ADD_ADDR not captured");
		rules_of_echo(&w->log, f, from, o->addr_id);
	} else if (!a) {
		event_check(e, VERDICT_UNKNOWN, "ADD_ADDR not captured");
		record_doubts_of(record_of_stream(f->stream))->echo[from] =
			(struct stray_echo){ e->at, o->address, o->addr_id };
		record_of(f->conn)->echoes = true;
	} else if (addr_cmp(&a->addr, &o->address) == 0 && a->port == port) {
		a->echoed = true;
		event_check(e, VERDICT_OK, "as announced");
	} else {
		event_check(e, VERDICT_UNKNOWN, "not the address announced with this id");
		rule_broken(&w->log, RULE_ECHO, f, from, false,
			    "id %u was announced with another address", o->addr_id);
	}
	event_say(&w->log, f->conn, e);
}

static void announce(struct watch *w, struct event *e, struct subflow *f,
		     unsigned from, const struct mptcp_option *o)
{
	unsigned role = subflow_role(f, from);
	struct announced *list = &record_of(f->conn)->side[role].announced;
	const struct announced_addr *a = announced_find(list, o->addr_id);
	uint16_t port = o->has & HAS_PORT ? o->port : 0;
	char text[END_TEXT_MAX];

	if (a && !a->removed && (addr_cmp(&a->addr, &o->address) != 0 || a->port != port))
		rule_broken(&w->log, RULE_ADDRESS_ID, f, from, false, "id %u was %s",
			    o->addr_id, end_text(text, &a->addr, a->port));
	else if (a && !a->removed)
		event_add(e, "again");
	announced_add(list, o->addr_id, &o->address, port);
	watch_address(w, f, from, o, e);
}

static void add_addr(struct watch *w, struct subflow *f, unsigned from,
		     const struct mptcp_option *o)
{
	bool is_echo = o->has & HAS_ECHO && o->echo;
	struct event e = event_of(&w->log, is_echo ? EVENT_ADD_ADDR_ECHO : EVENT_ADD_ADDR,
				  f, from);

	if (!(o->has & HAS_ADDRESS) || !(o->has & HAS_ADDR_ID))
		return;
	e.addr = o->address;
	e.port = o->has & HAS_PORT ? o->port : 0;
	e.has_addr_id = true;
	e.addr_id = o->addr_id;
	if (is_echo)
		echo(w, &e, f, from, o);
	else
		announce(w, &e, f, from, o);
}

/* The address of this id, by ADD_ADDR or from a subflow. */
static void find_address(struct event *e, const struct conn *c, unsigned role,
			 uint8_t id, const struct announced_addr *a)
{
	e->port = 0;
	e->has_end = a;
	if (a) {
		e->addr = a->addr;
		e->port = a->port;
		return;
	}
	for (const struct subflow *f = c->subflows; f; f = f->next) {
		unsigned end = role == CLIENT ? f->client : !f->client;

		if (!(f->has_addr_id >> end & 1) || f->addr_id[end] != id)
			continue;
		e->addr = f->stream->addr[end];
		e->has_end = true;
	}
}

static void remove_addr(struct watch *w, struct subflow *f, unsigned from,
			const struct mptcp_option *o)
{
	unsigned role = subflow_role(f, from);

	for (unsigned i = 0; o->has & HAS_IDS && i < o->ids; i++) {
		struct event e = event_of(&w->log, EVENT_REMOVE_ADDR, f, from);
		struct announced_addr *a = announced_find(
			&record_of(f->conn)->side[role].announced, o->id[i]);

		find_address(&e, f->conn, role, o->id[i], a);
		e.has_addr_id = true;
		e.addr_id = o->id[i];
		if (a)
			a->removed = true;
		event_say(&w->log, f->conn, &e);
	}
}

static void prio(struct watch *w, struct subflow *f, unsigned from,
		 const struct mptcp_option *o)
{
	struct event e = event_of(&w->log, EVENT_PRIO, f, from);

	if (o->has & HAS_ADDR_ID) {
		find_address(&e, f->conn, subflow_role(f, from), o->addr_id, NULL);
		e.has_addr_id = true;
		e.addr_id = o->addr_id;
	}
	if (o->has & HAS_BACKUP) {
		event_value(&e, "%u", o->backup);
		event_add(&e, "%s", o->backup ? "use it as a backup"
			  : "use it as any other");
	}
	event_say(&w->log, f->conn, &e);
}

/* Whether the checksum of a mapping of this end that begins at this DSN was right. */
static bool was_right(const struct subflow *f, unsigned end, uint64_t dsn)
{
	const struct checksum *c = record_of_stream(f->stream)->checksum[end];

	for (uint32_t i = 0; c && i < c->maps; i++)
		if (c->map[i].dsn == dsn && c->map[i].verdict == VERDICT_OK)
			return true;
	return false;
}

/* MP_FAIL names the data of the other host by its first DSN, RFC 8684 3.7. */
static void fail(struct watch *w, struct subflow *f, unsigned from,
		 const struct mptcp_option *o)
{
	struct event e = event_of(&w->log, EVENT_MP_FAIL, f, from);
	const struct record *r = record_of(f->conn);
	const struct record_side *data;

	watch_settle(w, f, !from);
	data = &r->side[!subflow_role(f, from)];
	if (o->has & HAS_FAIL_DSN) {
		event_value(&e, "0x%016" PRIx64, o->fail_dsn);
		if (!data->has_bad && was_right(f, !from, o->fail_dsn))
			event_check(&e, VERDICT_OK, "DSN of a mapping whose checksum was right "
				    "when it passed here");
		else if (!data->has_bad)
			event_check(&e, VERDICT_UNKNOWN, r->side[subflow_role(f, from)].failed ?
				    "it answers the other MP_FAIL; no mapping with a bad "
				    "checksum was captured" :
				    "no mapping with a bad checksum was captured");
		else if (data->bad_dsn == o->fail_dsn)
			event_check(&e, VERDICT_OK, "DSN of the bad mapping of packet %" PRIu64,
				    data->bad_pkt);
		else
			event_check(&e, VERDICT_BAD, "DSN is not 0x%016" PRIx64
				    " of the bad mapping of packet %" PRIu64,
				    data->bad_dsn, data->bad_pkt);
	}
	record_of(f->conn)->side[!subflow_role(f, from)].failed = true;
	event_say(&w->log, f->conn, &e);
}

static void fastclose(struct watch *w, struct subflow *f, unsigned from,
		      const struct mptcp_option *o)
{
	struct event e = event_of(&w->log, EVENT_FASTCLOSE, f, from);

	if (o->has & HAS_RECV_KEY)
		event_value(&e, "0x%016" PRIx64, o->recv_key);
	proof_fastclose(&e, &f->conn->side[!subflow_role(f, from)], o);
	if (e.verdict == VERDICT_BAD && !record_of_stream(f->stream)->over)
		rule_broken(&w->log, RULE_FASTCLOSE_KEY, f, from, true, "%s", "");
	event_say(&w->log, f->conn, &e);
}

static void tcprst(struct watch *w, struct subflow *f, unsigned from,
		   const struct mptcp_option *o)
{
	struct event e = event_of(&w->log, EVENT_TCPRST, f, from);

	if (o->has & HAS_REASON) {
		event_value(&e, "%u", o->rst_reason);
		event_add(&e, "%s%s", event_reason(o->rst_reason),
			  o->has & HAS_TRANSIENT && o->transient ? ", for now" : "");
	}
	event_say(&w->log, f->conn, &e);
}

void watch_options_of(struct watch *w, struct subflow *f, unsigned from)
{
	static void (*const say[])(struct watch *, struct subflow *, unsigned,
				   const struct mptcp_option *) = {
		[MP_CAPABLE] = capable, [MP_JOIN] = join, [MP_ADD_ADDR] = add_addr,
		[MP_REMOVE_ADDR] = remove_addr, [MP_PRIO] = prio, [MP_FAIL] = fail,
		[MP_FASTCLOSE] = fastclose, [MP_TCPRST] = tcprst,
	};
	const struct tcp_options *t = &w->log.seg->opt;

	if (!t->mptcps)
		return;
	rules_of_options(&w->log, f, from);
	for (unsigned i = 0; i < t->mptcps; i++) {
		const struct mptcp_option *o = &t->mptcp[i];

		if (o->subtype >= sizeof(say) / sizeof(*say) || !say[o->subtype])
			continue;
		if (o->subtype == MP_CAPABLE && !mptcp_capable_counts(o))
			continue;
		say[o->subtype](w, f, from, o);
	}
}
