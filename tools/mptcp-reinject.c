/* mptcp-reinject: one row per range of data that is sent again. See mptcp-reinject(1). */
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/mem.h"
#include "../common/passage.h"
#include "../common/print.h"
#include "../common/report.h"
#include "../common/resent.h"
#include "../common/segment.h"
#include "../common/seq.h"
#include "../common/verdict.h"

/* The tables; with the far end's capture each has more columns. */
enum { ROWS = 1, MATRIX = 2, SUMMARY = 4, ALL = 7, FAR = 3 /* how far its bit is */ };

enum { HISTORY = 4096 };	/* segments, of each direction */

enum {
	CONN, CONN_ID, DIR, DSN, LEN, KIND, PKT, TIME_NS, STREAM, SF, ORIG_PKT,
	ORIG_TIME_NS, ORIG_STREAM, ORIG_SF, DELAY_S, COPY, ACKED, SENT_AS,
	ORIG_ARRIVAL_NS, ARRIVAL_NS, GAIN_S, VERDICT,
	M_ORIG_STREAM, M_ORIG_SF, M_STREAM, M_SF, BYTES, COUNT, DATA_BYTES,
	ACKED_BYTES, REINJECT, DUP_SF, RETRANS, AFTER_ACK, REINJECT_RATIO,
	REINJECT_ACKED_RATIO, USEFUL, REDUNDANT, LOST, REINJECT_COLUMNS
};

#define IN(tables) ((tables) | (tables) << FAR)

static const struct rows_column columns[REINJECT_COLUMNS] = {
	[CONN] = { "conn", IN(ALL) }, [CONN_ID] = { "conn_id", IN(MATRIX | SUMMARY) },
	[DIR] = { "dir", IN(ALL) }, [DSN] = { "dsn", IN(ROWS) }, [LEN] = { "len", IN(ROWS) },
	[KIND] = { "kind", IN(ROWS) }, [PKT] = { "pkt", IN(ROWS) },
	[TIME_NS] = { "time_ns", IN(ROWS) }, [STREAM] = { "stream", IN(ROWS) },
	[SF] = { "sf", IN(ROWS) }, [ORIG_PKT] = { "orig_pkt", IN(ROWS) },
	[ORIG_TIME_NS] = { "orig_time_ns", IN(ROWS) },
	[ORIG_STREAM] = { "orig_stream", IN(ROWS) }, [ORIG_SF] = { "orig_sf", IN(ROWS) },
	[DELAY_S] = { "delay_s", IN(ROWS) }, [COPY] = { "copy", IN(ROWS) },
	[ACKED] = { "acked", IN(ROWS) }, [SENT_AS] = { "sent_as", IN(ROWS) },
	[ORIG_ARRIVAL_NS] = { "orig_arrival_ns", ROWS << FAR },
	[ARRIVAL_NS] = { "arrival_ns", ROWS << FAR }, [GAIN_S] = { "gain_s", ROWS << FAR },
	[VERDICT] = { "verdict", ROWS << FAR },
	[M_ORIG_STREAM] = { "orig_stream", IN(MATRIX) }, [M_ORIG_SF] = { "orig_sf", IN(MATRIX) },
	[M_STREAM] = { "stream", IN(MATRIX) }, [M_SF] = { "sf", IN(MATRIX) },
	[BYTES] = { "bytes", IN(MATRIX) }, [COUNT] = { "count", IN(MATRIX) },
	[DATA_BYTES] = { "bytes", IN(SUMMARY) }, [ACKED_BYTES] = { "acked_bytes", IN(SUMMARY) },
	[REINJECT] = { "reinject_bytes", IN(SUMMARY) }, [DUP_SF] = { "dup_sf_bytes", IN(SUMMARY) },
	[RETRANS] = { "retrans_bytes", IN(SUMMARY) },
	[AFTER_ACK] = { "after_ack_bytes", IN(MATRIX | SUMMARY) },
	[REINJECT_RATIO] = { "reinject_ratio", IN(SUMMARY) },
	[REINJECT_ACKED_RATIO] = { "reinject_acked_ratio", IN(SUMMARY) },
	[USEFUL] = { "useful_bytes", (MATRIX | SUMMARY) << FAR },
	[REDUNDANT] = { "redundant_bytes", (MATRIX | SUMMARY) << FAR },
	[LOST] = { "lost_bytes", (MATRIX | SUMMARY) << FAR },
};

static const struct cli_option options[] = {
	{ '2', "far", "FILE", "the far end's capture: what arrived, and when" },
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
	unsigned table;		/* ROWS, MATRIX or SUMMARY */
	char *far;		/* path of the far end's capture, or NULL */
	struct verdicts verdicts;	/* if so: what is printed after all was read, */
	struct resent_kept kept;	/* and connections */
	uint64_t unknown;	/* rows without a verdict */
};

static const char *const way_name[] = {
	[WAY_REINJECT] = "reinject", [WAY_DUP_SF] = "dup_sf", [WAY_RETRANS] = "retrans",
};

static const char *const verdict_name[] = {
	[VERDICT_USEFUL] = "useful", [VERDICT_REDUNDANT] = "redundant",
	[VERDICT_LOST] = "lost",
};

static const char *const dir_name[] = { [CLIENT] = "c2s", [SERVER] = "s2c" };

static void set_far(struct tool *t, const char *value)
{
	if (t->far)
		msg_usage(&t->cli.msg, "-2: there is one far end");
	t->far = mem_string(value, strlen(value));
	t->cli.other = &t->far;
	t->cli.rereads = true;
	t->cli.wanted |= PRINT_COLUMNS | PASSAGE_COLUMNS;
	t->cli.needed |= PRINT_COLUMNS | PASSAGE_COLUMNS;
}

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	switch (letter) {
	case '2': set_far(t, value); break;
	case 'm': case 's':
		if (t->table != ROWS)
			msg_usage(&t->cli.msg, "-m and -s are tables of their own: one of them");
		t->table = letter == 'm' ? MATRIX : SUMMARY;
		break;
	case 'r': t->retrans = true; break;
	case 'w':
		t->window = (uint32_t)cli_number(&t->cli, letter, value, 1 << 30,
						 "a number of segments");
		if (!t->window)
			msg_usage(&t->cli.msg, "-w: at least one segment");
		break;
	default: report_option(&t->report, letter, value);
	}
	t->cli.table = t->far ? t->table << FAR : t->table;
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

static void put_verdict(struct rows *r, const struct verdict *v)
{
	if (v->arrival)
		rows_i64(r, ARRIVAL_NS, v->arrival->time_ns);
	if (v->first)
		rows_i64(r, ORIG_ARRIVAL_NS, v->first->time_ns);
	if (v->arrival && v->first)
		rows_seconds(r, GAIN_S, seq_minus(v->first->time_ns, v->arrival->time_ns));
	if (v->kind < VERDICTS)
		rows_text(r, VERDICT, verdict_name[v->kind]);
}

/* `v` is NULL without the far end's capture. */
static void print_row(struct tool *t, const struct resent *c, const struct verdict *v)
{
	struct rows *r = &t->cli.rows;

	rows_u64(r, CONN, c->conn);
	rows_text(r, DIR, dir_name[c->role]);
	rows_i64(r, DSN, c->data.from);
	rows_i64(r, LEN, c->data.to - c->data.from);
	rows_text(r, KIND, c->acked ? "after_ack" : way_name[c->way]);
	if (c->sent.pkt) {
		rows_u64(r, PKT, c->sent.pkt);
		rows_i64(r, TIME_NS, c->sent.time_ns);
	}
	rows_u64(r, STREAM, c->sent.stream);
	rows_u64(r, SF, c->sent.sf);
	if (c->has_first)
		put_first(r, &c->first, &c->sent);
	if (c->copy)
		rows_u64(r, COPY, c->copy);
	if (c->has_acked)
		rows_u64(r, ACKED, c->acked);
	rows_text(r, SENT_AS, way_name[c->way]);
	if (v)
		put_verdict(r, v);
	rows_end(r);
}

static void again(void *arg, const struct books_copy *c)
{
	struct tool *t = arg;
	struct resent r = resent_of(c);

	if (!report_wants(&t->report, r.conn) || (r.way == WAY_RETRANS && !t->retrans))
		return;
	if (t->table != ROWS)
		r.cell = resent_count(c->books, &r);
	if (t->far)
		verdicts_add(&t->verdicts, &r);
	else if (t->table == ROWS)
		print_row(t, &r, NULL);
}

static void put_name(struct rows *r, const struct resent_conn *c, unsigned role)
{
	rows_u64(r, CONN, c->index);
	rows_digits(r, CONN_ID, c->id);
	rows_text(r, DIR, dir_name[role]);
}

static void put_sums(struct rows *r, const uint64_t verdict[VERDICTS])
{
	for (unsigned i = 0; i < VERDICTS; i++)
		rows_u64(r, USEFUL + i, verdict[i]);
}

static void print_cell(struct rows *r, const struct matrix_cell *c)
{
	if (c->has_orig)
		rows_u64(r, M_ORIG_STREAM, c->orig);
	if (c->has_orig_sf)
		rows_u64(r, M_ORIG_SF, c->orig_sf);
	rows_u64(r, M_STREAM, c->stream);
	if (c->has_sf)
		rows_u64(r, M_SF, c->sf);
	rows_u64(r, BYTES, c->bytes);
	rows_u64(r, COUNT, c->count);
	rows_u64(r, AFTER_ACK, c->after_ack_bytes);
	put_sums(r, c->verdict);
	rows_end(r);
}

/* What is known of the data of one direction. */
static void put_side(struct rows *r, const struct resent_side *s)
{
	rows_u64(r, DATA_BYTES, s->bytes);
	if (s->has_acked)
		rows_u64(r, ACKED_BYTES, s->acked);
	if (s->unseen)
		return;
	rows_u64(r, RETRANS, s->retrans);
	if (s->unmapped)
		return;
	rows_u64(r, REINJECT, s->reinject);
	rows_u64(r, DUP_SF, s->dup_sf);
	rows_u64(r, AFTER_ACK, s->after_ack);
	rows_ratio(r, REINJECT_RATIO, s->reinject, s->bytes);
	if (s->has_acked && s->has_new)
		rows_ratio(r, REINJECT_ACKED_RATIO, s->reinject, s->acked);
}

static void print_summary(struct rows *r, const struct resent_conn *c)
{
	for (unsigned role = 0; role < 2; role++) {
		uint64_t sum[VERDICTS];

		resent_sum(c, role, sum);
		put_name(r, c, role);
		put_side(r, &c->side[role]);
		put_sums(r, sum);
		rows_end(r);
	}
}

static void print_conn(void *arg, const struct resent_conn *c)
{
	struct tool *t = arg;
	struct rows *r = &t->cli.rows;

	if (!report_wants(&t->report, c->index))
		return;
	if (t->table == SUMMARY)
		print_summary(r, c);
	for (size_t i = 0; t->table == MATRIX && c->matrix && i < c->matrix->n; i++) {
		put_name(r, c, c->matrix->cell[i]->role);
		print_cell(r, c->matrix->cell[i]);
	}
}

static void over(void *arg, struct books *b)
{
	struct tool *t = arg;
	struct resent_conn c = resent_close(b);

	if (t->table != ROWS)
		resent_end(t->far ? &t->kept : NULL, &c, print_conn, t);
}

static void judged(void *arg, const struct resent *r, const struct verdict *v)
{
	struct tool *t = arg;

	t->unknown += v->kind == VERDICTS;
	if (r->cell && v->kind < VERDICTS)
		r->cell->verdict[v->kind] += (uint64_t)(r->data.to - r->data.from);
	if (t->table == ROWS)
		print_row(t, r, v);
}

static void wait_for_far(struct tool *t)
{
	t->kept.budget = &t->cli.budget;
	verdicts_init(&t->verdicts, t->retrans, t->cli.source, t->cli.second, &t->cli.budget);
	t->verdicts.tell = judged;
	t->verdicts.arg = t;
}

/* All that waited for the far end's capture. */
static void print_verdicts(struct tool *t)
{
	verdicts_read(&t->verdicts);
	verdicts_tell(&t->verdicts);
	resent_end_all(&t->kept, print_conn, t);
	if (!t->verdicts.found && t->cli.msg.status == STATUS_OK)
		msg_error(&t->cli.msg, t->far, 0, "no subflow of it is in the other capture");
	else if (t->unknown)
		msg_note(&t->cli.msg, t->far, 0, "what became of %llu ranges can't be told",
			 (unsigned long long)t->unknown);
	verdicts_free(&t->verdicts);
	free(t->far);
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
			.wanted = reads | track_columns_also(), .later = track_columns_later(),
			.needed = reads,
		},
		.report.cli = &t.cli,
		.window = HISTORY, .table = ROWS,
	};
	struct tally_options o = {
		.arg = &t, .conn = over, .absorbed = resent_absorb,
		.weigh = resent_weigh,
		.books = { .again = again, .arg = &t },
	};

	cli_start(&t.cli, argc, argv);
	o.keep = t.table == MATRIX;
	o.books.keep = t.window;
	if (t.far)
		wait_for_far(&t);
	report_run(&t.report, &o, NULL);
	if (t.far)
		print_verdicts(&t);
	return cli_end(&t.cli);
}
