/* mptcp-subflows: one row per subflow, or per subflow and interval. See mptcp-subflows(1). */
#include <stdlib.h>

#include "../common/cli.h"
#include "../common/report.h"
#include "../common/segment.h"
#include "../common/seq.h"

/* The columns of one direction. */
#define SIDE(X) \
	X(PKTS, "pkts", TABLE_BOTH) X(DATA_PKTS, "data_pkts", TABLE_BOTH) \
	X(SENT, "sent_bytes", TABLE_BOTH) X(UNIQUE, "unique_bytes", TABLE_BOTH) \
	X(RETRANS, "retrans_bytes", TABLE_BOTH) X(RETRANS_PKTS, "retrans_pkts", TABLE_BOTH) \
	X(REINJECT, "reinject_bytes", TABLE_BOTH) X(DUP_SF, "dup_sf_bytes", TABLE_BOTH) \
	X(NEW, "new_bytes", TABLE_BOTH) X(AFTER_ACK, "after_ack_bytes", TABLE_BOTH) \
	X(SHARE, "share", TABLE_BOTH) X(GOODPUT_SHARE, "goodput_share", TABLE_BOTH) \
	X(FIRST_DATA, "first_data_s", TABLE_TOTAL) X(LAST_DATA, "last_data_s", TABLE_TOTAL) \
	X(IDLE_MAX, "idle_max_s", TABLE_TOTAL) \
	X(THROUGHPUT, "throughput_bps", TABLE_BOTH) X(GOODPUT, "goodput_bps", TABLE_BOTH) \
	X(DATA_THROUGHPUT, "data_throughput_bps", TABLE_TOTAL) \
	X(DATA_GOODPUT, "data_goodput_bps", TABLE_TOTAL) \
	X(RTT_MIN, "rtt_min_s", TABLE_BOTH) X(RTT_MEAN, "rtt_mean_s", TABLE_BOTH) \
	X(RTT_MAX, "rtt_max_s", TABLE_BOTH) X(RTT_STDEV, "rtt_stdev_s", TABLE_BOTH) \
	X(RTT_SAMPLES, "rtt_samples", TABLE_BOTH) X(OOO, "ooo_pkts", TABLE_BOTH) \
	X(DUP_ACKS, "dup_acks", TABLE_BOTH) X(ZERO_WINDOW, "zero_window", TABLE_BOTH) \
	X(WIN_MIN, "win_min_bytes", TABLE_BOTH) X(WIN_MAX, "win_max_bytes", TABLE_BOTH) \
	X(INFLIGHT_MAX, "inflight_max_bytes", TABLE_BOTH) \
	X(MSS, "mss", TABLE_TOTAL) X(WSCALE, "wscale", TABLE_TOTAL)

#define NUMBER(id, name, tables) SIDE_##id,
enum { SIDE(NUMBER) SIDE_COLUMNS };

enum {
	CONN, CONN_ID, STREAM, SF, INTERVAL_S, START_NS, DURATION_S, SRC, SPORT,
	DST, DPORT, OPENER, LOCAL_ID, REMOTE_ID, BACKUP, STATE, RESET_REASON,
	JOIN_DELAY_S, HANDSHAKE_RTT_S, C2S, S2C = C2S + SIDE_COLUMNS,
	CLOSE = S2C + SIDE_COLUMNS, CLOSED_BY, SUBFLOW_COLUMNS
};

#define C2S_COLUMN(id, name, tables) [C2S + SIDE_##id] = { "c2s_" name, tables },
#define S2C_COLUMN(id, name, tables) [S2C + SIDE_##id] = { "s2c_" name, tables },

static const struct rows_column columns[SUBFLOW_COLUMNS] = {
	[CONN] = { "conn", TABLE_BOTH }, [CONN_ID] = { "conn_id", TABLE_BOTH },
	[STREAM] = { "stream", TABLE_BOTH }, [SF] = { "sf", TABLE_BOTH },
	[INTERVAL_S] = { "interval_s", TABLE_INTERVAL }, [START_NS] = { "start_ns", TABLE_BOTH },
	[DURATION_S] = { "duration_s", TABLE_TOTAL }, [SRC] = { "src", TABLE_BOTH },
	[SPORT] = { "sport", TABLE_BOTH }, [DST] = { "dst", TABLE_BOTH },
	[DPORT] = { "dport", TABLE_BOTH }, [OPENER] = { "opener", TABLE_TOTAL },
	[LOCAL_ID] = { "local_id", TABLE_TOTAL }, [REMOTE_ID] = { "remote_id", TABLE_TOTAL },
	[BACKUP] = { "backup", TABLE_TOTAL }, [STATE] = { "state", TABLE_TOTAL },
	[RESET_REASON] = { "reset_reason", TABLE_TOTAL },
	[JOIN_DELAY_S] = { "join_delay_s", TABLE_TOTAL },
	[HANDSHAKE_RTT_S] = { "handshake_rtt_s", TABLE_TOTAL },
	SIDE(C2S_COLUMN)
	SIDE(S2C_COLUMN)
	[CLOSE] = { "close", TABLE_TOTAL }, [CLOSED_BY] = { "closed_by", TABLE_TOTAL },
};

static const struct cli_option options[] = {
	REPORT_OPTIONS,
	{ 't', "tcp", NULL, "streams of plain TCP too" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct report report;
	bool plain;
	struct flow **flows;	/* of the connection being printed */
	size_t cap;
};

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	if (letter == 't')
		t->plain = true;
	else
		report_option(&t->report, letter, value);
}

static const char *role_name(const struct flow_identity *id, unsigned end)
{
	return end == id->client ? "client" : "server";
}

static void put_counts(struct rows *r, size_t at, const struct flow *f, unsigned end)
{
	const struct flow_path *p = flow_path(f, end);

	rows_u64(r, at + SIDE_PKTS, p->pkts);
	rows_u64(r, at + SIDE_DUP_ACKS, flow_trouble(f, end)->dup_acks);
	rows_u64(r, at + SIDE_ZERO_WINDOW, flow_trouble(f, end)->zero_window);
	if (p->win_min <= p->win_max) {
		rows_u64(r, at + SIDE_WIN_MIN, p->win_min);
		rows_u64(r, at + SIDE_WIN_MAX, p->win_max);
	}
}

static void put_rtt(struct rows *r, size_t at, const struct spread *rtt)
{
	rows_u64(r, at + SIDE_RTT_SAMPLES, rtt->n);
	report_times(r, at + SIDE_RTT_MIN, rtt);
	if (rtt->n > 1)
		rows_seconds(r, at + SIDE_RTT_STDEV, spread_deviation(rtt));
}

/* What part of its connection's data it carried. */
static void put_data(struct rows *r, size_t at, const struct flow_load *l,
		     const struct flow_load *all)
{
	rows_u64(r, at + SIDE_REINJECT, l->reinject_bytes);
	rows_u64(r, at + SIDE_DUP_SF, l->dup_sf_bytes);
	rows_u64(r, at + SIDE_NEW, l->new_bytes);
	rows_u64(r, at + SIDE_AFTER_ACK, l->after_ack_bytes);
	rows_ratio(r, at + SIDE_GOODPUT_SHARE, l->new_bytes, all->new_bytes);
}

/* What one direction carried; `all` is NULL for plain TCP. */
static void put_load(const struct tool *t, struct rows *r, size_t at,
		     const struct flow *f, unsigned end, const struct flow_load *all)
{
	const struct flow_load l = flow_load(f, end);
	uint64_t good = all ? l.new_bytes : l.sent_bytes - l.retrans_bytes;
	int64_t step = t->report.step_ns, data_ns = flow_load_ns(&l);
	int64_t ns = step ? step : seq_minus(flow_last(f), flow_first(f));

	rows_u64(r, at + SIDE_DATA_PKTS, flow_data(f, end)->data_pkts);
	rows_u64(r, at + SIDE_SENT, l.sent_bytes);
	rows_u64(r, at + SIDE_UNIQUE, l.sent_bytes - l.retrans_bytes);
	rows_u64(r, at + SIDE_RETRANS, l.retrans_bytes);
	rows_u64(r, at + SIDE_RETRANS_PKTS, flow_trouble(f, end)->retrans_pkts);
	rows_u64(r, at + SIDE_OOO, flow_trouble(f, end)->ooo_pkts);
	if (flow_path(f, !end)->has_ack)
		rows_u64(r, at + SIDE_INFLIGHT_MAX, flow_data_path(f, end)->inflight_max);
	rows_rate(r, at + SIDE_THROUGHPUT, l.sent_bytes, ns);
	rows_rate(r, at + SIDE_DATA_THROUGHPUT, l.sent_bytes, data_ns);
	if (all)
		rows_ratio(r, at + SIDE_SHARE, l.sent_bytes, all->sent_bytes);
	if (all && flow_unmapped(&l))
		return;
	if (all)
		put_data(r, at, &l, all);
	rows_rate(r, at + SIDE_GOODPUT, good, ns);
	rows_rate(r, at + SIDE_DATA_GOODPUT, good, data_ns);
}

/* What only the whole of a stream has. */
static void put_whole(struct rows *r, size_t at, const struct flow_path *p,
		      const struct flow_data *d, int64_t start_ns)
{
	if (p->idle_max_ns >= 0)
		rows_seconds(r, at + SIDE_IDLE_MAX, p->idle_max_ns);
	if (p->has_mss)
		rows_u64(r, at + SIDE_MSS, p->mss);
	if (p->has_wscale)
		rows_u64(r, at + SIDE_WSCALE, p->wscale);
	if (!flow_has_data(d))
		return;
	rows_seconds(r, at + SIDE_FIRST_DATA, seq_minus(d->first_ns, start_ns));
	rows_seconds(r, at + SIDE_LAST_DATA, seq_minus(d->last_ns, start_ns));
}

static void put_side(const struct tool *t, struct rows *r, size_t at,
		     const struct flow *f, unsigned end,
		     const struct flow_load *all, int64_t start_ns)
{
	const struct spread *rtt = &flow_data_path(f, end)->rtt;

	if (!flow_uncaptured(f, end))
		put_counts(r, at, f, end);
	if (!flow_unseen(f, end))
		put_load(t, r, at, f, end, all);
	if (!flow_unseen(f, end) || rtt->n)	/* a FIN, if its payload was not captured */
		put_rtt(r, at, rtt);
	if (!t->report.step_ns)
		put_whole(r, at, flow_path(f, end), flow_data(f, end), start_ns);
}

/* When and how it began and ended. */
static void put_story(struct rows *r, const struct flow *f,
		      const struct flow_identity *id, bool conn_closed)
{
	const struct flow_story *s = &f->story;
	char text[FLOW_CLOSE_MAX];

	rows_i64(r, START_NS, flow_first(f));
	rows_seconds(r, DURATION_S, seq_minus(flow_last(f), flow_first(f)));
	rows_text(r, STATE, id->state);
	if (s->has_opener)
		rows_text(r, OPENER, role_name(id, s->opener));
	if (s->rtt_known)
		rows_seconds(r, HANDSHAKE_RTT_S, s->rtt_ns);
	rows_text(r, CLOSE, flow_close(s, conn_closed, text));
	if (s->reset && s->has_reason)
		rows_u64(r, RESET_REASON, s->reason);
	if (s->reset || s->fins)
		rows_text(r, CLOSED_BY,
			  role_name(id, s->reset ? s->reset_by : s->fin_by));
}

static void put_ends(struct rows *r, const struct flow_identity *id)
{
	rows_u64(r, STREAM, id->stream);
	rows_addr(r, SRC, &id->addr[id->client]);
	rows_u64(r, SPORT, id->port[id->client]);
	rows_addr(r, DST, &id->addr[!id->client]);
	rows_u64(r, DPORT, id->port[!id->client]);
}

/* What a subflow is to its connection. */
static void put_subflow(struct rows *r, const struct books *b,
			const struct flow *f, const struct flow_identity *id)
{
	unsigned client = id->client;

	if (id->has_addr_id >> client & 1)
		rows_u64(r, LOCAL_ID, id->addr_id[client]);
	if (id->has_addr_id >> !client & 1)
		rows_u64(r, REMOTE_ID, id->addr_id[!client]);
	rows_u64(r, BACKUP, id->backup);
	if (b->has_capable && id->join && f->story.has_syn &&
	    flow_paths(f)->first_syn_ns >= b->capable_ns)
		rows_seconds(r, JOIN_DELAY_S,
			     seq_minus(flow_paths(f)->first_syn_ns, b->capable_ns));
}

/* `load`: of its connection, by role. */
static void print_flow(const struct tool *t, struct rows *r, const struct books *b,
		       const struct flow_load *load, const struct flow *f)
{
	struct flow_identity id = flow_identify(f);
	unsigned end = id.client;
	int64_t start_ns = b ? books_start(b) : flow_first(f);

	if (b) {
		rows_u64(r, CONN, books_index(b));
		rows_digits(r, CONN_ID, books_id(b));
		rows_u64(r, SF, id.number);
	}
	put_ends(r, &id);
	put_side(t, r, C2S, f, end, b ? &load[CLIENT] : NULL, start_ns);
	put_side(t, r, S2C, f, !end, b ? &load[SERVER] : NULL, start_ns);
	if (t->report.step_ns) {
		rows_seconds(r, INTERVAL_S, t->report.from_ns);
		rows_i64(r, START_NS, t->report.start_ns);
	} else {
		put_story(r, f, &id, b && b->conn && conn_closed(b->conn));
		if (b)
			put_subflow(r, b, f, &id);
	}
	rows_end(r);
}

static void print_conn(void *arg, struct books *b)
{
	struct tool *t = arg;
	struct flow_load load[2] = { books_load(b, CLIENT), books_load(b, SERVER) };
	size_t n;

	if (!report_wants(&t->report, books_index(b)))
		return;
	n = books_flows(b, &t->flows, &t->cap);
	for (size_t i = 0; i < n; i++)
		print_flow(t, &t->cli.rows, b, load, t->flows[i]);
}

static void print_stream(void *arg, struct flow *f)
{
	struct tool *t = arg;

	if (!t->report.only)
		print_flow(t, &t->cli.rows, NULL, NULL, f);
}

static void print_interval(void *arg, struct tally *tally)
{
	for (size_t i = 0; i < tally->books_n; i++)
		print_conn(arg, tally->books[i]);
	for (size_t i = 0; i < tally->flows_n; i++)
		print_stream(arg, tally->flows[i]);
}

int main(int argc, char **argv)
{
	uint64_t reads = track_columns() | COLUMN(WIN) | COLUMN(WIN_BYTES) |
			 COLUMN(MSS) | COLUMN(WSCALE) | FLOW_COLUMNS |
			 COLUMN(ADDR_ID) | COLUMN(BACKUP) | COLUMN(RST_REASON);
	struct tool t = {
		.cli = {
			.name = "mptcp-subflows",
			.summary = "Prints a row for each subflow of an MPTCP connection, attempts that failed included.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = SUBFLOW_COLUMNS,
			.table = TABLE_TOTAL,
			.wanted = reads | track_columns_also(), .later = track_columns_later(),
			.needed = reads,
		},
		.report.cli = &t.cli,
	};
	struct tally_options o = {
		.keep = true, .paths = true, .arg = &t, .conn = print_conn, .stream = print_stream,
	};

	cli_start(&t.cli, argc, argv);
	o.plain = t.plain;
	report_run(&t.report, &o, print_interval);
	free(t.flows);
	return cli_end(&t.cli);
}
