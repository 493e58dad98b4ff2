#include "event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conn.h"
#include "segment.h"
#include "stream.h"

const char *event_name(unsigned kind)
{
	static const char *const names[EVENT_KINDS] = {
		[EVENT_SYN_CAPABLE] = "syn_capable", [EVENT_CAPABLE] = "capable",
		[EVENT_JOIN_SYN] = "join_syn", [EVENT_JOIN_SYNACK] = "join_synack",
		[EVENT_JOIN_ACK] = "join_ack", [EVENT_JOINED] = "joined",
		[EVENT_JOIN_FAILED] = "join_failed", [EVENT_ADD_ADDR] = "add_addr",
		[EVENT_ADD_ADDR_ECHO] = "add_addr_echo",
		[EVENT_REMOVE_ADDR] = "remove_addr", [EVENT_PRIO] = "prio",
		[EVENT_FIRST_DATA] = "first_data", [EVENT_DATA_FIN] = "data_fin",
		[EVENT_DATA_FIN_ACKED] = "data_fin_acked",
		[EVENT_MP_FAIL] = "mp_fail",
		[EVENT_INFINITE_MAPPING] = "infinite_mapping",
		[EVENT_FALLBACK] = "fallback", [EVENT_FASTCLOSE] = "fastclose",
		[EVENT_TCPRST] = "tcprst", [EVENT_SUBFLOW_FIN] = "subflow_fin",
		[EVENT_SUBFLOW_RST] = "subflow_rst", [EVENT_STALL] = "stall",
		[EVENT_RESUME] = "resume",
		[EVENT_MAPPING_CONFLICT] = "mapping_conflict",
		[EVENT_MAPPING_GAP] = "mapping_gap",
		[EVENT_CHECKSUM_OK] = "checksum_ok",
		[EVENT_CHECKSUM_BAD] = "checksum_bad", [EVENT_CLOSED] = "closed",
		[EVENT_VIOLATION] = "violation",
	};

	return names[kind];
}

struct moment moment_of(const struct segment *seg)
{
	return (struct moment){ seg->time_ns, seg->rel_ns, seg->pkt };
}

struct event_log event_log_at(const struct event_log *l, struct segment *then,
			      const struct moment *at)
{
	struct event_log log = *l;

	*then = (struct segment){ .pkt = at->pkt, .time_ns = at->time_ns,
				  .rel_ns = at->rel_ns };
	log.seg = then;
	return log;
}

struct event event_of_stream(const struct event_log *l, unsigned kind,
			     const struct stream *s, unsigned from)
{
	return (struct event){
		.kind = (uint8_t)kind, .at = moment_of(l->seg),
		.has_stream = true, .stream = s->index,
		.dir = (uint8_t)(from == s->client ? DIR_C2S : DIR_S2C),
		.has_end = true, .addr = s->addr[from], .port = s->port[from],
	};
}

struct event event_of(const struct event_log *l, unsigned kind,
		      const struct subflow *f, unsigned from)
{
	struct event e = event_of_stream(l, kind, f->stream, from);

	e.has_conn = true;
	e.conn = f->conn->index;
	e.dir = (uint8_t)subflow_role(f, from);
	e.has_addr_id = f->has_addr_id >> from & 1;
	e.addr_id = f->addr_id[from];
	return e;
}

struct event event_of_data(const struct event_log *l, unsigned kind,
			   const struct conn *c, unsigned role)
{
	return (struct event){
		.kind = (uint8_t)kind, .at = moment_of(l->seg),
		.has_conn = true, .conn = c->index, .dir = (uint8_t)role,
	};
}

void event_value(struct event *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->value, sizeof(e->value), fmt, args);
	va_end(args);
}

static void add(struct event *e, const char *fmt, va_list args)
{
	size_t n = strlen(e->detail);

	if (n && n + 3 < sizeof(e->detail)) {
		memcpy(e->detail + n, "; ", 3);
		n += 2;
	}
	vsnprintf(e->detail + n, sizeof(e->detail) - n, fmt, args);
}

void event_add(struct event *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(e, fmt, args);
	va_end(args);
}

void event_check(struct event *e, enum verdict v, const char *fmt, ...)
{
	va_list args;

	/* one that is bad is what counts, then one that could not be checked */
	if (e->verdict != VERDICT_BAD &&
	    (v == VERDICT_BAD || e->verdict != VERDICT_UNKNOWN))
		e->verdict = (uint8_t)v;
	va_start(args, fmt);
	add(e, fmt, args);
	va_end(args);
}

void event_say(const struct event_log *l, const struct conn *c, const struct event *e)
{
	l->event(l->arg, c, e);
}

const char *event_reason(unsigned reason)
{
	static const char *const reasons[] = {
		"unspecified", "MPTCP error", "lack of resources",
		"administratively prohibited", "too much outstanding data",
		"unacceptable performance", "middlebox interference",
	};

	return reason < sizeof(reasons) / sizeof(*reasons) ? reasons[reason]
							    : "reason unknown";
}

const char *end_text(char text[END_TEXT_MAX], const struct addr *a, uint16_t port)
{
	char ip[ADDR_TEXT_MAX + 1];
	bool v4 = addr_is_v4(a);

	*addr_print(ip, a) = '\0';
	if (port)
		snprintf(text, END_TEXT_MAX, v4 ? "%s:%u" : "[%s]:%u", ip, port);
	else
		snprintf(text, END_TEXT_MAX, "%s", ip);
	return text;
}
