#include "rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "conn.h"
#include "event.h"
#include "record.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

static const struct {
	const char *section, *text;
} rules[RULES] = {
	[RULE_FLAG_B] = { "3.1", "flag B of MP_CAPABLE must be 0" },
	[RULE_ALGORITHM] = { "3.1", "MP_CAPABLE must name a crypto algorithm" },
	[RULE_VERSION] = { "3.1", "the SYN/ACK may not have a higher version than the SYN" },
	[RULE_KEYS] = { "3.1", "the keys in MP_CAPABLE must be those exchanged before" },
	[RULE_FIRST_DSN] = { "3.1", "no data is below the IDSN of the key, plus 1" },
	[RULE_FLAG_C] = { "3.1", "no JOIN to an address and port whose host set flag C" },
	[RULE_SYN_OPTION] = { "3.1", "a SYN has no MPTCP option but MP_CAPABLE or MP_JOIN" },
	[RULE_CAPABLE_AND_JOIN] = { "3.2", "a SYN has either MP_CAPABLE or MP_JOIN" },
	[RULE_CAPABLE_LATE] = { "3.2", "a joined subflow has no MP_CAPABLE" },
	[RULE_NO_CHECKSUM] = { "3.3", "a DSS with a mapping must have the checksum that was negotiated" },
	[RULE_CHECKSUM] = { "3.3", "a DSS may not have a checksum that was not negotiated" },
	[RULE_TOKEN] = { "3.2", "a JOIN has the token of the key of the host that it goes to" },
	[RULE_JOIN_HMAC] = { "3.2", "the HMAC of a JOIN must be right" },
	[RULE_EARLY_DATA] = { "3.2", "who joins sends no data before the fourth segment of the handshake" },
	[RULE_MAPPING] = { "3.3.1", "a mapping that was declared may not be changed" },
	[RULE_MAPPING_GAP] = { "3.3.1", "every byte must be covered by a mapping" },
	[RULE_DSN] = { "3.3.1", "a DSN goes on where data was, within what can be under way" },
	[RULE_DATA_ACK] = { "3.3.2", "a data ACK may not cover what was never sent" },
	[RULE_DATA_FIN_MOVED] = { "3.3.3", "the DATA_FIN has one DSN, behind all data" },
	[RULE_AFTER_DATA_FIN] = { "3.3.3", "no data is sent behind the DATA_FIN" },
	[RULE_ADD_ADDR_HMAC] = { "3.4.1", "the HMAC of an ADD_ADDR must be right" },
	[RULE_ADDRESS_ID] = { "3.4.1", "an address id stands for one address until it is removed" },
	[RULE_ECHO] = { "3.4.1", "an ADD_ADDR is echoed as it was received" },
	[RULE_FASTCLOSE_KEY] = { "3.5", "MP_FASTCLOSE has the key of its receiver" },
	[RULE_RESET] = { "3.6", "MP_TCPRST stands on a RST" },
	[RULE_INFINITE] = { "3.7", "an infinite mapping needs that no other subflow is in use" },
};

const char *rule_section(unsigned rule)
{
	return rules[rule].section;
}

const char *rule_text(unsigned rule)
{
	return rules[rule].text;
}

static void describe(struct event *e, enum rule rule, bool sure, const char *text)
{
	event_value(e, "%s", rules[rule].section);
	event_check(e, sure ? VERDICT_BAD : VERDICT_UNKNOWN, "RFC 8684 %s, %s%s%s%s",
		    rules[rule].section, rules[rule].text, *text ? ": " : "", text,
		    sure ? "" : " (unless segments were not captured)");
}

void rule_broken(const struct event_log *l, enum rule rule, struct subflow *f,
		 unsigned from, bool sure, const char *fmt, ...)
{
	struct record_stream *r = record_of_stream(f->stream);
	struct event e = event_of(l, EVENT_VIOLATION, f, from);
	char text[200];
	va_list args;

	if (r->broken[from] >> rule & 1 || (!sure && record_of(f->conn)->gaps))
		return;
	r->broken[from] |= UINT64_C(1) << rule;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	describe(&e, rule, sure, text);
	event_say(l, f->conn, &e);
}

/* The rule about its flags that an MP_CAPABLE breaks; RULES: none. */
static enum rule flags_rule(const struct mptcp_option *o)
{
	if (o->subtype != MP_CAPABLE || !(o->has & HAS_MP_FLAGS) ||
	    !(o->has & HAS_VERSION) || o->version > 1)
		return RULES;
	return o->mp_flags & MP_FLAG_EXTENDED ? RULE_FLAG_B :
	       o->mp_flags & MP_FLAGS_ALGORITHM ? RULES : RULE_ALGORITHM;
}

void rules_of_stray(const struct event_log *l, struct stream *s, unsigned from)
{
	for (unsigned i = 0; i < l->seg->opt.mptcps; i++) {
		enum rule rule = flags_rule(&l->seg->opt.mptcp[i]);
		struct event e = event_of_stream(l, EVENT_VIOLATION, s, from);

		if (rule == RULES || record_of_stream(s)->broken[from] >> rule & 1)
			continue;
		record_of_stream(s)->broken[from] |= UINT64_C(1) << rule;
		describe(&e, rule, true, "");
		event_say(l, NULL, &e);
	}
}

static void check_syn(const struct event_log *l, struct subflow *f, unsigned from)
{
	const struct tcp_options *t = &l->seg->opt;

	if (tcp_options_find(t, MP_CAPABLE) && tcp_options_find(t, MP_JOIN))
		rule_broken(l, RULE_CAPABLE_AND_JOIN, f, from, true, "%s", "");
	for (unsigned i = 0; i < t->mptcps; i++) {
		const char *name = mptcp_subtype_name(t->mptcp[i].subtype);

		if (name && t->mptcp[i].subtype != MP_CAPABLE &&
		    t->mptcp[i].subtype != MP_JOIN)
			rule_broken(l, RULE_SYN_OPTION, f, from, true, "it has %s", name);
	}
}

/* Whether the host of this role may be joined at the address that a SYN goes to. */
static void check_flag_c(const struct event_log *l, struct subflow *f, unsigned from)
{
	const struct stream *s = f->stream;
	unsigned to = subflow_role(f, !from);
	const struct conn_side *side = &f->conn->side[to];

	if (record_of(f->conn)->side[to].said_no_join &&
	    addr_cmp(side_addr(side), &s->addr[!from]) == 0 && side_port(side) == s->port[!from])
		rule_broken(l, RULE_FLAG_C, f, from, true, "%s", "");
}

/* Whether the mapping has the checksum that the handshake agreed on. */
static void check_checksum(const struct event_log *l, struct subflow *f,
			   unsigned from, const struct mptcp_option *o)
{
	const struct record *r = record_of(f->conn);
	bool used = r->side[CLIENT].said_checksum || r->side[SERVER].said_checksum;

	if (!f->conn->has_syn || !f->conn->has_synack || !(o->has & HAS_DATA_LEN) ||
	    l->seg->opt.errors & OPTION_CUT)
		return;
	if (used && !(o->has & HAS_CSUM))
		rule_broken(l, RULE_NO_CHECKSUM, f, from, true, "%s", "");
	if (!used && o->has & HAS_CSUM)
		rule_broken(l, RULE_CHECKSUM, f, from, true, "%s", "");
}

void rules_of_options(const struct event_log *l, struct subflow *f, unsigned from)
{
	const struct segment *seg = l->seg;

	if (seg->flags & TCP_SYN)
		check_syn(l, f, from);
	for (unsigned i = 0; i < seg->opt.mptcps; i++) {
		const struct mptcp_option *o = &seg->opt.mptcp[i];
		enum rule rule = flags_rule(o);

		if (rule != RULES)
			rule_broken(l, rule, f, from, true, "%s", "");
		if (o->subtype == MP_JOIN && o->has & HAS_TOKEN && seg->flags & TCP_SYN)
			check_flag_c(l, f, from);
		if (o->subtype == MP_CAPABLE && f->kind == SUBFLOW_JOIN)
			rule_broken(l, RULE_CAPABLE_LATE, f, from, true, "%s", "");
		if (o->subtype == MP_TCPRST && !(seg->flags & TCP_RST))
			rule_broken(l, RULE_RESET, f, from, true, "%s", "");
		if (o->subtype == MP_DSS || o->subtype == MP_CAPABLE)
			check_checksum(l, f, from, o);
		if (o->subtype == MP_DSS && o->has & HAS_DSN && o->dsn_wide &&
		    o->has & HAS_DATA_LEN && !(o->has & HAS_MAP_DSN) &&
		    !(seg->flags & TCP_SYN) && f->conn->side[subflow_role(f, from)].has_key)
			rule_broken(l, RULE_DSN, f, from, false,
				    "it is 2^31 or more away");
	}
}

/* How many other subflows are in use. */
static unsigned in_use(const struct subflow *f)
{
	unsigned n = 0;

	for (const struct subflow *g = f->conn->subflows; g; g = g->next)
		n += g != f && g->established && !stream_closed(g->stream);
	return n;
}

void rules_of_mapping(const struct event_log *l, struct subflow *f, unsigned from,
		      const struct mptcp_option *o, bool agrees)
{
	struct record_side *side = &record_of(f->conn)->side[subflow_role(f, from)];
	bool fin = o->has & HAS_DATA_FIN && o->data_fin;
	int64_t end = seq_plus(o->map_dsn, o->data_len);

	if (!agrees)
		rule_broken(l, RULE_MAPPING, f, from, true,
			    "SSN %" PRIu32 " is other data now", o->ssn);
	if (o->data_len == 0 && in_use(f))
		rule_broken(l, RULE_INFINITE, f, from, false, "%u more %s", in_use(f),
			    in_use(f) == 1 ? "is" : "are");
	if (side->data_fin && fin && end - 1 != side->fin_dsn)
		rule_broken(l, RULE_DATA_FIN_MOVED, f, from, true,
			    "DSN %" PRId64 ", and %" PRId64 " before", end - 1, side->fin_dsn);
	else if (fin && !side->data_fin && side->mapped > end - 1)
		rule_broken(l, RULE_DATA_FIN_MOVED, f, from, true,
			    "DSN %" PRId64 ", but there is data up to %" PRId64,
			    end - 1, side->mapped);
	else if (side->data_fin && !fin && end > side->fin_dsn)
		rule_broken(l, RULE_AFTER_DATA_FIN, f, from, true,
			    "data up to DSN %" PRId64 ", the DATA_FIN has %" PRId64,
			    end, side->fin_dsn);
	if (side->mapped < end)
		side->mapped = end;
}

/*
 * One that is ahead of all that was sent may be of data on a path that was not
 * captured. But then those behind it do not go back.
 */
static void check_ahead(const struct event_log *l, struct subflow *f, unsigned from,
			const struct conn_side *side)
{
	const struct segment *seg = l->seg;
	struct record_stream *s = record_of_stream(f->stream);
	struct ahead *a;

	if (f->conn->fallback || !side->has_key || !(seg->has & COLUMN(REL_ACK)) ||
	    (!s->doubts && seg->dack <= side->next))
		return;
	a = &record_doubts_of(s)->ahead[from];
	if (a->pkt && seg->dack < a->dack && seg->rel_ack >= a->rel_ack) {
		rule_broken(l, RULE_DATA_ACK, f, from, false, "%" PRId64 " in packet %"
			    PRIu64 " with data up to %" PRId64 " sent, and now %" PRId64,
			    a->dack, a->pkt, a->sent, seg->dack);
		a->pkt = 0;
	} else if (seg->dack > side->next) {
		*a = (struct ahead){ seg->pkt, seg->dack, side->next, seg->rel_ack };
	} else if (a->pkt && seg->dack >= a->dack) {
		a->pkt = 0;
	}
}

void rules_of_ack(const struct event_log *l, struct subflow *f, unsigned from)
{
	const struct conn_side *side = &f->conn->side[!subflow_role(f, from)];
	const struct mptcp_option *o = tcp_options_find(&l->seg->opt, MP_DSS);

	if (l->seg->flags & TCP_SYN)
		return;
	if (l->seg->has & COLUMN(DACK) && side->fin && l->seg->dack > side->fin_dsn + 1)
		rule_broken(l, RULE_DATA_ACK, f, from, true, "%" PRId64
			    ", the DATA_FIN has %" PRId64, l->seg->dack, side->fin_dsn);
	if (!(l->seg->has & COLUMN(DACK)) && o && o->has & HAS_DATA_ACK &&
	    o->ack_wide && side->has_key)
		rule_broken(l, RULE_DATA_ACK, f, from, false, "it is 2^31 or more away");
	if (l->seg->has & COLUMN(DACK))
		check_ahead(l, f, from, side);
}

void rules_of_echo(const struct event_log *l, struct subflow *f, unsigned from, unsigned id)
{
	rule_broken(l, RULE_ECHO, f, from, false, "id %u was not announced", id);
}

void rules_of_key(const struct event_log *l, struct subflow *f,
		  const struct said_key *said, unsigned role)
{
	const struct conn_side *side = &f->conn->side[role];
	const char *whose = role == CLIENT ? "client" : "server";
	struct segment then;
	struct event_log log = event_log_at(l, &then, &said->at);

	if (side->proved)
		rule_broken(&log, RULE_KEYS, f, said->from, true, "key of the %s 0x%016" PRIx64
			    ", but 0x%016" PRIx64 " by its data or token", whose,
			    said->key, side->key);
	else if (!side->has_key)
		rule_broken(&log, RULE_KEYS, f, said->from, true, "key of the %s 0x%016" PRIx64
			    ", but its data is far from that IDSN", whose, said->key);
	else
		rule_broken(&log, RULE_KEYS, f, said->from, true, "key of the %s 0x%016" PRIx64
			    ", and another one before", whose, said->key);
}

void rules_of_stray_echoes(const struct event_log *l, struct subflow *f)
{
	const struct record_doubts *d = record_of_stream(f->stream)->doubts;

	for (unsigned from = 0; d && from < 2; from++) {
		const struct stray_echo *echo = &d->echo[from];
		struct segment then;
		struct event_log log = event_log_at(l, &then, &echo->at);

		if (echo->at.pkt)
			rules_of_echo(&log, f, from, echo->id);
	}
}

void rules_of_fourth(const struct event_log *l, struct subflow *f, unsigned from)
{
	struct record_stream *r = record_of_stream(f->stream);
	const struct segment *seg = l->seg;

	if (f->kind != SUBFLOW_JOIN || r->fourth || seg->flags & (TCP_SYN | TCP_RST) ||
	    !f->stream->side[0].syn || !f->stream->side[1].syn)
		return;
	if (from == f->opener) {
		r->early_data |= seg->len > 0;
		return;
	}
	r->fourth = true;
	if (r->early_data && seg->has & COLUMN(REL_ACK) && seg->rel_ack == 1)
		rule_broken(l, RULE_EARLY_DATA, f, !from, false, "%s", "");
}
