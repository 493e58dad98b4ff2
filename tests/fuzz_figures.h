/*
 * What has to hold for the figures of any capture: they are the same from its
 * rows, and they add up.
 */
#ifndef FUZZ_FIGURES_H
#define FUZZ_FIGURES_H

#include "fuzz.h"

enum { TOTAL_CONNS, TOTAL_SUBFLOWS, STEP_CONNS, STEP_SUBFLOWS, AGAIN, SUMMED };

static const struct view views[] = {
	[TOTAL_CONNS] = { conns_main, { NULL } },
	[TOTAL_SUBFLOWS] = { subflows_main, { NULL } },
	[STEP_CONNS] = { conns_main, { "-i", "0.01" } },
	[STEP_SUBFLOWS] = { subflows_main, { "-i", "0.01" } },
	[AGAIN] = { reinject_main, { "-r" } },
	{ reinject_main, { NULL } },
	{ reinject_main, { "-r", "-w", "2" } },
	{ reinject_main, { "-r", "-m" } },
	{ reinject_main, { "-s" } },
	{ conns_main, { "-S" } },
	{ subflows_main, { "-t" } },
	{ subflows_main, { "-t", "-i", "0.01" } },
	{ plotdata_main, { "dsn", "-k", "-n16" } },
	{ plotdata_main, { "inflight", "-t", "-D" } },
	{ plotdata_main, { "hol" } },
	{ plotdata_main, { "ofo", "-x" } },
	{ plotdata_main, { "goodput", "-t", "-w3", "-b9" } },
	{ plotdata_main, { "blocks", "-n16" } },
	{ events_main, { "-v" } },
	{ events_main, { "-v", "-T", "0.001" } },
};

/* What was forgotten this soon mptcp-extract still knows: nothing to compare. */
static const struct view hasty[] = {
	{ conns_main, { "-L", "0.001" } },
	{ conns_main, { "-L", "0.001", "-i", "7" } },
	{ subflows_main, { "-L", "0.001", "-t" } },
	{ reinject_main, { "-L", "0.001", "-r", "-m" } },
	{ subflows_main, { "-L", "0.001", "-t", "-i", "7" } },
	{ events_main, { "-L", "0.001", "-v" } },
};

enum {
	VIEWS = sizeof(views) / sizeof(*views), HASTY = sizeof(hasty) / sizeof(*hasty),
	CELLS_MAX = 128
};

/* A table, taken apart in place. */
struct table {
	char *text, *next;	/* the row behind this one */
	char *name[CELLS_MAX], *cell[CELLS_MAX];
	int columns;
};

static inline int split(char **at, char **cell)
{
	char *end = strchr(*at, '\n'), *p = *at;
	int n = 0;

	if (!end)
		return 0;
	*end = '\0';
	*at = end + 1;
	while (p) {
		CHECK(n < CELLS_MAX);
		cell[n++] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = '\0';
	}
	return n;
}

static inline struct table table_open(const struct file *f)
{
	struct table t = { .columns = 0 };
	size_t n;

	t.text = t.next = file_read(f, &n);
	t.columns = split(&t.next, t.name);
	return t;
}

static inline bool table_next(struct table *t)
{
	int n = split(&t->next, t->cell);

	CHECK(n == 0 || n == t->columns);
	return n;
}

/* A cell, named by direction and figure; NULL if it is empty. */
static inline const char *cell(const struct table *t, int dir, const char *figure)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", dir < 0 ? "" : dir ? "s2c_" : "c2s_", figure);
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->name[i], name) == 0)
			return *t->cell[i] ? t->cell[i] : NULL;
	fprintf(stderr, "no column %s\n", name);
	abort();
}

static inline uint64_t number(const struct table *t, int dir, const char *figure)
{
	const char *text = cell(t, dir, figure);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* Within one row. */
static inline void check_row(const struct table *t, int d)
{
	uint64_t sent = number(t, d, "sent_bytes"), pkts = number(t, d, "data_pkts");
	uint64_t unique = number(t, d, "unique_bytes");

	CHECK(unique + number(t, d, "retrans_bytes") == sent);
	CHECK(number(t, d, "new_bytes") + number(t, d, "reinject_bytes") +
	      number(t, d, "dup_sf_bytes") <= unique);
	CHECK(number(t, d, "after_ack_bytes") <= sent);
	CHECK(pkts <= number(t, d, "pkts") && pkts <= sent);
	CHECK(number(t, d, "retrans_pkts") <= pkts && number(t, d, "ooo_pkts") <= pkts);
	CHECK(number(t, d, "dup_acks") + pkts <= number(t, d, "pkts"));
	CHECK(number(t, d, "win_min_bytes") <= number(t, d, "win_max_bytes"));
	CHECK(!cell(t, d, "rtt_min_s") == !number(t, d, "rtt_samples"));
	CHECK(!cell(t, d, "rtt_stdev_s") == (number(t, d, "rtt_samples") < 2));
}

/*
 * Figures that are sums, over the rows of a table where the column `of` has this
 * value. Who is the client may turn out behind an interval: with `like`, which
 * way round a row is to be taken is seen from the ends of that row.
 */
enum { SUMS = 12 };

static const char *const summed[SUMS] = {
	"sent_bytes", "retrans_bytes", "reinject_bytes", "dup_sf_bytes", "after_ack_bytes",
	"new_bytes", "pkts", "data_pkts", "retrans_pkts", "rtt_samples", "dup_acks",
	"zero_window",
};

static inline bool turned(const struct table *t, const struct table *like)
{
	return like && (strcmp(cell(t, -1, "src"), cell(like, -1, "src")) != 0 ||
			number(t, -1, "sport") != number(like, -1, "sport"));
}

static inline int sum(const struct file *f, const char *of, const char *value,
		      const struct table *like, int figures, uint64_t sums[2][SUMS])
{
	struct table t = table_open(f);
	int rows = 0;

	memset(sums, 0, 2 * sizeof(*sums));
	while (table_next(&t)) {
		if (of && (!cell(&t, -1, of) || strcmp(cell(&t, -1, of), value) != 0))
			continue;
		rows++;
		for (int d = 0; d < 2; d++)
			for (int i = 0; i < figures; i++)
				sums[d ^ turned(&t, like)][i] +=
					number(&t, d, summed[i]);
	}
	free(t.text);
	return rows;
}

static inline void same_sums(uint64_t a[2][SUMS], uint64_t b[2][SUMS], int figures)
{
	for (int i = 0; i < figures; i++)
		if (a[0][i] != b[0][i] || a[1][i] != b[1][i]) {
			fprintf(stderr, "%s: %llu and %llu, %llu and %llu\n", summed[i],
				(unsigned long long)a[0][i], (unsigned long long)a[1][i],
				(unsigned long long)b[0][i], (unsigned long long)b[1][i]);
			abort();
		}
}

/* Both ways together, in [0]. */
static inline void both_ways(uint64_t sums[2][SUMS])
{
	for (int i = 0; i < SUMS; i++) {
		sums[0][i] += sums[1][i];
		sums[1][i] = 0;
	}
}

/* What is sent again, row by row, is what connections count. */
static inline void check_again(const struct file out[SUMMED])
{
	struct table t = table_open(&out[AGAIN]);
	uint64_t conns[2][SUMS], retrans = 0, others = 0, wasted = 0;

	while (table_next(&t)) {
		uint64_t len = number(&t, -1, "len");

		CHECK(len);
		*(strcmp(cell(&t, -1, "sent_as"), "retrans") ? &others : &retrans) += len;
		wasted += number(&t, -1, "acked") * len;
		CHECK(!cell(&t, -1, "orig_pkt") == !cell(&t, -1, "orig_sf"));
	}
	free(t.text);
	sum(&out[TOTAL_CONNS], NULL, NULL, NULL, 5, conns);
	CHECK(retrans <= conns[0][1] + conns[1][1]);
	CHECK(others == conns[0][2] + conns[1][2] + conns[0][3] + conns[1][3]);
	CHECK(wasted == conns[0][4] + conns[1][4]);
}

/* Intervals add up to the whole, and subflows to their connection. */
static inline void check_sums(const struct file out[SUMMED])
{
	struct table t = table_open(&out[TOTAL_SUBFLOWS]);
	uint64_t a[2][SUMS], b[2][SUMS];

	while (table_next(&t)) {
		check_row(&t, 0);
		check_row(&t, 1);
		sum(&out[TOTAL_SUBFLOWS], "stream", cell(&t, -1, "stream"), &t, SUMS, a);
		sum(&out[STEP_SUBFLOWS], "stream", cell(&t, -1, "stream"), &t, SUMS, b);
		same_sums(a, b, SUMS);
	}
	free(t.text);
	t = table_open(&out[TOTAL_CONNS]);
	while (table_next(&t)) {
		const char *conn = cell(&t, -1, "conn");

		sum(&out[TOTAL_CONNS], "conn", conn, NULL, 5, a);
		CHECK(number(&t, -1, "attempts") ==
		      (uint64_t)sum(&out[TOTAL_SUBFLOWS], "conn", conn, NULL, 5, b));
		same_sums(a, b, 5);
		CHECK(number(&t, -1, "subflows") <= number(&t, -1, "attempts"));
	}
	free(t.text);
	sum(&out[TOTAL_CONNS], NULL, NULL, NULL, 5, a);
	sum(&out[STEP_CONNS], NULL, NULL, NULL, 5, b);
	both_ways(a);
	both_ways(b);
	same_sums(a, b, 5);
}

/* From the capture and from its rows there is the same. */
static inline void check_view(const struct view *v, const struct file *capture,
			      const struct file *rows)
{
	struct file direct = file_new(), piped = file_new();

	view_run(v, capture, &direct);
	view_run(v, rows, &piped);
	same(&direct, &piped, v->option[0] ? v->option[0] : "without -i");
	file_close(&direct);
	file_close(&piped);
}

/* A tool that reads two knows no capture from its rows. */
static inline void check_two(int (*run)(int argc, char **argv), const char *options,
			     const struct file *capture, const struct file *rows)
{
	struct file direct = file_new(), piped = file_new();

	two_run(run, options, capture, rows, &direct);
	two_run(run, options, rows, capture, &piped);
	same(&direct, &piped, options);
	file_close(&direct);
	file_close(&piped);
}

/* Nor does it mind that the other end saw only a part, from some row on. */
static inline void run_part(int (*run)(int argc, char **argv), const char *options,
			    const struct file *capture, const struct file *rows)
{
	struct file part = file_new(), to = file_new();
	size_t n, names, half;
	char *p = file_read(rows, &n);

	names = strcspn(p, "\n") + (n > 0);
	half = names + (n - names) / 2;
	half += strcspn(p + half, "\n") + (half < n);
	file_write(&part, p, names);
	file_write(&part, p + half, n - half);
	free(p);
	two_run(run, options, capture, &part, &to);
	two_run(run, options, &part, capture, &to);
	file_close(&part);
	file_close(&to);
}

/*
 * All of this for one capture; but of the views that take long in all, only
 * some, by these bytes.
 */
static inline void check_capture(const struct file *capture, const uint8_t *data,
				 size_t size)
{
	struct file rows = file_new(), out[SUMMED], unread = file_new();
	unsigned which = any_of(data, size), two = which / 4 % TWOS;

	run_extract(capture, &rows);
	check_view(&views[TOTAL_SUBFLOWS], capture, &rows);
	check_view(&views[which % VIEWS], capture, &rows);
	view_run(&hasty[which % HASTY], capture, &unread);
	if (which % 4 == 0) {
		check_two(twos[two].main, twos[two].options, capture, &rows);
		run_part(twos[two].main, twos[two].options, capture, &rows);
	}
	for (size_t i = 0; i < SUMMED; i++) {
		out[i] = file_new();
		view_run(&views[i], capture, &out[i]);
	}
	check_sums(out);
	check_again(out);
	for (size_t i = 0; i < SUMMED; i++)
		file_close(&out[i]);
	file_close(&unread);
	file_close(&rows);
}

#endif
