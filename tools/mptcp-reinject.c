/* mptcp-reinject: one row per range of data that is sent again. See mptcp-reinject(1). */
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/matrix.h"
#include "../common/num.h"
#include "../common/report.h"
#include "../common/segment.h"
#include "../common/seq.h"

enum { ROWS = 1, MATRIX = 2, SUMMARY = 4, ALL = 7 };	/* the tables */

enum { HISTORY = 4096 };	/* segments, of each direction */

enum {
	CONN, CONN_ID, DIR, DSN, LEN, KIND, PKT, TIME_NS, STREAM, SF, ORIG_PKT,
	ORIG_TIME_NS, ORIG_STREAM, ORIG_SF, DELAY_S, COPY, ACKED, SENT_AS,
	M_ORIG_STREAM, M_ORIG_SF, M_STREAM, M_SF, BYTES, COUNT, DATA_BYTES,
	ACKED_BYTES, REINJECT, DUP_SF, RETRANS, AFTER_ACK, REINJECT_RATIO,
	REINJECT_ACKED_RATIO, REINJECT_COLUMNS
};

static const struct rows_column columns[REINJECT_COLUMNS] = {
	[CONN] = { "conn", ALL }, [CONN_ID] = { "conn_id", MATRIX | SUMMARY },
	[DIR] = { "dir", ALL }, [DSN] = { "dsn", ROWS }, [LEN] = { "len", ROWS },
	[KIND] = { "kind", ROWS }, [PKT] = { "pkt", ROWS },
	[TIME_NS] = { "time_ns", ROWS }, [STREAM] = { "stream", ROWS },
	[SF] = { "sf", ROWS }, [ORIG_PKT] = { "orig_pkt", ROWS },
	[ORIG_TIME_NS] = { "orig_time_ns", ROWS },
	[ORIG_STREAM] = { "orig_stream", ROWS }, [ORIG_SF] = { "orig_sf", ROWS },
	[DELAY_S] = { "delay_s", ROWS }, [COPY] = { "copy", ROWS },
	[ACKED] = { "acked", ROWS }, [SENT_AS] = { "sent_as", ROWS },
	[M_ORIG_STREAM] = { "orig_stream", MATRIX }, [M_ORIG_SF] = { "orig_sf", MATRIX },
	[M_STREAM] = { "stream", MATRIX }, [M_SF] = { "sf", MATRIX },
	[BYTES] = { "bytes", MATRIX }, [COUNT] = { "count", MATRIX },
	[DATA_BYTES] = { "bytes", SUMMARY },
	[ACKED_BYTES] = { "acked_bytes", SUMMARY },
	[REINJECT] = { "reinject_bytes", SUMMARY }, [DUP_SF] = { "dup_sf_bytes", SUMMARY },
	[RETRANS] = { "retrans_bytes", SUMMARY },
	[AFTER_ACK] = { "after_ack_bytes", MATRIX | SUMMARY },
	[REINJECT_RATIO] = { "reinject_ratio", SUMMARY },
	[REINJECT_ACKED_RATIO] = { "reinject_acked_ratio", SUMMARY },
};

static const struct cli_option options[] = {
	{ 'c', "conn", "N", "only connection N" },
	{ 'L', "linger", "SECONDS", "what is closed is over after so long (60)" },
	{ 'm', "matrix", NULL, "by the subflow that sent it first and the one that sent it again" },
	{ 'r', "retransmissions", NULL, "what TCP sent again, too" },
	{ 's', "summary", NULL, "a row for each connection and direction" },
	{ 'w', "window", "N", "remember N segments of acknowledged data (4096)" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct report report;
	bool retrans;
	uint32_t window;
	struct flow **flows;	/* of the connection being printed */
	size_t cap;
};

static const char *const way_name[] = {
	[WAY_REINJECT] = "reinject", [WAY_DUP_SF] = "dup_sf", [WAY_RETRANS] = "retrans",
};

static const char *const dir_name[] = { [CLIENT] = "c2s", [SERVER] = "s2c" };

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;
	uint64_t v;

	switch (letter) {
	case 'm': case 's':
		if (t->cli.table != ROWS)
			msg_usage(&t->cli.msg, "-m and -s are tables of their own: one of them");
		t->cli.table = letter == 'm' ? MATRIX : SUMMARY;
		break;
	case 'r':
		t->retrans = true;
		break;
	case 'w':
		if (!num_parse_u64(value, value + strlen(value), 1 << 30, &v) || !v)
			msg_usage(&t->cli.msg, "-w: \"%s\" is not a number of segments", value);
		t->window = (uint32_t)v;
		break;
	default:
		report_option(&t->report, letter, value);
	}
}

static void put_first(struct rows *r, const struct ledger_run *first, const struct ledger_run *sent)
{
	rows_u64(r, ORIG_STREAM, first->stream);
	if (!first->pkt)
		return;
	rows_u64(r, ORIG_PKT, first->pkt);
	rows_i64(r, ORIG_TIME_NS, first->time_ns);
	rows_u64(r, ORIG_SF, first->sf);
	if (sent->pkt)
		rows_seconds(r, DELAY_S, seq_minus(sent->time_ns, first->time_ns));
}

static void print_copy(struct tool *t, const struct books_copy *c)
{
	const struct ledger_copy *copy = c->copy;
	struct rows *r = &t->cli.rows;

	rows_u64(r, CONN, books_index(c->books));
	rows_text(r, DIR, dir_name[c->role]);
	rows_i64(r, DSN, copy->data.from);
	rows_i64(r, LEN, copy->data.to - copy->data.from);
	rows_text(r, KIND, copy->acked ? "after_ack" : way_name[c->way]);
	if (c->sent->pkt) {
		rows_u64(r, PKT, c->sent->pkt);
		rows_i64(r, TIME_NS, c->sent->time_ns);
	}
	rows_u64(r, STREAM, c->sent->stream);
	rows_u64(r, SF, c->sent->sf);
	if (copy->first)
		put_first(r, copy->first, c->sent);
	if (copy->count)
		rows_u64(r, COPY, copy->count);
	if (books_data(c->books, c->role)->ledger.has_ack)
		rows_u64(r, ACKED, copy->acked);
	rows_text(r, SENT_AS, way_name[c->way]);
	rows_end(r);
}

static void count_copy(struct matrix *m, const struct books_copy *c)
{
	const struct ledger_copy *copy = c->copy;
	uint64_t size = (uint64_t)(copy->data.to - copy->data.from);
	struct matrix_cell *cell;

	cell = matrix_cell(m, c->role, copy->first ? &copy->first->stream : NULL,
			   c->sent->stream);
	cell->bytes += size;
	cell->after_ack_bytes += copy->acked ? size : 0;
	cell->count += !cell->count || cell->pkt != c->sent->pkt;
	cell->pkt = c->sent->pkt;
}

static void again(void *arg, const struct books_copy *c)
{
	struct tool *t = arg;

	if (!report_wants(&t->report, books_index(c->books)) ||
	    (c->way == WAY_RETRANS && !t->retrans))
		return;
	if (t->cli.table == ROWS)
		print_copy(t, c);
	if (t->cli.table != MATRIX)
		return;
	if (!c->books->user)
		c->books->user = matrix_new();
	count_copy(c->books->user, c);
}

static void absorbed(void *arg, struct books *into, struct books *from, bool flip)
{
	(void)arg;
	if (!from->user)
		return;
	if (!into->user)
		into->user = matrix_new();
	matrix_merge(into->user, from->user, flip);
	from->user = NULL;
}

static void put_name(struct rows *r, const struct books *b, unsigned role)
{
	rows_u64(r, CONN, books_index(b));
	rows_digits(r, CONN_ID, books_id(b));
	rows_text(r, DIR, dir_name[role]);
}

static int by_stream(const void *a, const void *b)
{
	uint32_t m = flow_identify(*(struct flow *const *)a).stream;
	uint32_t n = flow_identify(*(struct flow *const *)b).stream;

	return (m > n) - (m < n);
}

/* A stream and its number among the subflows, the `n` of t->flows, if it is one still. */
static void put_stream(struct tool *t, size_t column, size_t n, uint32_t stream)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (flow_identify(t->flows[mid]).stream < stream)
			low = mid + 1;
		else
			high = mid;
	}
	rows_u64(&t->cli.rows, column, stream);
	if (low < n && flow_identify(t->flows[low]).stream == stream)
		rows_u64(&t->cli.rows, column + 1, flow_number(t->flows[low]));
}

static int by_streams(const void *a, const void *b)
{
	const struct matrix_cell *c = *(struct matrix_cell *const *)a;
	const struct matrix_cell *d = *(struct matrix_cell *const *)b;

	if (c->role != d->role)
		return c->role < d->role ? -1 : 1;
	if (c->has_orig != d->has_orig)
		return c->has_orig ? -1 : 1;
	if (c->orig != d->orig)
		return c->orig < d->orig ? -1 : 1;
	return (c->stream > d->stream) - (c->stream < d->stream);
}

static void print_matrix(struct tool *t, const struct books *b)
{
	struct matrix *m = b->user;
	struct rows *r = &t->cli.rows;
	size_t n = books_flows(b, &t->flows, &t->cap);

	if (n)
		qsort(t->flows, n, sizeof(struct flow *), by_stream);
	if (m->n)
		qsort(m->cell, m->n, sizeof(struct matrix_cell *), by_streams);
	for (size_t i = 0; i < m->n; i++) {
		const struct matrix_cell *c = m->cell[i];

		put_name(r, b, c->role);
		if (c->has_orig)
			put_stream(t, M_ORIG_STREAM, n, c->orig);
		put_stream(t, M_STREAM, n, c->stream);
		rows_u64(r, BYTES, c->bytes);
		rows_u64(r, COUNT, c->count);
		rows_u64(r, AFTER_ACK, c->after_ack_bytes);
		rows_end(r);
	}
}

/* What is known of the data of one direction. */
static void put_data(struct rows *r, const struct books *b, unsigned role)
{
	const struct data_side *d = books_data(b, role);
	uint64_t bytes = books_bytes(b, role);

	rows_u64(r, REINJECT, d->counts.reinject_bytes);
	rows_u64(r, DUP_SF, d->counts.dup_sf_bytes);
	rows_u64(r, AFTER_ACK, d->counts.after_ack_bytes);
	rows_ratio(r, REINJECT_RATIO, d->counts.reinject_bytes, bytes);
	if (d->ledger.has_ack && d->counts.new_bytes)
		rows_ratio(r, REINJECT_ACKED_RATIO, d->counts.reinject_bytes,
			   books_acked(b, role));
}

static void print_summary(struct tool *t, const struct books *b)
{
	struct rows *r = &t->cli.rows;

	for (unsigned role = 0; role < 2; role++) {
		const struct data_side *d = books_data(b, role);

		put_name(r, b, role);
		rows_u64(r, DATA_BYTES, books_bytes(b, role));
		if (d->ledger.has_ack)
			rows_u64(r, ACKED_BYTES, books_acked(b, role));
		if (!books_unseen(b, role))
			rows_u64(r, RETRANS, d->counts.retrans_bytes);
		if (!books_unseen(b, role) && !books_unmapped(b, role))
			put_data(r, b, role);
		rows_end(r);
	}
}

static void print_conn(void *arg, struct books *b)
{
	struct tool *t = arg;

	if (t->cli.table == SUMMARY && report_wants(&t->report, books_index(b)))
		print_summary(t, b);
	if (b->user)
		print_matrix(t, b);
	matrix_free(b->user);
	b->user = NULL;
}

int main(int argc, char **argv)
{
	uint64_t reads = track_columns() | COLUMN(PKT);
	struct tool t = {
		.cli = {
			.name = "mptcp-reinject",
			.summary = "Prints a row for each range of data that was sent again.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = REINJECT_COLUMNS,
			.table = ROWS,
			.wanted = reads, .later = track_columns_later(),
			.needed = reads,
		},
		.report.cli = &t.cli,
		.window = HISTORY,
	};
	struct tally_options o = {
		.arg = &t, .conn = print_conn, .absorbed = absorbed,
		.books = { .again = again, .arg = &t },
	};

	cli_start(&t.cli, argc, argv);
	o.keep = t.cli.table == MATRIX;
	o.books.keep = t.window;
	report_run(&t.report, &o, NULL);
	free(t.flows);
	return cli_end(&t.cli);
}
