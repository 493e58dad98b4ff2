#define _GNU_SOURCE	/* getopt_long() */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "num.h"
#include "sandbox.h"
#include "segment.h"
#include "stop.h"
#include "version.h"

enum { OPTIONS_MAX = 32, BUDGET_MIB = 1024 };

static const struct cli_option common[] = {
	{ 'B', "budget", "MIB", "memory for what is open; beyond it that is given up (1024)" },
	{ 'f', "filter", "EXPR", "only frames that match, as in tcpdump (captures only)" },
	{ 'H', "no-header", NULL, "no line of column names" },
	{ 'h', "help", NULL, "print this" },
	{ 'l', "line-buffered", NULL, "write each row at once" },
	{ 'N', "na", "STR", "write STR where a value is missing" },
	{ 'o', "columns", "A,B,C", "print these columns, in this order" },
	{ 'V', "version", NULL, "print the version" },
	{ 0, NULL, NULL, NULL }
};

struct settings {
	const char *filter, *na, *picked;
	bool no_header, each_row;
};

static void help_options(const struct cli_option *o)
{
	char left[64];

	for (; o && o->letter; o++) {
		snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name,
			 o->value ? " " : "", o->value ? o->value : "");
		printf("  %-26s %s\n", left, o->help);
	}
}

void cli_end_text(struct cli *c)
{
	if (fflush(stdout) || ferror(stdout))
		msg_error(&c->msg, NULL, 0, "standard output: %s", strerror(errno));
	exit(msg_end(&c->msg));
}

static void help(struct cli *c)
{
	printf("usage: %s [options] %s%s%s\n%s\n\n%s", c->name,
	       c->word ? c->word : "", c->word ? " " : "", c->two ? "A B" : "[file ...]", c->summary, c->two ?
	       "A and B are each a capture (pcap, pcapng, gzipped or not) or the TSV of\n"
	       "mptcp-extract; one of them may be -, standard input.\n\n" :
	       "Reads captures (pcap, pcapng, gzipped or not; several are merged by time) or\n"
	       "the TSV of mptcp-extract; without operands, or for -, standard input.\n\n");
	help_options(c->options);
	help_options(common);
	printf("\nColumns:");
	for (size_t i = 0, at = 80; i < c->columns; i++) {
		size_t n = strlen(c->column[i].name) + 1;

		if (!(c->column[i].tables & c->table))
			continue;
		if (at + n > 78) {
			printf("\n ");
			at = 1;
		}
		printf(" %s", c->column[i].name);
		at += n;
	}
	printf("\n");
	if (c->more_help)
		c->more_help();
	cli_end_text(c);
}

/* Tables for getopt_long() out of ours. */
static void describe(const struct cli_option *o, struct option *list, char *letters)
{
	size_t n = 0;

	while (list[n].name)
		n++;
	for (; o && o->letter && n + 1 < OPTIONS_MAX; o++) {
		size_t at = strlen(letters);

		list[n++] = (struct option){ o->name,
			o->value ? required_argument : no_argument, NULL, o->letter };
		letters[at] = o->letter;
		letters[at + 1] = o->value ? ':' : '\0';
	}
}

static void set_common(struct cli *c, struct settings *s, int letter)
{
	switch (letter) {
	case 'B':
		c->budget.limit = cli_number(c, 'B', optarg, 1 << 30, "a number of MiB") << 20;
		if (!c->budget.limit)
			msg_usage(&c->msg, "-B: at least 1 MiB");
		break;
	case 'f': s->filter = optarg; break;
	case 'H': s->no_header = true; break;
	case 'h': help(c); break;
	case 'l': s->each_row = true; break;
	case 'N': s->na = optarg; break;
	case 'o': s->picked = optarg; break;
	case 'V':
		printf("%s %s\n", c->name, MPTCP_TOOLS_VERSION);
		cli_end_text(c);
	}
}

static void bad_option(struct cli *c, int argc, char **argv)
{
	/* musl has gone beyond a value that is not there */
	const char *given = argv[(optind < argc ? optind : argc) - 1];

	if (optopt && given[1] != '-')
		msg_usage(&c->msg, "option -%c is unknown or lacks its value, see %s -h",
			  optopt, c->name);
	msg_usage(&c->msg, "option %s is unknown or lacks its value, see %s -h",
		  given, c->name);
}

static void parse(struct cli *c, struct settings *s, int argc, char **argv)
{
	struct option list[OPTIONS_MAX] = { { NULL, 0, NULL, 0 } };
	char letters[2 * OPTIONS_MAX] = "";
	int letter;

	describe(c->options, list, letters);
	describe(common, list, letters);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		const struct cli_option *o = c->options;

		if (letter == '?')
			bad_option(c, argc, argv);
		while (o && o->letter && o->letter != letter)
			o++;
		if (o && o->letter)
			c->set(c->arg, o->letter, optarg);
		else
			set_common(c, s, letter);
	}
	if (strpbrk(s->na, "\t\n"))
		msg_usage(&c->msg, "-N: a tab or newline would break the table");
}

int64_t cli_seconds(struct cli *c, char letter, const char *value)
{
	char text[64] = "0";
	int64_t ns;

	/* people leave out the 0 of fractions */
	if (*value == '.' && strlen(value) < sizeof(text) - 1)
		value = strcat(text, value);
	if (!num_parse_seconds(value, value + strlen(value), &ns) || ns <= 0)
		msg_usage(&c->msg, "-%c: \"%s\" is not a time in seconds", letter, value);
	return ns;
}

uint64_t cli_number(struct cli *c, char letter, const char *value, uint64_t max,
		    const char *what)
{
	uint64_t v;

	if (!num_parse_u64(value, value + strlen(value), max, &v))
		msg_usage(&c->msg, "-%c: \"%s\" is not %s", letter, value, what);
	return v;
}

static int idle(void *arg)
{
	struct cli *c = arg;
	int ms = c->quiet ? c->quiet(c->quiet_arg) : -1;

	out_flush(&c->out);
	return ms;
}

void cli_start(struct cli *c, int argc, char **argv)
{
	struct settings s = { .na = "" };

	c->msg = (struct msg){ .tool = c->name };
	c->budget.limit = (uint64_t)BUDGET_MIB << 20;
	parse(c, &s, argc, argv);
	if (c->word && optind == argc)
		msg_usage(&c->msg, "it takes a %s, see %s -h", c->word, c->name);
	if (c->word)
		c->set_word(c->arg, argv[optind++]);
	if (c->no_table && s.picked)
		msg_usage(&c->msg, "-o picks columns of a table, and none is printed");
	if (c->two)
		cli_take_two(c, argv + optind, argc - optind);
	out_open(&c->out, STDOUT_FILENO, &c->msg,
		 s.each_row || isatty(STDOUT_FILENO));
	rows_open(&c->rows, &c->out, &c->msg, c->column, c->columns, c->table,
		  s.picked, s.na);
	if (!s.no_header && !c->no_table)
		rows_header(&c->rows);
	for (size_t i = 0; c->echoes && s.picked && i < c->rows.picks; i++)
		c->needed |= UINT64_C(1) << c->rows.pick[i];
	c->input = (struct source_options){
		.msg = &c->msg, .paths = argv + optind, .count = c->two ? 1 : argc - optind,
		.filter = s.filter, .once = !c->echoes,
		.columns = {
			.na = s.na, .wanted = c->wanted | COLUMN(COPY_OF),
			.later = c->later, .needed = c->needed,
		},
		.idle = idle, .idle_arg = c,
	};
	stop_prepare();
	if (c->raw)
		return;
	cli_need_files(c);
	c->source = source_open(&c->input);
	if (c->other)
		c->second = cli_open_other(c);
	if (!c->opens_later)
		sandbox_enter();
}

int cli_end(struct cli *c)
{
	if (c->source)
		source_close(c->source);
	if (c->second)
		source_close(c->second);
	if (c->budget.given_up)
		msg_error(&c->msg, NULL, 0, "%" PRIu64 " streams were given up early, as all would "
			  "have taken more than %" PRIu64 " MiB (-B)", c->budget.given_up,
			  c->budget.limit >> 20);
	if (c->budget.cut)
		msg_error(&c->msg, NULL, 0, "%" PRIu64 " streams and connections had so much "
			  "missing or under way at once that some of it was forgotten",
			  c->budget.cut);
	if (c->budget.unkept)
		msg_error(&c->msg, NULL, 0, "%" PRIu64 " streams and connections that were over "
			  "within an interval are missing there, as all would have taken more "
			  "than %" PRIu64 " MiB (-B)", c->budget.unkept, c->budget.limit >> 20);
	if (c->budget.unjudged)
		msg_error(&c->msg, NULL, 0, "%" PRIu64 " connections have no verdicts, as all "
			  "would have taken more than %" PRIu64 " MiB (-B)", c->budget.unjudged,
			  c->budget.limit >> 20);
	out_close(&c->out);
	rows_close(&c->rows);
	return msg_end(&c->msg);
}
