#include "tale.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "event.h"
#include "mem.h"
#include "out.h"
#include "record.h"
#include "seq.h"

enum { TEXT_MAX = 700, TALE_MAX = 6000 };

/* What is told of the stalls of one direction. */
struct tale_stalls {
	unsigned n;
	int64_t from_ns, longest_ns;	/* of the longest; since frame 1 */
	char over[END_TEXT_MAX];	/* where it went on */
	bool lasting;		/* the last one did not end: */
	int64_t lasting_ns;	/* it began then */
};

struct tale {
	char *text;		/* n bytes */
	size_t n, cap;
	size_t room;		/* how much more of it than otherwise */
	unsigned left_out;	/* sentences that were too many */
	bool asked, capable;
	char close[EVENT_DETAIL_MAX + 100];	/* how it was; "": not */
	uint8_t version;
	uint32_t failed_stream;	/* a JOIN on it failed, if failed */
	bool failed;
	uint8_t reported;	/* bits 1 << dir: an MP_FAIL was told */
	struct tale_stalls stalls[2];
	unsigned violations, bad_checksums;
	char violation[EVENT_DETAIL_MAX];	/* the first one */
	uint64_t violation_pkt;
};

static const char *const host[] = { "client", "server" };

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

static struct tale *tale_of(const struct conn *c)
{
	struct record *r = c->data;
	struct tale *t = r->tale ? r->tale : mem_zero(sizeof(*t));

	r->tale_bytes = (uint32_t)(sizeof(*t) + t->cap);
	return r->tale = t;
}

static void put(struct tale *t, const char *s, size_t n)
{
	t->text = mem_grow(t->text, &t->cap, t->n + n + 1, 1);
	memcpy(t->text + t->n, s, n);
	t->n += n;
}

/* One more sentence, unless there are too many. */
__attribute__((format(printf, 2, 3)))
static void say(struct tale *t, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;

	if (t->n > TALE_MAX + t->room) {
		t->left_out++;
		return;
	}
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put(t, " ", 1);
	put(t, text, strlen(text));
	put(t, ".", 1);
}

static void take_joined(struct tale *t, const struct event *e)
{
	int n = (int)strcspn(e->detail, ";");

	say(t, "A subflow joined at %.3f s, opened by the %s%s, %.*s, its token and HMACs %s",
	    seconds(e->at.rel_ns), host[e->dir], strstr(e->detail, "; a backup") ? " as a backup" : "",
	    n, e->detail, e->verdict == VERDICT_OK ? "right" :
	    e->verdict == VERDICT_BAD ? "not all right" : "not all captured");
}

static void take_stall(struct tale *t, const struct event *e)
{
	struct tale_stalls *s = &t->stalls[e->dir];

	s->lasting = true;
	s->lasting_ns = e->at.rel_ns;
}

static void take_resume(struct tale *t, const struct event *e)
{
	struct tale_stalls *s = &t->stalls[e->dir];
	int64_t ns = seq_minus(e->at.rel_ns, s->lasting_ns);

	s->lasting = false;
	if (s->n++ && ns <= s->longest_ns)
		return;
	s->longest_ns = ns;
	s->from_ns = s->lasting_ns;
	end_text(s->over, &e->addr, e->port);
}

static void take_reset(struct tale *t, const struct conn *c, const struct event *e)
{
	char text[END_TEXT_MAX];
	bool refused = e->dir == SERVER && c->has_syn && !c->has_synack &&
		       !c->plain && !t->capable;

	if (c->fastclose || (t->failed && t->failed_stream == e->stream))
		return;
	say(t, "%s, the %s, %s at packet %" PRIu64 "%s%s%s", end_text(text, &e->addr, e->port),
	    host[e->dir], refused ? "refused it" : "reset its subflow", e->at.pkt,
	    *e->detail ? " (" : "", e->detail, *e->detail ? ")" : "");
}

static void take_close(struct tale *t, const struct event *e)
{
	if (strcmp(e->value, "fastclose") == 0)
		snprintf(t->close, sizeof(t->close), "The %s aborted it by MP_FASTCLOSE at packet %" PRIu64
			 ", %.3f s", host[e->dir], e->at.pkt, seconds(e->at.rel_ns));
	else if (strcmp(e->value, "reset") == 0)
		snprintf(t->close, sizeof(t->close), "It ended by resets, the last at packet %" PRIu64 ", %.3f s",
		    e->at.pkt, seconds(e->at.rel_ns));
	else
		snprintf(t->close, sizeof(t->close), "It was closed at %.3f s: %s",
			 seconds(e->at.rel_ns), e->detail);
}

static void take_address(struct tale *t, const struct event *e)
{
	char text[END_TEXT_MAX];

	if (e->kind == EVENT_ADD_ADDR && !strstr(e->detail, "again"))
		say(t, "The %s announced %s at %.3f s", host[e->dir],
		    end_text(text, &e->addr, e->port), seconds(e->at.rel_ns));
	if (e->kind == EVENT_REMOVE_ADDR)
		say(t, "The %s withdrew %s%s(address id %u) at %.3f s", host[e->dir],
		    e->has_end ? end_text(text, &e->addr, e->port) : "",
		    e->has_end ? " " : "", e->addr_id, seconds(e->at.rel_ns));
	if (e->kind == EVENT_PRIO)
		say(t, "The %s asked at %.3f s to use %s %s", host[e->dir],
		    seconds(e->at.rel_ns), end_text(text, &e->addr, e->port),
		    e->value[0] == '1' ? "only as a backup" : "as any other");
}

/* What went wrong with the data. */
static void take_trouble(struct tale *t, const struct event *e)
{
	if (e->kind == EVENT_CHECKSUM_BAD && t->bad_checksums++ == 0)
		say(t, "Data of the %s was changed on the way to packet %" PRIu64 " (%s)",
		    host[e->dir], e->at.pkt, e->detail);
	if (e->kind == EVENT_MP_FAIL && !(t->reported >> e->dir & 1)) {
		t->reported |= (uint8_t)(1u << e->dir);
		say(t, "The %s sent MP_FAIL at packet %" PRIu64 " (%s)", host[e->dir],
		    e->at.pkt, e->detail);
	}
	if (e->kind == EVENT_VIOLATION && t->violations++ == 0) {
		t->violation_pkt = e->at.pkt;
		memcpy(t->violation, e->detail, sizeof(t->violation));
	}
}

void tale_take(const struct conn *c, const struct event *e)
{
	struct tale *t = tale_of(c);

	switch (e->kind) {
	case EVENT_SYN_CAPABLE:
		t->asked = true;
		t->version = (uint8_t)(e->value[0] - '0');
		break;
	case EVENT_CAPABLE: t->capable = true; break;
	case EVENT_JOINED: take_joined(t, e); break;
	case EVENT_JOIN_FAILED:
		t->failed = true;
		t->failed_stream = e->stream;
		say(t, "A JOIN failed at packet %" PRIu64 ", %s", e->at.pkt, e->detail);
		break;
	case EVENT_FALLBACK:
		say(t, "It fell back to TCP at packet %" PRIu64 ", sent by the %s: %s",
		    e->at.pkt, host[e->dir], e->detail);
		break;
	case EVENT_STALL: take_stall(t, e); break;
	case EVENT_RESUME: take_resume(t, e); break;
	case EVENT_SUBFLOW_RST: take_reset(t, c, e); break;
	case EVENT_CLOSED: take_close(t, e); break;
	default:
		take_address(t, e);
		take_trouble(t, e);
	}
}

void tale_merge(const struct conn *into, const struct conn *from)
{
	struct record *r = from->data;
	struct tale *old = r->tale, *t;

	if (!old)
		return;
	t = tale_of(into);
	put(t, old->n ? old->text : "", old->n);
	t->left_out += old->left_out;
	if (!t->violations && old->violations) {
		t->violation_pkt = old->violation_pkt;
		memcpy(t->violation, old->violation, sizeof(t->violation));
	}
	t->violations += old->violations;
	t->bad_checksums += old->bad_checksums;
	tale_free(from);
}

/* Who opened what. */
static void begin(struct out *o, const struct conn *c, const struct tale *t)
{
	char text[TEXT_MAX], from[END_TEXT_MAX], to[END_TEXT_MAX];
	int n;

	end_text(from, side_addr(&c->side[CLIENT]), side_port(&c->side[CLIENT]));
	end_text(to, side_addr(&c->side[SERVER]), side_port(&c->side[SERVER]));
	if (t->asked && t->capable)
		n = snprintf(text, sizeof(text), "Connection %" PRIu32 ": %s opened MPTCP version "
			     "%u to %s%s.", c->index, from, c->version, to,
			     c->checksum == 1 ? ", with checksums" : "");
	else if (t->asked)
		n = snprintf(text, sizeof(text), "Connection %" PRIu32 ": %s asked %s for MPTCP "
			     "version %u.", c->index, from, to, t->version);
	else
		n = snprintf(text, sizeof(text), "Connection %" PRIu32 ": MPTCP between %s and "
			     "%s, whose SYN was not captured.", c->index, from, to);
	out_write(o, text, (size_t)n);
}

static void end(const struct conn *c, struct tale *t)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		const struct tale_stalls *s = &t->stalls[dir];

		if (s->n == 1)
			say(t, "Data of the %s stood still for %.3f s from %.3f s on; then it went "
			    "on over %s", host[dir], seconds(s->longest_ns), seconds(s->from_ns), s->over);
		else if (s->n)
			say(t, "Data of the %s stood still %u times, the longest for %.3f s from "
			    "%.3f s on; then it went on over %s", host[dir], s->n,
			    seconds(s->longest_ns), seconds(s->from_ns), s->over);
		if (s->lasting)
			say(t, "Data of the %s stood still from %.3f s on, to the end of what was "
			    "captured", host[dir], seconds(s->lasting_ns));
	}
	if (t->bad_checksums > 1)
		say(t, "%u more checksums were wrong", t->bad_checksums - 1);
	if (t->violations)
		say(t, "%u violation%s of RFC 8684, the first at packet %" PRIu64 ": %s",
		    t->violations, t->violations == 1 ? "" : "s", t->violation_pkt, t->violation);
	if (*t->close)
		say(t, "%s", t->close);
	else
		say(t, "It was %s when the capture, or the connection, fell silent",
		    strcmp(conn_close(c), "half_closed") == 0 ? "closed by one host" : "open");
	if (t->left_out)
		say(t, "%u more events are left out here", t->left_out);
}

void tale_print(struct out *o, const struct conn *c)
{
	struct tale *t = tale_of(c);

	begin(o, c, t);
	t->room = TEXT_MAX * 8;		/* how it ended is told in any case */
	end(c, t);
	out_write(o, t->text, t->n);
	out_write(o, "\n", 1);
	out_row(o);
	tale_free(c);
}

void tale_free(const struct conn *c)
{
	struct record *r = c->data;
	struct tale *t = r ? r->tale : NULL;

	if (!t)
		return;
	free(t->text);
	free(t);
	r->tale = NULL;
}
