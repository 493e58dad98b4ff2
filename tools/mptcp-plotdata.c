/* mptcp-plotdata: the points of a plot, one per row. See mptcp-plotdata(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/column.h"
#include "../common/input.h"
#include "../common/mem.h"
#include "../common/passes.h"
#include "../common/plot.h"
#include "../common/sandbox.h"
#include "../common/segment.h"
#include "../common/watch.h"

static const struct cli_option options[] = {
	{ '2', "far", "OTHER", "reinject, owd: the far end's capture" },
	{ 'A', "absolute", NULL, "x since the epoch, not since the connection's first packet" },
	{ 'b', "bin", "SECONDS", "length of the intervals of rates (0.1)" },
	{ 'C', "cumulative", NULL, "the sum of all values so far; of rates, in bytes" },
	{ 'c', "conn", "N", "only connection N" },
	{ 'D', "distribution", NULL, "x: a value, y: the fraction of values up to it" },
	{ 'd', "direction", "DIR", "only c2s or s2c" },
	{ 'k', "acks", NULL, "dsn, seq: what acknowledges it too, and the window" },
	{ 'L', "linger", "SECONDS", "what is closed is over after so long (60)" },
	{ 'n', "points", "N", "at most N points per series, from 16" },
	{ 's', "stream", "N", "only TCP stream N" },
	{ 't', "tcp", NULL, "streams of plain TCP too" },
	{ 'w', "window", "N", "the mean of the last N values" },
	{ 'x', "xplot", NULL, "for xplot instead of a table" },
	{ 'y', "attribute", "COLUMN", "attr: the column of mptcp-extract" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	struct plot plot;
	struct passes passes;	/* owd, of captures */
	char *far;		/* path; NULL: none */
	char name[128];		/* of the plot, for the column */
};

static void set_dir(struct tool *t, const char *value)
{
	t->plot.only_dir = true;
	t->plot.dir = strcmp(value, "s2c") == 0 ? DIR_S2C : DIR_C2S;
	if (strcmp(value, "s2c") != 0 && strcmp(value, "c2s") != 0)
		msg_usage(&t->cli.msg, "-d: \"%s\" is neither c2s nor s2c", value);
}

static void set_attr(struct tool *t, const char *value)
{
	int column = column_find(value, strlen(value));

	if (column < 0 || !plot_attr_takes((unsigned)column))
		msg_usage(&t->cli.msg, "-y: \"%s\" is no column of numbers, see mptcp-extract -C",
			  value);
	t->plot.attr = (uint8_t)column;
	t->cli.wanted |= UINT64_C(1) << column;
	t->cli.needed |= UINT64_C(1) << column;
}

static void set_sink(struct tool *t, char letter, const char *value)
{
	struct sink *k = &t->plot.sink;

	switch (letter) {
	case 'C': k->cumulate = true; break;
	case 'D': k->distribute = true; break;
	case 'x': k->xplot = t->cli.no_table = true; break;
	case 'n':
		k->thin = cli_number(&t->cli, letter, value, UINT32_MAX, "a number of points");
		if (k->thin < THIN_MIN)
			msg_usage(&t->cli.msg, "-n: at least %d points", THIN_MIN);
		break;
	case 'w':
		k->smooth = (uint32_t)cli_number(&t->cli, letter, value, 1 << 20,
						 "a number of values");
	}
}

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;
	struct plot *p = &t->plot;

	switch (letter) {
	case '2':
		free(t->far);
		t->far = mem_string(value, strlen(value));
		t->cli.other = &t->far;
		break;
	case 'A': p->epoch = true; break;
	case 'b': p->bin_ns = cli_seconds(&t->cli, letter, value); break;
	case 'c':
		p->only_conn = true;
		p->conn = (uint32_t)cli_number(&t->cli, letter, value, UINT32_MAX,
					       "the number of a connection");
		break;
	case 'd': set_dir(t, value); break;
	case 'k': p->back = true; break;
	case 'L': p->linger_ns = cli_seconds(&t->cli, letter, value); break;
	case 's':
		p->only_stream = true;
		p->stream = (uint32_t)cli_number(&t->cli, letter, value, UINT32_MAX,
						 "the number of a stream");
		break;
	case 't': p->plain = true; break;
	case 'y': set_attr(t, value); break;
	default: set_sink(t, letter, value);
	}
}

static void take_row(void *arg, struct duet_row *row)
{
	struct tool *t = arg;

	plot_owd_row(&t->plot, row);
}

/* As mptcp-owd reads them. */
static void set_duet(struct tool *t)
{
	struct cli *c = &t->cli;

	if (strcmp(t->far, "-") == 0)
		msg_usage(&c->msg, "-2: the other capture can't be standard input");
	c->opens_later = true;
	c->needed = track_columns() | PRINT_COLUMNS | PASSAGE_COLUMNS;
	c->wanted = c->needed | track_columns_also();
	c->quiet = duet_wait;
	c->quiet_arg = &t->passes.duet;
	t->passes = (struct passes){
		.cli = c, .clock.mode = CLOCK_AUTO, .plain = t->plot.plain,
		.row = take_row, .arg = t,
	};
}

static void set_kind(void *arg, const char *name)
{
	struct tool *t = arg;
	struct plot *p = &t->plot;
	const struct plot_kind *k = NULL;

	for (size_t i = 0; i < PLOT_KINDS; i++)
		if (strcmp(plot_kinds[i]->name, name) == 0)
			k = plot_kinds[i];
	if (!k)
		msg_usage(&t->cli.msg, "\"%s\" is no kind of plot, see mptcp-plotdata -h", name);
	if ((k == &plot_attr) != (p->attr < COLUMNS))
		msg_usage(&t->cli.msg, "attr and -y COLUMN belong together");
	if (t->far && k != &plot_reinject && k != &plot_owd)
		msg_usage(&t->cli.msg, "-2 is for reinject and owd");
	p->kind = k;
	p->sink.unit = k->unit;
	if (k == &plot_attr && column_info[p->attr].kind == KIND_SECONDS)
		p->sink.unit = UNIT_SECONDS;
	if (k->unit == UNIT_BPS && p->sink.cumulate)
		p->sink.unit = UNIT_COUNT;
	snprintf(t->name, sizeof(t->name), "%s%s%s%s%s", name,
		 k == &plot_attr ? ":" : "",
		 k == &plot_attr ? column_info[p->attr].name : "",
		 p->sink.cumulate ? ":sum" : "", p->sink.distribute ? ":cdf" : "");
	p->sink.plot = t->name;
	if (k == &plot_events) {
		t->cli.wanted = watch_columns() | COLUMN(PAYLOAD_SUM);
		t->cli.later = watch_columns_later();
		t->cli.needed = watch_columns();
		if (p->sink.smooth || p->sink.cumulate || p->sink.distribute)
			msg_usage(&t->cli.msg, "events have no values for -C, -D or -w");
	}
	t->cli.raw = k == &plot_owd && !t->far;
	if (k == &plot_owd && t->far)
		set_duet(t);
	t->cli.rereads = k == &plot_reinject && t->far;
	t->cli.table = p->sink.distribute ? TABLE_DIST : k->table;
	t->cli.wanted |= k->columns;
	t->cli.needed |= k->columns;
}

/* Tables of mptcp-owd, one after the other. */
static void read_owd(struct tool *t)
{
	static char *standard_input[] = { (char *)"-" };
	struct source_options *o = &t->cli.input;
	char **paths = o->count ? o->paths : standard_input;
	int n = o->count ? o->count : 1;
	struct input **in = mem_zero((size_t)n * sizeof(struct input *));

	for (int i = 0; i < n; i++) {
		in[i] = input_open(paths[i], o->idle, o->idle_arg);
		if (!in[i])
			msg_error(&t->cli.msg, paths[i], 0, "%s", strerror(errno));
	}
	sandbox_enter();
	for (int i = 0; i < n; i++) {
		if (in[i])
			plot_owd_read(&t->plot, in[i], &t->cli.msg);
		input_close(in[i]);
	}
	free(in);
}

static void run_duet(struct tool *t)
{
	plot_owd_begin(&t->plot);
	t->passes.beside = plot_owd_weight(&t->plot);
	passes_run(&t->passes);
	plot_owd_end(&t->plot);
	passes_tell(&t->passes);
	passes_free(&t->passes);
}

static void run(struct tool *t)
{
	struct segment seg = { 0 };
	struct plot *p = &t->plot;

	if (t->cli.raw) {
		read_owd(t);
		return;
	}
	if (p->kind == &plot_owd) {
		run_duet(t);
		return;
	}
	if (t->far)
		plot_far_init(p, t->cli.source, t->cli.second);
	plot_init(p);
	while (!t->cli.out.failed && source_next(t->cli.source, &seg))
		plot_segment(p, &seg);
	plot_end(p);
	if (p->far && !plot_far_end(p) && t->cli.msg.status == STATUS_OK)
		msg_error(&t->cli.msg, t->far, 0, "no subflow of it is in the other capture");
}

static void list_kinds(void)
{
	printf("\nKinds of plots:\n");
	for (size_t i = 0; i < PLOT_KINDS; i++)
		printf("  %-14s %s\n", plot_kinds[i]->name, plot_kinds[i]->text);
}

int main(int argc, char **argv)
{
	uint64_t reads = plot_columns();
	struct tool t = {
		.cli = {
			.name = "mptcp-plotdata", .word = "KIND",
			.summary = "Prints a row for each point of a plot.",
			.options = options, .set = set, .arg = &t,
			.set_word = set_kind, .more_help = list_kinds,
			.column = series_column, .columns = SERIES_COLUMNS,
			.table = UINT32_MAX, .wanted = reads | track_columns_also(),
			.later = track_columns_later(), .needed = reads,
		},
		.plot = { .attr = COLUMNS, .bin_ns = 100000000 },
	};
	struct plot *p = &t.plot;

	cli_start(&t.cli, argc, argv);
	p->budget = &t.cli.budget;
	p->sink.rows = &t.cli.rows;
	p->sink.out = &t.cli.out;
	if (p->sink.xplot)
		xplot_begin(&p->sink, t.name, p->epoch);
	run(&t);
	if (p->sink.xplot)
		xplot_end(&p->sink);
	free(t.far);
	return cli_end(&t.cli);
}
