/* mptcp-owd: one-way delays between two captures. See mptcp-owd(1). */
#include <stdlib.h>

#include "../common/cli.h"
#include "../common/delays.h"
#include "../common/duet.h"
#include "../common/input.h"
#include "../common/mem.h"
#include "../common/passes.h"
#include "../common/segment.h"
#include "../common/seq.h"
#include "../common/timing.h"

enum { TABLE_ROWS = 1, TABLE_SUMMARY = 2, TABLE_EACH = 3 };

enum {
	CONN, STREAM, SF, DIR, TX_PKT, RX_PKT, TX_TIME_NS, RX_TIME_NS, REL_SEQ, LEN,
	DSN, COPY, MATCH, FATE, OWD_S, OWD_RAW_S, ERR_S, CLEAN,
	SENT, ARRIVED, LOST, LOSS_RATIO, DUP, REORDERED, REORDER_EXTENT_MAX,
	OWD_MIN_S, OWD_P50_S, OWD_P90_S, OWD_P99_S, OWD_MAX_S, JITTER_S, UNSEEN,
	OWD_COLUMNS
};

static const struct rows_column columns[OWD_COLUMNS] = {
	[CONN] = { "conn", TABLE_EACH }, [STREAM] = { "stream", TABLE_EACH },
	[SF] = { "sf", TABLE_EACH }, [DIR] = { "dir", TABLE_EACH },
	[TX_PKT] = { "tx_pkt", TABLE_ROWS }, [RX_PKT] = { "rx_pkt", TABLE_ROWS },
	[TX_TIME_NS] = { "tx_time_ns", TABLE_ROWS },
	[RX_TIME_NS] = { "rx_time_ns", TABLE_ROWS },
	[REL_SEQ] = { "rel_seq", TABLE_ROWS }, [LEN] = { "len", TABLE_ROWS },
	[DSN] = { "dsn", TABLE_ROWS }, [COPY] = { "copy", TABLE_ROWS },
	[MATCH] = { "match", TABLE_ROWS }, [FATE] = { "fate", TABLE_ROWS },
	[OWD_S] = { "owd_s", TABLE_ROWS }, [OWD_RAW_S] = { "owd_raw_s", TABLE_ROWS },
	[ERR_S] = { "err_s", TABLE_ROWS }, [CLEAN] = { "clean", TABLE_ROWS },
	[SENT] = { "sent", TABLE_SUMMARY }, [ARRIVED] = { "arrived", TABLE_SUMMARY },
	[LOST] = { "lost", TABLE_SUMMARY }, [LOSS_RATIO] = { "loss_ratio", TABLE_SUMMARY },
	[DUP] = { "dup", TABLE_SUMMARY }, [REORDERED] = { "reordered", TABLE_SUMMARY },
	[REORDER_EXTENT_MAX] = { "reorder_extent_max", TABLE_SUMMARY },
	[OWD_MIN_S] = { "owd_min_s", TABLE_SUMMARY },
	[OWD_P50_S] = { "owd_p50_s", TABLE_SUMMARY },
	[OWD_P90_S] = { "owd_p90_s", TABLE_SUMMARY },
	[OWD_P99_S] = { "owd_p99_s", TABLE_SUMMARY },
	[OWD_MAX_S] = { "owd_max_s", TABLE_SUMMARY },
	[JITTER_S] = { "jitter_s", TABLE_SUMMARY }, [UNSEEN] = { "unseen", TABLE_SUMMARY },
};

static const struct cli_option options[] = {
	{ 'C', "clock", "MODE", "correct clocks: none, auto, offset, linear, piecewise (auto)" },
	{ 'c', "conn", "N", "only connection N" },
	{ 'd', "data", NULL, "data, from its first sending on any subflow to its first arrival" },
	{ 'k', "acks", NULL, "segments without payload too: ACKs, SYN, FIN, RST" },
	{ 'M', "map", "FILE", "which streams are the same, as mptcp-map printed it" },
	{ 'O', "offset", "NS", "B's clock is so many nanoseconds ahead of A's" },
	{ 'P', "skew", "PPM", "and goes so many millionths faster" },
	{ 's', "summary", NULL, "a row for each direction of a subflow instead" },
	{ 'T', "clock-table", "FILE", "write the estimate of the clocks there" },
	{ 't', "tcp", NULL, "streams of plain TCP too" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct passes passes;
	const char *map, *clock_table;
	FILE *clocks;		/* that table */
	bool summary, only;
	uint32_t conn;
};

static void put_wire(struct rows *r, const struct wire_about *w, bool c2s)
{
	if (w->has_conn) {
		rows_u64(r, CONN, w->conn);
		rows_u64(r, SF, w->number);
	}
	rows_u64(r, STREAM, w->stream[WIRE_A]);
	rows_text(r, DIR, c2s ? "c2s" : "s2c");
}

static void put_passages(struct rows *r, const struct crossing *c)
{
	if (c->tx) {
		rows_u64(r, TX_PKT, c->tx->pkt);
		rows_i64(r, TX_TIME_NS, c->tx->time_ns);
	}
	if (c->rx) {
		rows_u64(r, RX_PKT, c->rx->pkt);
		rows_i64(r, RX_TIME_NS, c->rx->time_ns);
	}
	rows_i64(r, LEN, seq_minus(c->to, c->from));
	rows_text(r, FATE, fate_name(c->fate));
}

static void print_row(struct tool *t, const struct duet_row *row)
{
	const struct crossing *c = row->crossing;
	struct rows *r = &t->cli.rows;

	if (row->about) {
		put_wire(r, row->about, row->c2s);
		rows_i64(r, REL_SEQ, c->from);
		rows_u64(r, COPY, c->copy);
	} else {
		rows_u64(r, CONN, row->conn);
		rows_text(r, DIR, row->c2s ? "c2s" : "s2c");
	}
	put_passages(r, c);
	if (row->has_dsn)
		rows_i64(r, DSN, row->dsn);
	if (row->has_delay) {
		rows_seconds(r, OWD_S, row->delay_ns);
		rows_seconds(r, OWD_RAW_S, row->raw_ns);
		if (row->clock.bounded)
			rows_seconds(r, ERR_S, row->clock.error_ns);
		if (row->about) {
			rows_text(r, MATCH, match_name(c->match));
			rows_u64(r, CLEAN, c->clean);
		}
	}
	rows_end(r);
}

static void take_row(void *arg, struct duet_row *row)
{
	struct tool *t = arg;
	const struct crossing *c = row->crossing;
	struct wire_about *w = row->about;

	if (t->only && (w ? !w->has_conn || w->conn != t->conn : row->conn != t->conn))
		return;
	if (t->summary && !w->data)
		w->data = mem_zero(2 * sizeof(struct delays));	/* by end */
	if (t->summary)
		delays_cross((struct delays *)w->data + (row->c2s ? w->client : !w->client),
			     c, row->has_delay, row->delay_ns);
	else
		print_row(t, row);
}

static void print_delays(struct rows *r, const struct delays *d)
{
	static const uint64_t percent[] = { 50, 90, 99 };
	uint64_t sent = d->arrived + d->lost + d->unseen;

	rows_u64(r, SENT, sent);
	rows_u64(r, ARRIVED, d->arrived);
	rows_u64(r, LOST, d->lost);
	rows_u64(r, UNSEEN, d->unseen);
	rows_ratio(r, LOSS_RATIO, d->lost, sent);
	rows_u64(r, DUP, d->dup);
	rows_u64(r, REORDERED, d->reordered);
	rows_u64(r, REORDER_EXTENT_MAX, d->extent_max);
	if (!d->delay.n)
		return;
	rows_seconds(r, OWD_MIN_S, d->delay.min);
	for (unsigned i = 0; i < 3; i++)
		rows_seconds(r, OWD_P50_S + i, quantile_at(&d->delay, percent[i], 100));
	rows_seconds(r, OWD_MAX_S, d->delay.max);
	if (d->variation.n)
		rows_seconds(r, JITTER_S, spread_mean(&d->variation));
}

static void end_wire(void *arg, struct wire_about *w)
{
	struct tool *t = arg;
	struct delays *d = w->data;

	for (unsigned i = 0; i < 2 && d; i++) {
		const struct delays *x = &d[i ^ w->client];

		if (x->arrived + x->lost + x->unseen + x->dup) {
			put_wire(&t->cli.rows, w, !i);
			print_delays(&t->cli.rows, x);
			rows_end(&t->cli.rows);
		}
	}
	if (d) {
		delays_free(&d[0]);
		delays_free(&d[1]);
	}
	free(d);
}

static uint64_t weigh(void *arg, const struct wire_about *w)
{
	const struct delays *d = w->data;

	(void)arg;
	return 2 * sizeof(*d) + delays_weight(&d[0]) + delays_weight(&d[1]);
}

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	switch (letter) {
	case 'C':
	case 'O':
	case 'P': timing_option(&t->passes.clock, letter, value, &t->cli.msg); break;
	case 'c':
		t->only = true;
		t->conn = (uint32_t)cli_number(&t->cli, letter, value, UINT32_MAX,
					       "the number of a connection");
		break;
	case 'd': t->passes.data = true; break;
	case 'k': t->passes.acks = true; break;
	case 'M': t->map = value; break;
	case 's':
		t->summary = true;
		t->passes.over = end_wire;
		t->passes.weigh = weigh;
		t->cli.table = TABLE_SUMMARY;
		break;
	case 'T': t->clock_table = value; break;
	case 't': t->passes.plain = true; break;
	}
}

static void read_map(struct tool *t)
{
	struct input *in = input_open(t->map, NULL, NULL);

	if (!in)
		msg_usage(&t->cli.msg, "%s: can't be opened", t->map);
	if (!plan_read(&t->passes.plan, in, &t->cli.msg, t->cli.rows.na))
		exit(STATUS_DAMAGE);
	input_close(in);
	t->passes.planned = true;
}

int main(int argc, char **argv)
{
	uint64_t reads = track_columns() | PRINT_COLUMNS | PASSAGE_COLUMNS;
	struct tool t = {
		.cli = {
			.name = "mptcp-owd",
			.summary = "Prints how long what left one host took to the other, out of a capture at each.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = OWD_COLUMNS, .table = TABLE_ROWS,
			.two = true, .opens_later = true,
			.wanted = reads | track_columns_also(), .later = track_columns_later(),
			.needed = reads, .quiet = duet_wait, .quiet_arg = &t.passes.duet,
		},
		.passes = {
			.cli = &t.cli, .clock.mode = CLOCK_AUTO, .row = take_row, .arg = &t,
		},
	};

	cli_start(&t.cli, argc, argv);
	if (t.passes.data && t.summary)
		msg_usage(&t.cli.msg, "-d and -s do not go together");
	if (t.map)
		read_map(&t);
	if (t.clock_table)
		t.clocks = timing_open(t.clock_table, &t.cli.msg);
	passes_run(&t.passes);
	passes_tell(&t.passes);
	if (t.clocks)
		timing_write(&t.passes.clock, t.clocks, t.clock_table, &t.cli.msg);
	passes_free(&t.passes);
	return cli_end(&t.cli);
}
