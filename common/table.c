#include "table.h"

#include "input.h"
#include "msg.h"
#include "segment.h"
#include "tsv.h"

static void close_rows(struct table *t)
{
	tsv_close(t->tsv);
	t->tsv = NULL;
}

/* Which columns are read; one that is needed and not there is the end of it. */
static void find_columns(struct table *t, const struct table_options *o)
{
	uint64_t needed = o->needed;

	for (int i = 0; i < COLUMNS; i++)	/* no field of options without their subtypes */
		if (needed >> i & 1 && column_info[i].field)
			needed |= COLUMN(MPTCP);
	column_reader_open(&t->reader, t->tsv, o->wanted, o->later, o->na);
	needed &= ~(t->reader.now | t->reader.later);
	for (int i = 0; i < COLUMNS; i++) {
		if (!(needed >> i & 1))
			continue;
		msg_error(t->msg, t->tsv->in->name, 0, "no column \"%s\" (mptcp-extract "
			  "prints it unless -o leaves it out)",
			  column_info[i].name);
		close_rows(t);
		return;
	}
}

/* Whether it is a table of segments: at least two columns are ours. */
static bool is_ours(const struct tsv *t)
{
	int known = 0;

	for (size_t i = 0; i < t->n; i++)
		known += column_find(t->name[i].from,
			(size_t)(t->name[i].to - t->name[i].from)) >= 0;
	return known >= 2 || (known == 1 && t->n == 1);
}

bool table_open(struct table *t, struct input *in, struct msg *msg,
		const struct table_options *o)
{
	bool empty = !input_need(in, 1);

	*t = (struct table){ .msg = msg };
	if (in->stopped)
		return false;
	if (in->error || empty) {
		msg_error(msg, in->name, 0, "%s", in->error ? in->error : "is empty");
		return false;
	}
	t->tsv = tsv_open(in);
	if (!t->tsv || !is_ours(t->tsv)) {
		msg_error(msg, in->name, 0, "is neither a capture (pcap, "
			  "pcapng) nor the TSV of mptcp-extract");
		close_rows(t);
		return false;
	}
	find_columns(t, o);
	return true;
}

void table_close(struct table *t)
{
	close_rows(t);
}

static void bad_cell(struct table *t, int column)
{
	struct cell cell = tsv_cell(t->tsv, t->reader.at[column]);
	int n = cell.to - cell.from > 40 ? 40 : (int)(cell.to - cell.from);

	msg_error(t->msg, t->tsv->in->name, 0,
		  "line %llu: column \"%s\": can't read \"%.*s\"",
		  (unsigned long long)t->tsv->line, column_info[column].name,
		  n, cell.from);
}

bool table_next(struct table *t, struct segment *seg)
{
	int got, bad;

	while (t->tsv && (got = tsv_next(t->tsv))) {
		if (got < 0) {
			msg_error(t->msg, t->tsv->in->name, 0, "line %llu is cut short",
				  (unsigned long long)t->tsv->line);
			continue;
		}
		bad = column_read(&t->reader, seg);
		if (bad < 0)
			return true;
		bad_cell(t, bad);
	}
	if (t->tsv && t->tsv->in->error)
		msg_error(t->msg, t->tsv->in->name, 0, "%s", t->tsv->in->error);
	return false;
}
