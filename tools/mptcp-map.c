/* mptcp-map: which streams of two captures are the same. See mptcp-map(1). */
#include <string.h>

#include "../common/cli.h"
#include "../common/conn.h"
#include "../common/pairing.h"
#include "../common/ranges.h"
#include "../common/segment.h"
#include "../common/source.h"
#include "../common/stop.h"
#include "../common/stream.h"
#include "../common/track.h"

enum {
	CONN_A, CONN_B, CONN_ID, STREAM_A, STREAM_B, SCORE, EVIDENCE,
	SRC_A, SPORT_A, DST_A, DPORT_A, SRC_B, SPORT_B, DST_B, DPORT_B, NAT,
	ISN_SHIFT_C2S, ISN_SHIFT_S2C, MATCHED, MAP_COLUMNS
};

static const struct rows_column columns[MAP_COLUMNS] = {
	[CONN_A] = { "conn_a", 1 }, [CONN_B] = { "conn_b", 1 },
	[CONN_ID] = { "conn_id", 1 },
	[STREAM_A] = { "stream_a", 1 }, [STREAM_B] = { "stream_b", 1 },
	[SCORE] = { "score", 1 }, [EVIDENCE] = { "evidence", 1 },
	[SRC_A] = { "src_a", 1 }, [SPORT_A] = { "sport_a", 1 },
	[DST_A] = { "dst_a", 1 }, [DPORT_A] = { "dport_a", 1 },
	[SRC_B] = { "src_b", 1 }, [SPORT_B] = { "sport_b", 1 },
	[DST_B] = { "dst_b", 1 }, [DPORT_B] = { "dport_b", 1 },
	[NAT] = { "nat", 1 },
	[ISN_SHIFT_C2S] = { "isn_shift_c2s", 1 },
	[ISN_SHIFT_S2C] = { "isn_shift_s2c", 1 },
	[MATCHED] = { "matched", 1 },
};

static const struct cli_option options[] = {
	{ 'a', "all", NULL, "losing candidates too" },
	{ 't', "tcp", NULL, "streams of plain TCP too" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct pairing pairing;
	bool all, plain;
	struct ranges matched[2];	/* connections with a match, by capture */
	struct ranges reused;	/* those of A whose keys are others' in B */
	size_t rows, hidden;	/* matches printed, and left out as plain TCP */
};

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	(void)value;
	if (letter == 'a')
		t->all = true;
	if (letter == 't')
		t->plain = true;
}

/* Whose capture a stream is forgotten in. */
struct capture_of {
	struct pairing *pairing;
	unsigned which;
};

static void stream_gone(void *arg, struct stream *s)
{
	const struct capture_of *c = arg;

	pairing_forget(c->pairing, c->which, s);
}

static void read_all(struct tool *t, struct source *source, unsigned which)
{
	static struct segment seg;
	struct capture_of c = { &t->pairing, which };
	struct conn_hooks hooks = { .arg = &c, .stream_gone = stream_gone };
	struct budget part = budget_of_capture(&t->cli.budget);
	struct track track;

	track_init(&track, &hooks, &part);
	while (source_next(source, &seg))
		pairing_observe(&t->pairing, which, track_segment(&track, &seg), &seg);
	pairing_end(&t->pairing, which);
	t->cli.budget.given_up += part.given_up;
	track_end(&track);
}

static bool is_mptcp(const struct print *p)
{
	return p->kind != PRINT_TCP;
}

/* How much of the handshake of its connection a print has. */
static unsigned informed(const struct print *p)
{
	return 4 * (p->end[0].has_key + p->end[1].has_key) + 2 * p->client_sure +
	       p->end[0].syn;
}

static void put_conns(struct rows *r, const struct pair *p)
{
	const struct print *a = p->a, *b = p->b;

	if (is_mptcp(a))
		rows_u64(r, CONN_A, a->conn);
	if (is_mptcp(b))
		rows_u64(r, CONN_B, b->conn);
	if (is_mptcp(a) && (!is_mptcp(b) || informed(a) >= informed(b)))
		rows_digits(r, CONN_ID, a->conn_id);
	else if (is_mptcp(b))
		rows_digits(r, CONN_ID, b->conn_id);
}

static void put_score(struct rows *r, const struct pair *p)
{
	char text[16 * EVIDENCES] = "";

	for (unsigned i = EVIDENCES; i-- > 0; )
		if (p->evidence >> i & 1) {
			if (*text)
				strcat(text, ",");
			strcat(text, evidence_name(i));
		}
	rows_u64(r, SCORE, p->evidence);
	rows_text(r, EVIDENCE, text);
	rows_u64(r, MATCHED, p->won);
}

static void put_ends(struct rows *r, size_t at, const struct print_end *client,
		     const struct print_end *server)
{
	rows_addr(r, at, &client->addr);
	rows_u64(r, at + 1, client->port);
	rows_addr(r, at + 2, &server->addr);
	rows_u64(r, at + 3, server->port);
}

/* What was translated on the way, by name; nothing is "none". */
static void put_nat(struct rows *r, const struct print_end *const a[2],
		    const struct print_end *const b[2])
{
	static const char *const name[2][2] = {
		{ "src_addr", "src_port" }, { "dst_addr", "dst_port" }
	};
	char text[64] = "";

	for (unsigned i = 0; i < 2; i++) {
		bool differs[2] = { addr_cmp(&a[i]->addr, &b[i]->addr) != 0,
				    a[i]->port != b[i]->port };

		for (unsigned j = 0; j < 2; j++)
			if (differs[j]) {
				if (*text)
					strcat(text, ",");
				strcat(text, name[i][j]);
			}
	}
	rows_text(r, NAT, *text ? text : "none");
}

static void put_streams(struct rows *r, const struct pair *p)
{
	const struct print_end *a[2], *b[2];
	/* the client is who the capture that knows more says */
	unsigned client = informed(p->a) >= informed(p->b) ? p->a->client :
			  pair_end_b(p, p->b->client);

	for (unsigned i = 0; i < 2; i++) {
		unsigned end = client ^ i;

		a[i] = &p->a->end[end];
		b[i] = &p->b->end[pair_end_b(p, end)];
		if (p->end[end].shifted)
			rows_i64(r, ISN_SHIFT_C2S + i, p->end[end].isn_shift);
	}
	rows_u64(r, STREAM_A, p->a->stream);
	rows_u64(r, STREAM_B, p->b->stream);
	put_ends(r, SRC_A, a[0], a[1]);
	put_ends(r, SRC_B, b[0], b[1]);
	put_nat(r, a, b);
}

static void add_conn(struct ranges *set, const struct print *p)
{
	if (is_mptcp(p))
		ranges_add(set, p->conn, (int64_t)p->conn + 1);
}

static bool has_conn(const struct ranges *set, const struct print *p)
{
	return ranges_count(set, p->conn, (int64_t)p->conn + 1);
}

/* Streams that are no match, of connections that have none but are the same. */
static bool only_conn(struct tool *t, const struct pair *p)
{
	return !p->won && p->same_conn && is_mptcp(p->a) && is_mptcp(p->b) &&
	       !has_conn(&t->reused, p->a) &&
	       !has_conn(&t->matched[PAIR_A], p->a) &&
	       !has_conn(&t->matched[PAIR_B], p->b);
}

static void mark_conns(struct tool *t, const struct pair *p)
{
	add_conn(&t->matched[PAIR_A], p->a);
	add_conn(&t->matched[PAIR_B], p->b);
}

static void print_pair(struct tool *t, const struct pair *p)
{
	struct rows *r = &t->cli.rows;
	bool conn = only_conn(t, p);

	if (!t->plain && !is_mptcp(p->a) && !is_mptcp(p->b)) {
		t->hidden += p->won;
		return;
	}
	if (conn) {
		mark_conns(t, p);
		put_conns(r, p);
		put_score(r, p);
		rows_u64(r, MATCHED, 1);
		rows_end(r);
	}
	if (p->won || t->all) {
		put_conns(r, p);
		put_score(r, p);
		put_streams(r, p);
		rows_end(r);
	}
	t->rows += p->won || conn;
}

static void print_all(struct tool *t)
{
	const struct pairing *p = &t->pairing;

	for (size_t i = 0; i < p->n; i++) {
		if (p->pair[i].won)
			mark_conns(t, &p->pair[i]);
		else if (p->pair[i].another)
			add_conn(&t->reused, p->pair[i].a);
	}
	for (size_t i = 0; i < p->n; i++)
		print_pair(t, &p->pair[i]);
	if (!t->rows && !t->cli.msg.status)
		msg_error(&t->cli.msg, NULL, 0, t->hidden ?
			  "no MPTCP connection is in both captures, only plain TCP (see -t)" :
			  "nothing matches: no %s is in both captures",
			  t->plain ? "connection or stream" : "MPTCP connection");
}

int main(int argc, char **argv)
{
	uint64_t reads = track_columns() | PRINT_COLUMNS;
	struct tool t = {
		.cli = {
			.name = "mptcp-map",
			.summary = "Prints which connections and subflows of capture A are which of B.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = MAP_COLUMNS, .table = 1,
			.two = true,
			.wanted = reads | track_columns_also(), .later = track_columns_later(),
			.needed = reads,
		},
	};

	cli_start(&t.cli, argc, argv);
	pairing_init(&t.pairing, false);
	pairing_limit(&t.pairing, &t.cli.budget);
	read_all(&t, t.cli.source, PAIR_A);
	stop_done();	/* that was the end of A; B is to be read yet */
	read_all(&t, t.cli.second, PAIR_B);
	pairing_finish(&t.pairing);
	pairing_tell(&t.pairing, &t.cli.budget);
	print_all(&t);
	for (unsigned i = 0; i < 2; i++)
		ranges_free(&t.matched[i]);
	ranges_free(&t.reused);
	pairing_free(&t.pairing);
	return cli_end(&t.cli);
}
