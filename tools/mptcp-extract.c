/* mptcp-extract: a capture, one row per TCP segment. See mptcp-extract(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/cli.h"
#include "../common/column.h"
#include "../common/segment.h"
#include "../common/track.h"

static const struct cli_option options[] = {
	{ 'm', "mptcp", NULL, "only segments of MPTCP connections, fallen-back ones included" },
	{ 'C', "list-columns", NULL, "print what each column means, as TSV" },
	{ 0, NULL, NULL, NULL }
};

struct tool {
	struct cli cli;
	bool only_mptcp;
};

static void list_columns(struct cli *c)
{
	puts("column\ttype\tmeaning");
	for (int i = 0; i < COLUMNS; i++)
		printf("%s\t%s\t%s\n", column_info[i].name, column_info[i].type,
		       column_info[i].text);
	cli_end_text(c);
}

static void set(void *arg, char letter, const char *value)
{
	struct tool *t = arg;

	(void)value;
	if (letter == 'C')
		list_columns(&t->cli);
	t->only_mptcp = true;
}

static void print(struct cli *c, const struct segment *seg, size_t room)
{
	const struct rows *r = &c->rows;
	char *p = out_room(&c->out, room);

	out_commit(&c->out, column_write(p, seg, r->pick, r->picks, r->na, r->na_len));
	out_row(&c->out);
}

int main(int argc, char **argv)
{
	static struct segment seg;
	struct rows_column columns[COLUMNS];
	struct tool t = {
		.cli = {
			.name = "mptcp-extract",
			.summary = "Prints a row for each TCP segment, with every MPTCP field and where it belongs.",
			.options = options, .set = set, .arg = &t,
			.column = columns, .columns = COLUMNS, .table = 1,
			.echoes = true, .wanted = UINT64_MAX,
		},
	};
	struct cli *c = &t.cli;
	struct track track;
	size_t room;

	for (size_t i = 0; i < COLUMNS; i++)
		columns[i] = (struct rows_column){ column_info[i].name, 1 };
	cli_start(c, argc, argv);
	room = column_row_max(c->rows.pick, c->rows.picks, c->rows.na_len);
	track_init(&track, NULL, &c->budget);
	for (size_t i = 0; i < c->rows.picks; i++)
		track.sums |= c->rows.pick[i] == COL_PAYLOAD_SUM;
	while (!c->out.failed && source_next(c->source, &seg)) {
		if (!seg.tracked)
			track_segment(&track, &seg);
		if (!t.only_mptcp || seg.has & COLUMN(CONN))
			print(c, &seg, room);
	}
	track_end(&track);
	return cli_end(c);
}
