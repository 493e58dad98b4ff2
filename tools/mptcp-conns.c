/* mptcp-conns: one row per MPTCP connection, or per connection and interval. See mptcp-conns(1). */
#include <stdlib.h>

#include "../common/cli.h"
#include "../common/report.h"
#include "../common/segment.h"
#include "../common/seq.h"
#include "../common/summary.h"

/* The columns of one direction. */
#define SIDE(X) \
	X(SENT, "sent_bytes", TABLE_BOTH) X(RETRANS, "retrans_bytes", TABLE_BOTH) \
	X(REINJECT, "reinject_bytes", TABLE_BOTH) X(DUP_SF, "dup_sf_bytes", TABLE_BOTH) \
	X(REINJECT_RATIO, "reinject_ratio", TABLE_BOTH) \
	X(REINJECT_ACKED_RATIO, "reinject_acked_ratio", TABLE_TOTAL) \
	X(AFTER_ACK, "after_ack_bytes", TABLE_BOTH) X(GOODPUT, "goodput_bps", TABLE_BOTH) \
	X(DATA_GOODPUT, "data_goodput_bps", TABLE_TOTAL) \
	X(DATA_RTT_MIN, "data_rtt_min_s", TABLE_BOTH) \
	X(DATA_RTT_MEAN, "data_rtt_mean_s", TABLE_BOTH) \
	X(DATA_RTT_MAX, "data_rtt_max_s", TABLE_BOTH) \
	X(OFO_MAX, "ofo_max_bytes", TABLE_BOTH) \
	X(INFLIGHT_MAX, "inflight_max_bytes", TABLE_BOTH) \
	X(RWND_MIN, "rwnd_min_bytes", TABLE_BOTH) \
	X(SWITCHES, "switches", TABLE_BOTH) X(BLOCKS, "blocks", TABLE_BOTH)

#define NUMBER(id, name, tables) SIDE_##id,
enum { SIDE(NUMBER) SIDE_COLUMNS };

enum {
	CONN, CONN_ID, INTERVAL_S, START_NS, DURATION_S, CLIENT_ADDR, CLIENT_PORT,
	SERVER_ADDR, SERVER_PORT, VERSION, CHECKSUM, CLIENT_TOKEN, SERVER_TOKEN,
	CLIENT_KEY, SERVER_KEY, ATTEMPTS, SUBFLOWS, C2S_BYTES, S2C_BYTES,
	FALLBACK, CLOSE, C2S, S2C = C2S + SIDE_COLUMNS,
	HANDSHAKE_RTT_S = S2C + SIDE_COLUMNS, SECOND_SUBFLOW_S, UNUSED_SUBFLOWS,
	BACKUP_BYTES, ADD_ADDRS, REMOVE_ADDRS, PRIO_CHANGES, OPTION_BYTES,
	CONN_COLUMNS
};

#define C2S_COLUMN(id, name, tables) [C2S + SIDE_##id] = { "c2s_" name, tables },
#define S2C_COLUMN(id, name, tables) [S2C + SIDE_##id] = { "s2c_" name, tables },

static const struct rows_column columns[CONN_COLUMNS] = {
	[CONN] = { "conn", TABLE_BOTH }, [CONN_ID] = { "conn_id", TABLE_BOTH },
	[INTERVAL_S] = { "interval_s", TABLE_INTERVAL }, [START_NS] = { "start_ns", TABLE_BOTH },
	[DURATION_S] = { "duration_s", TABLE_TOTAL }, [CLIENT_ADDR] = { "client", TABLE_TOTAL },
	[CLIENT_PORT] = { "client_port", TABLE_TOTAL },
	[SERVER_ADDR] = { "server", TABLE_TOTAL }, [SERVER_PORT] = { "server_port", TABLE_TOTAL },
	[VERSION] = { "version", TABLE_TOTAL }, [CHECKSUM] = { "checksum", TABLE_TOTAL },
	[CLIENT_TOKEN] = { "client_token", TABLE_TOTAL },
	[SERVER_TOKEN] = { "server_token", TABLE_TOTAL },
	[CLIENT_KEY] = { "client_key", TABLE_TOTAL }, [SERVER_KEY] = { "server_key", TABLE_TOTAL },
	[ATTEMPTS] = { "attempts", TABLE_TOTAL }, [SUBFLOWS] = { "subflows", TABLE_TOTAL },
	[C2S_BYTES] = { "c2s_bytes", TABLE_BOTH }, [S2C_BYTES] = { "s2c_bytes", TABLE_BOTH },
	[FALLBACK] = { "fallback", TABLE_TOTAL }, [CLOSE] = { "close", TABLE_TOTAL },
	SIDE(C2S_COLUMN)
	SIDE(S2C_COLUMN)
	[HANDSHAKE_RTT_S] = { "handshake_rtt_s", TABLE_TOTAL },
	[SECOND_SUBFLOW_S] = { "second_subflow_s", TABLE_TOTAL },
	[UNUSED_SUBFLOWS] = { "unused_subflows", TABLE_TOTAL },
	[BACKUP_BYTES] = { "backup_bytes", TABLE_TOTAL },
	[ADD_ADDRS] = { "add_addrs", TABLE_TOTAL }, [REMOVE_ADDRS] = { "remove_addrs", TABLE_TOTAL },
	[PRIO_CHANGES] = { "prio_changes", TABLE_TOTAL },
	[OPTION_BYTES] = { "option_bytes", TABLE_TOTAL },
};

static const struct cli_option options[] = {
	REPORT_OPTIONS,
	{ 'S', "summary", NULL, "a summary for people instead of a table" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct report report;
	struct summary summary;
	bool summarize;
};

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	if (letter == 'S')
		t->summarize = t->cli.no_table = true;
	else
		report_option(&t->report, letter, value);
}

static void put_host(struct rows *r, const struct conn_side *s,
		     size_t address, size_t token, size_t key)
{
	rows_addr(r, address, side_addr(s));
	rows_u64(r, address + 1, side_port(s));
	if (s->has_token)
		rows_hex(r, token, s->token, 8);
	if (s->has_key)
		rows_hex(r, key, s->key, 16);
}

static void put_conn(struct rows *r, const struct conn *c)
{
	rows_i64(r, START_NS, c->first_ns);
	rows_seconds(r, DURATION_S, seq_minus(c->last_ns, c->first_ns));
	put_host(r, &c->side[CLIENT], CLIENT_ADDR, CLIENT_TOKEN, CLIENT_KEY);
	put_host(r, &c->side[SERVER], SERVER_ADDR, SERVER_TOKEN, SERVER_KEY);
	if (c->has_version)
		rows_u64(r, VERSION, c->version);
	if (c->checksum >= 0 && !c->plain)
		rows_u64(r, CHECKSUM, (uint64_t)c->checksum);
	rows_u64(r, ATTEMPTS, c->attempts);
	rows_u64(r, SUBFLOWS, c->established);
	rows_text(r, FALLBACK, conn_fallback(c));
	rows_text(r, CLOSE, conn_close(c));
}

/* What became of the data of one direction, `bytes` of it. */
static void put_data(struct rows *r, size_t at, const struct books *b,
		     unsigned role, const struct flow_load *s, uint64_t bytes)
{
	const struct data_counts *c = books_counts(b, role);

	rows_u64(r, at + SIDE_REINJECT, s->reinject_bytes);
	rows_u64(r, at + SIDE_DUP_SF, s->dup_sf_bytes);
	rows_ratio(r, at + SIDE_REINJECT_RATIO, s->reinject_bytes, bytes);
	rows_u64(r, at + SIDE_AFTER_ACK, s->after_ack_bytes);
	report_times(r, at + SIDE_DATA_RTT_MIN, &c->delay);
	rows_u64(r, at + SIDE_OFO_MAX, c->ofo_max);
	if (b->acks >> role & 1)
		rows_u64(r, at + SIDE_INFLIGHT_MAX, c->inflight_max);
	rows_u64(r, at + SIDE_BLOCKS, c->blocks);
	rows_u64(r, at + SIDE_SWITCHES, c->switches);
}

/* How much data in `ns`. */
static void put_bytes(struct rows *r, size_t at, unsigned role, uint64_t bytes,
		      int64_t ns)
{
	rows_u64(r, C2S_BYTES + role, bytes);
	rows_rate(r, at + SIDE_GOODPUT, bytes, ns);
}

/* The rest of one direction; `bytes` of it. */
static void put_side(struct rows *r, size_t at, const struct books *b,
		     unsigned role, const struct flow_load *s, uint64_t bytes)
{
	if (b->figures->window[role].min != UINT64_MAX)
		rows_u64(r, at + SIDE_RWND_MIN, b->figures->window[role].min);
	if (books_unseen(b, role))
		return;
	rows_u64(r, at + SIDE_SENT, s->sent_bytes);
	rows_u64(r, at + SIDE_RETRANS, s->retrans_bytes);
	if (!flow_unmapped(s))
		put_data(r, at, b, role, s, bytes);
}

/* What only all of a connection has. */
static void put_whole(struct rows *r, size_t at, const struct books *b,
		      unsigned role, const struct flow_load *s, uint64_t bytes)
{
	if (bytes)
		rows_rate(r, at + SIDE_DATA_GOODPUT, bytes, flow_load_ns(s));
	if (books_data(b, role)->ledger.has_ack && s->new_bytes)
		rows_ratio(r, at + SIDE_REINJECT_ACKED_RATIO, s->reinject_bytes,
			   books_acked(b, role));
}

static void put_rest(struct rows *r, const struct books *b)
{
	int64_t rtt_ns;

	if (books_rtt(b, &rtt_ns))
		rows_seconds(r, HANDSHAKE_RTT_S, rtt_ns);
	if (b->has_capable && b->figures->has_join && b->figures->join_ns >= b->capable_ns)
		rows_seconds(r, SECOND_SUBFLOW_S,
			     seq_minus(b->figures->join_ns, b->capable_ns));
	rows_u64(r, UNUSED_SUBFLOWS, books_unused(b));
	rows_u64(r, BACKUP_BYTES, b->figures->backup_bytes);
	rows_u64(r, ADD_ADDRS, b->figures->add_addrs);
	rows_u64(r, REMOVE_ADDRS, b->figures->remove_addrs);
	rows_u64(r, PRIO_CHANGES, b->figures->prio_changes);
	rows_u64(r, OPTION_BYTES, b->figures->option_bytes);
}

static void print_conn(void *arg, struct books *b)
{
	static const size_t at[2] = { C2S, S2C };
	struct tool *t = arg;
	struct rows *r = &t->cli.rows;

	if (!report_wants(&t->report, books_index(b)))
		return;
	if (t->summarize) {
		summary_print(&t->summary, &t->cli.out, b);
		return;
	}
	rows_u64(r, CONN, b->conn->index);
	rows_digits(r, CONN_ID, conn_id(b->conn));
	put_conn(r, b->conn);
	for (unsigned role = 0; role < 2; role++) {
		struct flow_load load = books_load(b, role);
		uint64_t bytes = books_bytes(b, role);

		if (bytes || !flow_unmapped(&load))
			put_bytes(r, at[role], role, bytes,
				  seq_minus(b->conn->last_ns, b->conn->first_ns));
		put_side(r, at[role], b, role, &load, bytes);
		put_whole(r, at[role], b, role, &load, bytes);
	}
	put_rest(r, b);
	rows_end(r);
}

static void print_interval(void *arg, struct tally *tally)
{
	static const size_t at[2] = { C2S, S2C };
	struct tool *t = arg;
	struct rows *r = &t->cli.rows;

	for (size_t i = 0; i < tally->books_n; i++) {
		const struct books *b = tally->books[i];

		if (!report_wants(&t->report, books_index(b)))
			continue;
		rows_u64(r, CONN, books_index(b));
		rows_digits(r, CONN_ID, books_id(b));
		rows_seconds(r, INTERVAL_S, t->report.from_ns);
		rows_i64(r, START_NS, t->report.start_ns);
		for (unsigned role = 0; role < 2; role++) {
			struct flow_load load = books_load(b, role);

			if (!books_unseen(b, role) && !flow_unmapped(&load))
				put_bytes(r, at[role], role, load.new_bytes,
					  t->report.step_ns);
			put_side(r, at[role], b, role, &load, load.new_bytes);
		}
		rows_end(r);
	}
}

int main(int argc, char **argv)
{
	uint64_t reads = track_columns() | FLOW_COLUMNS | COLUMN(WIN_BYTES) |
			 COLUMN(ADDR_ID) | COLUMN(BACKUP) | COLUMN(ADD_ECHO) |
			 COLUMN(OPTION_BYTES);
	struct tool t = {
		.cli = {
			.name = "mptcp-conns",
			.summary = "Prints a row for each MPTCP connection.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = CONN_COLUMNS,
			.table = TABLE_TOTAL,
			.wanted = reads | track_columns_also(), .later = track_columns_later() | FLOW_COLUMNS,
			.needed = reads,
		},
		.report.cli = &t.cli,
	};
	struct tally_options o = { .arg = &t, .conn = print_conn, .books.figures = true };

	cli_start(&t.cli, argc, argv);
	if (t.summarize && t.report.step_ns)
		msg_usage(&t.cli.msg, "-S is of all time, -i by intervals: one of them");
	o.keep = t.summarize;
	report_run(&t.report, &o, print_interval);
	summary_free(&t.summary);
	return cli_end(&t.cli);
}
