/* Rows of a file to segments. */
#include "column.h"

#include <string.h>

#include "num.h"
#include "segment.h"
#include "tsv.h"

/* Those of these columns that are decimal numbers, of the segment or of its options. */
static void add_numbers(struct column_reader *r, uint64_t columns, bool of_option)
{
	static const uint64_t most[] = {
		[KIND_U8] = UINT8_MAX, [KIND_U16] = UINT16_MAX, [KIND_U32] = UINT32_MAX,
		[KIND_U64] = UINT64_MAX, [KIND_I64] = INT64_MAX
	};

	for (int i = 0; i < COLUMNS; i++) {
		const struct column_info *info = &column_info[i];

		if (columns >> i & 1 && info->kind <= KIND_DECIMAL && !info->field != of_option)
			r->number[r->numbers++] = (struct column_number){
				UINT64_C(1) << i, ~most[info->kind], r->at[i],
				info->offset, (uint8_t)info->kind
			};
	}
}

/* The columns of the file that are ours. */
static uint64_t find(struct column_reader *r, const struct tsv *t)
{
	uint64_t there = 0, fields = 0;

	for (size_t i = 0; i < t->n && i <= UINT16_MAX; i++) {
		int column = column_find(t->name[i].from,
					 (size_t)(t->name[i].to - t->name[i].from));

		if (column < 0 || there >> column & 1)
			continue;
		there |= UINT64_C(1) << column;
		r->at[column] = (uint16_t)i;
	}
	for (int i = 0; i < COLUMNS; i++) {
		fields |= (uint64_t)(column_info[i].field != 0) << i;
		for (int k = 0; k < 16; k++)
			r->carried[k] |= (uint64_t)(column_info[i].carriers >> k & 1) << i;
	}
	/* without their subtypes, fields have no option to belong to */
	return there & COLUMN(MPTCP) ? there : there & ~fields;
}

/* Whether few segments have it: it is of options other than DSS, or an error. */
static bool is_rare(const struct column_info *info)
{
	return (info->field && !(info->carriers >> MP_DSS & 1)) || info->kind == KIND_ERRORS;
}

/* The rare ones: which are side by side in the file is looked at together. */
static void find_rare(struct column_reader *r)
{
	struct column_stretch *last = NULL;

	for (int i = 0; i < COLUMNS; i++) {
		if (!(r->now >> i & 1) || !is_rare(&column_info[i]))
			continue;
		r->rare |= UINT64_C(1) << i;
		if (!last || r->at[i] != last->to) {
			last = &r->stretch[r->stretches++];
			last->from = r->at[i];
		}
		last->to = r->at[i] + 1u;
	}
}

void column_reader_open(struct column_reader *r, struct tsv *t, uint64_t wanted,
			uint64_t later, const char *na)
{
	*r = (struct column_reader){
		.tsv = t, .na = { na, na + strlen(na) }, .head = offsetof(struct segment, opt)
	};
	wanted &= find(r, t);
	r->now = r->words = wanted & ~later;
	r->later = wanted & later;
	for (int i = 0; i < COLUMNS; i++)
		if (wanted >> i & 1)
			tsv_want(t, r->at[i]);
	find_rare(r);
	add_numbers(r, r->now, false);
	r->own = r->numbers;
	add_numbers(r, r->now & ~r->rare, true);
	r->usual = r->numbers;
	add_numbers(r, r->rare, true);
	for (size_t i = 0; i < r->numbers; i++)
		r->words &= ~r->number[i].bit;
}

/* One item per option that can have it; address ids are one list, the first one's. */
static bool read_list(struct cell c, const struct column_info *info,
		      struct tcp_options *t)
{
	for (unsigned i = 0; i < t->mptcps && c.from < c.to; i++) {
		struct mptcp_option *o = &t->mptcp[i];
		struct cell item = c;

		if (info->kind == KIND_IDS ? o->subtype != MP_REMOVE_ADDR :
					     !column_carries(info, t, o))
			continue;
		if (info->kind == KIND_IDS)
			c.from = c.to;
		else
			item = cell_item(&c);
		if (item.from == item.to)
			continue;
		if (!cell_reader[info->kind](item, info, o))
			return false;
		o->has |= info->field;
	}
	return c.from == c.to;
}

/* Whether a cell is written as one that is missing. */
static bool is_na(const struct column_reader *r, const char *from, const char *to)
{
	return to - from == r->na.to - r->na.from &&
	       memcmp(from, r->na.from, (size_t)(to - from)) == 0;
}

/* A cell that is not missing. */
static inline bool read_cell(struct cell c, const struct column_info *info, struct segment *s)
{
	struct mptcp_option *o = s->opt.mptcp;

	if (!info->field)
		return cell_reader[info->kind](c, info, s);
	if (s->opt.mptcps != 1 || !(info->carriers >> o->subtype & 1) ||
	    !cell_reader[info->kind](c, info, o))
		return read_list(c, info, &s->opt);
	o->has |= info->field;	/* nearly always */
	return true;
}

/* Read these columns. The first whose cell can't be read ends it, and is returned; or -1. */
static int read_columns(const struct column_reader *r, struct segment *s, uint64_t columns)
{
	const char *row = r->tsv->row, na = *r->na.from;
	const uint32_t *start = r->tsv->start;

	for (; columns; columns &= columns - 1) {
		int column = __builtin_ctzll(columns);
		const char *from = row + start[r->at[column]];
		const char *to = row + start[r->at[column] + 1] - 1;

		if (from == to || (*from == na && is_na(r, from, to)))
			continue;
		if (read_cell((struct cell){ from, to }, &column_info[column], s))
			s->has |= UINT64_C(1) << column;
		else if (!cell_is_na((struct cell){ from, to }))
			return column;
	}
	return -1;
}

static inline void set_number(void *to, unsigned kind, uint64_t v)
{
	switch (kind) {
	case KIND_U8: *(uint8_t *)to = (uint8_t)v; break;
	case KIND_U16: *(uint16_t *)to = (uint16_t)v; break;
	case KIND_U32: *(uint32_t *)to = (uint32_t)v; break;
	default: *(uint64_t *)to = v; break;
	}
}

/*
 * Numbers into the segment or its option, and their bits into *has. False if there
 * is any but digits, or too many of them.
 */
static inline bool read_numbers(const struct column_reader *r, size_t i, size_t n,
				void *record, uint64_t *has)
{
	const struct column_number *c = r->number + i, *end = r->number + n;
	const char *row = r->tsv->row, na = *r->na.from;
	const uint32_t *start = r->tsv->start;
	uint64_t odd = 0, over = 0, got = 0;

	for (; c < end; c++) {
		uint32_t at = start[c->at], len = start[c->at + 1] - at - 1;
		const char *from = row + at;
		uint64_t v;

		if (!len || (*from == na && is_na(r, from, from + len)))
			continue;
		v = num_digits(from, len, &odd);
		over |= v & c->over;
		set_number((char *)record + c->offset, c->kind, v);
		got |= c->bit;
	}
	*has |= got;
	return !over && !(odd & NUM_ODD);
}

/* Whether the row has anything in a rare column. */
static bool has_rare(const struct column_reader *r)
{
	const uint32_t *start = r->tsv->start;

	for (size_t i = 0; i < r->stretches; i++) {
		const struct column_stretch *s = &r->stretch[i];

		if (start[s->to] - start[s->from] != s->to - s->from)
			return true;
	}
	return false;
}

/*
 * The numbers of nearly all rows: none below 0, and no more than one MPTCP option,
 * whose fields they are. False if it is another row.
 */
static bool read_plain(const struct column_reader *r, struct segment *s, bool rare)
{
	struct mptcp_option *o = s->opt.mptcp;
	uint64_t has = 0, fields = 0;

	if (s->opt.mptcps > 1 || !read_numbers(r, 0, r->own, s, &has) ||
	    !read_numbers(r, r->own, rare ? r->numbers : r->usual, o, &fields) ||
	    fields & ~(s->opt.mptcps ? r->carried[o->subtype] : 0))
		return false;
	s->has |= has | fields;
	o->has |= (uint32_t)(fields >> COL_VERSION);	/* as segment_update_has() */
	return true;
}

/* Nothing read yet: what is missing is 0, not what the row before said. */
static void clear(const struct column_reader *r, struct segment *s)
{
	memset(s, 0, r->head);
	s->tracked = true;
	s->reader = r;
	s->opt.errors = s->opt.sacks = s->opt.mptcps = 0;
	s->opt.mptcp_bytes = 0;
	s->opt.mptcp_has = 0;
}

int column_read(const struct column_reader *r, struct segment *s)
{
	bool rare = has_rare(r);
	int column = -1;

	clear(r, s);
	if (read_columns(r, s, rare ? r->words : r->words & ~r->rare) >= 0 ||
	    !read_plain(r, s, rare)) {
		clear(r, s);
		column = read_columns(r, s, r->now);
	}
	s->opt.has = (uint8_t)((s->has & COLUMN(MSS) ? HAS_MSS : 0) |
			       (s->has & COLUMN(WSCALE) ? HAS_WSCALE : 0) |
			       (s->has & COLUMN(TSVAL) ? HAS_TS : 0));
	for (unsigned i = 0; i < s->opt.mptcps; i++)
		s->opt.mptcp_has |= s->opt.mptcp[i].has;
	return column;
}

void column_fetch(struct segment *s, uint64_t columns)
{
	const struct column_reader *r = s->reader;
	uint64_t left = r ? r->later & columns & ~s->has : 0;

	for (; left; left &= left - 1)
		read_columns(r, s, left & -left);
}
