/* mptcp-events: one row per protocol event, verified. See mptcp-events(1). */
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/report.h"
#include "../common/rows.h"
#include "../common/source.h"
#include "../common/tale.h"
#include "../common/watch.h"

enum {
	TIME_NS, REL_S, PKT, CONN, STREAM, DIR, EVENT, ADDR, PORT, ADDR_ID,
	VALUE, VERIFIED, DETAIL, EVENT_COLUMNS
};

static const struct rows_column columns[EVENT_COLUMNS] = {
	[TIME_NS] = { "time_ns", 1 }, [REL_S] = { "rel_s", 1 }, [PKT] = { "pkt", 1 },
	[CONN] = { "conn", 1 }, [STREAM] = { "stream", 1 }, [DIR] = { "dir", 1 },
	[EVENT] = { "event", 1 }, [ADDR] = { "addr", 1 }, [PORT] = { "port", 1 },
	[ADDR_ID] = { "addr_id", 1 }, [VALUE] = { "value", 1 },
	[VERIFIED] = { "verified", 1 }, [DETAIL] = { "detail", 1 },
};

static const struct cli_option options[] = {
	{ 'c', "conn", "N", "only connection N" },
	{ 'e', "exit", NULL, "exit status 1 if there was a violation" },
	{ 'L', "linger", "SECONDS", "what is closed is over after so long (60)" },
	{ 'T', "stall", "SECONDS", "data that waits longer is stalled (0.2, or 2 RTT)" },
	{ 'w', "words", NULL, "sentences for people about each connection instead of a table" },
	{ 'v', "verbose", NULL, "checksums that are right too" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct report report;
	struct watch_options watch;
	bool strict, broken, words;
};

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	if (letter == 'e')
		t->strict = true;
	else if (letter == 'v')
		t->watch.good = true;
	else if (letter == 'w')
		t->words = t->cli.no_table = true;
	else if (letter == 'T')
		t->watch.stall_ns = cli_seconds(&t->cli, letter, value);
	else
		report_option(&t->report, letter, value);
}

static void put_who(struct rows *r, const struct event *e)
{
	if (e->has_conn)
		rows_u64(r, CONN, e->conn);
	if (e->has_stream)
		rows_u64(r, STREAM, e->stream);
	rows_text(r, DIR, e->dir == DIR_C2S ? "c2s" : "s2c");
	if (e->has_end)
		rows_addr(r, ADDR, &e->addr);
	if (e->port)
		rows_u64(r, PORT, e->port);
	if (e->has_addr_id)
		rows_u64(r, ADDR_ID, e->addr_id);
}

static void print_event(void *arg, const struct conn *c, const struct event *e)
{
	static const char *const verdict[] = {
		[VERDICT_NONE] = "", [VERDICT_OK] = "ok", [VERDICT_BAD] = "bad",
		[VERDICT_UNKNOWN] = "unknown",
	};
	struct tool *t = arg;
	struct rows *r = &t->cli.rows;

	if (!t->words && t->report.only && !(e->has_conn && e->conn == t->report.conn))
		return;
	t->broken |= e->kind == EVENT_VIOLATION;
	if (t->words) {
		if (c)
			tale_take(c, e);
		return;
	}
	rows_i64(r, TIME_NS, e->at.time_ns);
	rows_seconds(r, REL_S, e->at.rel_ns);
	rows_u64(r, PKT, e->at.pkt);
	put_who(r, e);
	rows_text(r, EVENT, event_name(e->kind));
	rows_text(r, VALUE, e->value);
	rows_text(r, VERIFIED, verdict[e->verdict]);
	rows_text(r, DETAIL, e->detail);
	rows_end(r);
}

static void absorbed(void *arg, struct conn *into, struct conn *from)
{
	(void)arg;
	tale_merge(into, from);
}

static void gone(void *arg, struct conn *c)
{
	struct tool *t = arg;

	if (t->words && c->data && report_wants(&t->report, c->index))
		tale_print(&t->cli.out, c);
	tale_free(c);
}

static void run(struct tool *t)
{
	static struct segment seg;
	struct watch w;

	t->watch.arg = t;
	t->watch.event = print_event;
	t->watch.absorbed = absorbed;
	t->watch.gone = gone;
	t->watch.linger_ns = t->report.linger_ns;
	t->watch.budget = &t->cli.budget;
	watch_init(&w, &t->watch);
	while (!t->cli.out.failed && source_next(t->cli.source, &seg))
		watch_segment(&w, &seg);
	watch_end(&w);
}

int main(int argc, char **argv)
{
	struct tool t = {
		.cli = {
			.name = "mptcp-events",
			.summary = "Prints a row for each protocol event, with what was verified of it.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = EVENT_COLUMNS, .table = 1,
			.wanted = watch_columns() | COLUMN(PAYLOAD_SUM),
			.later = watch_columns_later(), .needed = watch_columns(),
		},
		.report.cli = &t.cli,
	};
	int status;

	cli_start(&t.cli, argc, argv);
	run(&t);
	status = cli_end(&t.cli);
	return status == STATUS_OK && t.strict && t.broken ? STATUS_DAMAGE : status;
}
