#include "summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "conn.h"
#include "flow.h"
#include "num.h"
#include "out.h"
#include "seq.h"

enum { LINE_MAX_BYTES = 256, END_MAX = ADDR_TEXT_MAX + 8 };

void summary_free(struct summary *s)
{
	free(s->flows);
}

__attribute__((format(printf, 2, 3)))
static void line(struct out *o, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		out_write(o, text, (size_t)n < sizeof(text) ? (size_t)n
							      : sizeof(text) - 1);
}

/* Address and port, as in a URL. */
static const char *end_text(char text[END_MAX], const struct addr *a, uint16_t port)
{
	char ip[ADDR_TEXT_MAX + 1];
	bool v4 = addr_is_v4(a);

	*addr_print(ip, a) = '\0';
	snprintf(text, END_MAX, v4 ? "%s:%u" : "[%s]:%u", ip, port);
	return text;
}

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100 * (double)part / (double)whole : 0;
}

/* A rate as people say it, behind a comma; nothing where there is no time. */
static const char *rate_text(char text[32], uint64_t bytes, int64_t ns)
{
	double bps = ns > 0 ? (double)num_rate(bytes, ns) : 0;

	*text = '\0';
	if (ns <= 0)
		return text;
	if (bps >= 1e9)
		snprintf(text, 32, ", %.2f Gbit/s", bps / 1e9);
	else if (bps >= 1e6)
		snprintf(text, 32, ", %.2f Mbit/s", bps / 1e6);
	else
		snprintf(text, 32, ", %.2f kbit/s", bps / 1e3);
	return text;
}

static void print_head(struct out *o, const struct conn *c)
{
	char from[END_MAX], to[END_MAX];
	const struct conn_side *a = &c->side[CLIENT], *b = &c->side[SERVER];

	line(o, "connection %" PRIu32 " (%016" PRIx64 "): %s -> %s\n", c->index,
	     conn_id(c), end_text(from, side_addr(a), side_port(a)),
	     end_text(to, side_addr(b), side_port(b)));
	if (c->has_version)
		line(o, "  MPTCP version %u, ", c->version);
	else
		line(o, "  MPTCP, ");
	line(o, "%" PRIu32 " of %" PRIu32 " subflows established, %.3f s, %s",
	     c->established, c->attempts, seconds(seq_minus(c->last_ns, c->first_ns)),
	     conn_close(c));
	if (c->fallback)
		line(o, ", fell back to TCP: %s", conn_fallback(c));
	line(o, "\n");
}

static void print_subflow(struct out *o, const struct flow_load *all,
			  const struct flow *f, unsigned role)
{
	struct flow_identity id = flow_identify(f);
	unsigned from = role == CLIENT ? id.client : !id.client;
	struct flow_load l = flow_load(f, from);
	char source[END_MAX], destination[END_MAX];

	line(o, "    subflow %" PRIu32 ", stream %" PRIu32 ", %s -> %s", id.number,
	     id.stream, end_text(source, &id.addr[from], id.port[from]),
	     end_text(destination, &id.addr[!from], id.port[!from]));
	line(o, "%s: ", id.backup ? " (backup)" : "");
	if (strcmp(id.state, "established") != 0)
		line(o, "%s%s", id.state, l.sent_bytes ? ", " : "\n");
	else if (!l.sent_bytes)
		line(o, "no data\n");
	if (!l.sent_bytes)
		return;
	if (flow_unmapped(&l))
		line(o, "unmapped");
	else
		line(o, "%" PRIu64 " bytes, %.2f %%", l.new_bytes,
		     percent(l.new_bytes, all->new_bytes));
	line(o, ", of %" PRIu64 " sent, %.2f %%\n", l.sent_bytes,
	     percent(l.sent_bytes, all->sent_bytes));
}

/* How much data, how fast, and what was sent again. */
static void print_data(struct out *o, const struct flow_load *c, uint64_t bytes)
{
	int64_t ns = flow_load_ns(c);
	char rate[32];

	line(o, "%" PRIu64 " bytes in %.3f s%s; ", bytes, seconds(ns),
	     rate_text(rate, bytes, ns));
	if (c->new_bytes < bytes)
		line(o, "%" PRIu64 " of them acknowledged, not captured; ",
		     bytes - c->new_bytes);
	line(o, "%" PRIu64 " sent: %" PRIu64 " retransmitted, %" PRIu64
	     " reinjected, %" PRIu64 " sent again on their subflow\n",
	     c->sent_bytes, c->retrans_bytes, c->reinject_bytes, c->dup_sf_bytes);
}

static void print_direction(struct summary *s, struct out *o,
			    const struct books *b, unsigned role)
{
	struct flow_load load = books_load(b, role);
	uint64_t bytes = books_bytes(b, role);
	size_t n;

	line(o, "  %s: ", role == CLIENT ? "client to server" : "server to client");
	if (books_unseen(b, role)) {
		line(o, "%" PRIu64 " bytes acknowledged, none captured\n", bytes);
		return;
	}
	if (!(b->has_data >> role & 1)) {
		line(o, "no data\n");
		return;
	}
	if (flow_unmapped(&load))
		line(o, "%" PRIu64 " bytes sent, %" PRIu64 " retransmitted; "
		     "no mapping tells which data\n",
		     load.sent_bytes, load.retrans_bytes);
	else
		print_data(o, &load, bytes);
	n = books_flows(b, &s->flows, &s->cap);
	for (size_t i = 0; i < n; i++)
		print_subflow(o, &load, s->flows[i], role);
}

void summary_print(struct summary *s, struct out *o, const struct books *b)
{
	print_head(o, b->conn);
	print_direction(s, o, b, CLIENT);
	print_direction(s, o, b, SERVER);
	out_row(o);
}
