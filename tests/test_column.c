/* column: the one table, and rows written, read and written again. */
#include "test.h"

#include "column.h"
#include "segment.h"
#include "tsv.h"

enum { ROOM = 1 << 17 };	/* for any row, and the names above it */

static void names(void **state)
{
	(void)state;
	for (int i = 0; i < COLUMNS; i++) {
		const char *name = column_info[i].name;

		assert_non_null(name);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_int_equal(column_find(name, strlen(name)), i);
		assert_non_null(column_info[i].type);
		assert_non_null(column_info[i].text);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, column_info[k].name);
	}
	assert_int_equal(column_find("pk", 2), -1);
	assert_int_equal(column_find("pktx", 4), -1);
	assert_int_equal(column_find("pktx", 3), COL_PKT);
	assert_int_equal(column_find("", 0), -1);
	assert_int_equal(column_find("PKT", 3), -1);
}

/* segment_update_has() relies on the bits being as far apart as the columns. */
static void fields(void **state)
{
	static struct segment seg;
	uint32_t all = 0;

	(void)state;
	for (int i = 0; i < COLUMNS; i++) {
		const struct column_info *c = &column_info[i];

		assert_true((c->field != 0) == (c->carriers != 0));
		if (!c->field)
			continue;
		assert_int_equal(c->field & (c->field - 1), 0);
		assert_int_equal(all & c->field, 0);
		all |= c->field;
		seg.has = 0;
		seg.opt.mptcp_has = c->field;
		segment_update_has(&seg);
		if (seg.has != UINT64_C(1) << i)
			fail_msg("the bit of column %s sets %#llx", c->name,
				 (unsigned long long)seg.has);
	}
	assert_int_equal(all, (2 * HAS_CSUM - 1) | (2 * HAS_TRANSIENT - HAS_ADDRESS) |
			 HAS_MAP_SEQ | HAS_MAP_DSN);
	seg.has = COLUMN(PKT);
	seg.opt.mptcp_has = 0;
	segment_update_has(&seg);
	assert_int_equal(seg.has, COLUMN(PKT));
}

static uint64_t number(uint64_t *rng, bool most)
{
	return most ? UINT64_MAX : random_any(rng);
}

/* A field's bytes, of those kinds that can have any value. */
static void set_member(void *at, enum column_kind kind, uint64_t v)
{
	int64_t positive = (int64_t)(v >> 1);	/* INT64_MAX at most */

	switch (kind) {
	case KIND_U64: case KIND_HEX64: memcpy(at, &v, 8); break;
	case KIND_U32: case KIND_HEX32:
		*(uint32_t *)at = (uint32_t)v;
		break;
	case KIND_U16: case KIND_HEX16:
		*(uint16_t *)at = (uint16_t)v;
		break;
	case KIND_U8: case KIND_HEX8: case KIND_FLAGS:
		*(uint8_t *)at = (uint8_t)v;
		break;
	case KIND_DIR: *(uint8_t *)at = v & 1; break;
	case KIND_I64: case KIND_SECONDS:
		positive = kind == KIND_SECONDS ? positive >> 1 : positive;
		positive = v & 1 ? -positive : positive;
		memcpy(at, &positive, 8);
		break;
	default: break;
	}
}

static void set_option(struct mptcp_option *o, uint64_t *rng, bool most)
{
	o->subtype = (uint8_t)random_below(rng, 16);
	o->has = 0;
	for (int i = 0; i < COLUMNS; i++) {
		const struct column_info *c = &column_info[i];

		if (!(c->carriers >> o->subtype & 1) || (!most && random_below(rng, 4) == 0))
			continue;
		o->has |= c->field;
		set_member((char *)o + c->offset, c->kind, number(rng, most));
	}
	o->dsn_wide = most || random_below(rng, 2);
	o->ack_wide = most || random_below(rng, 2);
	o->dsn = o->dsn_wide ? number(rng, most) : (uint32_t)number(rng, most);
	o->data_ack = o->ack_wide ? number(rng, most) : (uint32_t)number(rng, most);
	o->hmac_len = most || random_below(rng, 2) ? 20 : 8;
	o->ids = (uint8_t)(1 + random_below(rng, 2));
	for (unsigned i = 0; i < sizeof(o->hmac); i++)
		o->hmac[i] = (uint8_t)random64(rng);
	for (unsigned i = 0; i < sizeof(o->id); i++)
		o->id[i] = most ? 255 : (uint8_t)random64(rng);
	for (unsigned i = 0; i < 16; i++)
		o->address.b[i] = most ? 255 : (uint8_t)(random64(rng) & random64(rng));
}

/* In a cell of several items that nobody has there is nothing to see. */
static void drop_empty(struct segment *s)
{
	struct tcp_options *t = &s->opt;

	for (int i = 0; i < COLUMNS; i++) {
		const struct column_info *c = &column_info[i];
		bool any = false;

		for (unsigned k = 0; c->field && k < t->mptcps; k++)
			any |= column_carries(c, t, &t->mptcp[k]) &&
			       t->mptcp[k].has & c->field;
		if (c->field && !any)
			s->has &= ~(UINT64_C(1) << i);
	}
}

/* A segment with anything in it, or with the longest of everything. */
static void set_segment(struct segment *s, uint64_t *rng, bool most)
{
	static char name[2047];

	memset(s, 0, sizeof(*s));
	s->has = most ? UINT64_MAX : random64(rng) | random64(rng);
	s->has &= (UINT64_C(1) << COLUMNS) - 1;
	for (int i = 0; i < COLUMNS; i++)
		if (!column_info[i].field)
			set_member((char *)s + column_info[i].offset,
				   column_info[i].kind, number(rng, most));
	memset(name, 'x', sizeof(name));
	s->iface = name;
	s->iface_len = most ? sizeof(name) : 1 + random_below(rng, 20);
	for (unsigned i = 0; i < 16; i++) {
		s->src.b[i] = (uint8_t)(most ? 255 : random64(rng));
		s->dst.b[i] = (uint8_t)(most ? 255 : random64(rng) & random64(rng));
	}
	if (!s->flags)
		s->has &= ~COLUMN(FLAGS);
	s->opt.sacks = most ? SACK_MAX : (uint8_t)(1 + random_below(rng, 4));
	for (unsigned i = 0; i < s->opt.sacks; i++)
		s->opt.sack[i] = (struct sack){ (uint32_t)number(rng, most),
						(uint32_t)number(rng, most) };
	s->opt.errors = (uint8_t)(1 + random_below(rng, 7));
	s->opt.mptcps = (uint8_t)(most ? MPTCP_OPTIONS_MAX : random_below(rng, 5));
	for (unsigned i = 0; i < s->opt.mptcps; i++)
		set_option(&s->opt.mptcp[i], rng, most);
	if (s->opt.mptcps)
		s->has |= COLUMN(MPTCP);
	else
		s->has &= ~COLUMN(MPTCP);
	drop_empty(s);
}

/* One row as extract writes it, all columns, behind the header. */
static size_t write_table(char *p, const struct segment *s, const char *na)
{
	uint8_t all[COLUMNS];
	char *start = p;

	for (uint8_t i = 0; i < COLUMNS; i++) {
		all[i] = i;
		p += sprintf(p, "%s%c", column_info[i].name,
			     i + 1 < COLUMNS ? '\t' : '\n');
	}
	return (size_t)(column_write(p, s, all, COLUMNS, na, strlen(na)) - start);
}

static void read_again(const struct segment *s, const char *na, uint64_t later)
{
	static char first[ROOM], second[ROOM];
	static struct segment back;
	size_t n = write_table(first, s, na);
	struct input *in = input_of(first, n);
	struct tsv *t = tsv_open(in);
	struct column_reader r;
	int column;

	assert_non_null(t);
	column_reader_open(&r, t, UINT64_MAX, later, na);
	assert_true((r.now | r.later) == (UINT64_C(1) << COLUMNS) - 1);
	assert_int_equal(tsv_next(t), 1);
	column = column_read(&r, &back);
	if (column >= 0)
		fail_msg("can't read column %s", column_info[column].name);
	assert_true(back.tracked);
	assert_int_equal(back.has & later, 0);
	column_fetch(&back, COLUMN(PKT));
	assert_int_equal(back.has & later & ~COLUMN(PKT), 0);
	column_fetch(&back, UINT64_MAX);
	assert_int_equal(write_table(second, &back, na), n);
	assert_memory_equal(first, second, n);
	if (back.has != s->has)
		fail_msg("has %#llx, not %#llx", (unsigned long long)back.has,
			 (unsigned long long)s->has);
	tsv_close(t);
	input_close(in);
}

static void round_trip(void **state)
{
	/* what can be read on demand: not what other columns need */
	const uint64_t later = COLUMN(PKT) | COLUMN(SRC) | COLUMN(DST) |
			       COLUMN(SPORT) | COLUMN(WIN) | COLUMN(IFACE);
	static struct segment seg;
	uint64_t rng = 1;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		set_segment(&seg, &rng, false);
		read_again(&seg, i & 1 ? "" : "NA", i & 2 ? later : 0);
	}
}

static void longest(void **state)
{
	static struct segment seg;
	static char text[ROOM];
	uint8_t all[COLUMNS];
	size_t max;
	uint64_t rng = 1;
	size_t names_len;

	(void)state;
	for (int i = 0; i < COLUMNS; i++)
		all[i] = (uint8_t)i;
	max = column_row_max(all, COLUMNS, 0);
	assert_true(max + 2000 < ROOM);
	seg.has = 0;
	names_len = write_table(text, &seg, "") - COLUMNS;
	for (int i = 0; i < 4000; i++) {
		set_segment(&seg, &rng, true);
		if (i < 16)	/* all alike */
			for (unsigned k = 0; k < seg.opt.mptcps; k++) {
				seg.opt.mptcp[k].has = UINT32_MAX >> 8;
				seg.opt.mptcp[k].subtype = (uint8_t)i;
			}
		assert_true(write_table(text, &seg, "") - names_len <= max);
	}
}

/* Read one cell; returns whether it could be. */
static bool reads(const char *column, const char *mptcp, const char *cell)
{
	static struct segment seg;
	struct column_reader r;
	char text[200];
	struct input *in;
	struct tsv *t;
	int got;

	snprintf(text, sizeof(text), "%s\tmptcp\n%s\t%s\n", column, cell, mptcp);
	in = input_of(text, strlen(text));
	t = tsv_open(in);
	column_reader_open(&r, t, UINT64_MAX, 0, "");
	assert_int_equal(tsv_next(t), 1);
	got = column_read(&r, &seg);
	assert_true(got < 0 || got == column_find(column, strlen(column)));
	tsv_close(t);
	input_close(in);
	return got < 0;
}

static void bad_cells(void **state)
{
	static const struct { const char *column, *mptcp, *good, *bad; } t[] = {
		{ "pkt", "", "18446744073709551615", "18446744073709551616" },
		{ "time_ns", "", "-1", "1.5" },
		{ "rel_s", "", "-1.5", "1e5" },
		{ "sport", "", "65535", "65536" },
		{ "wscale", "", "255", "256" },
		{ "seq", "", "4294967295", "4294967296" },
		{ "dir", "", "c2s", "s2s" },
		{ "dir", "", "s2c", "c" },
		{ "src", "", "10.0.0.1", "10.0.0" },
		{ "src", "", "::1", "host" },
		{ "flags", "", "SA", "SX" },
		{ "sack", "", "1-2,3-4", "1-2,3" },
		{ "sack", "", "1-2,3-4,5-6,7-8", "1-2,3-4,5-6,7-8,9-10" },
		{ "option_error", "", "cut,bad_length", "cut,other" },
		{ "send_key", "mp_capable", "0x0102030405060708", "0102030405060708" },
		{ "mp_flags", "mp_capable", "0xff", "0x100" },
		{ "token", "mp_join", "0xffffffff", "0x100000000" },
		{ "hmac", "mp_join", "0x0011223344556677", "0x001122334455667" },
		{ "dss_dsn", "dss", "0x00000001", "1" },
		{ "dss_ssn", "dss,dss", "1,2", "1,2,3" },
		{ "dss_ssn", "dss,dss", "1,", "1,x" },
		{ "dss_ssn", "dss,dss", ",2", "2-3" },
		{ "dss_len", "dss", "65535", "65536" },
		{ "dss_len", "mp_capable", "1", "1,2" },
		{ "dss_len", "mp_capable,dss", "1", "1,2" },
		{ "token", "mp_join,dss,mp_join", "0x1,0x2", "0x1,,0x2" },
		{ "add_addr", "add_addr", "fd00::1", "fd00::g" },
		{ "rm_addr_ids", "remove_addr", "1,2,255", "1,2,256" },
		{ "version", "mp_capable", "255", "-1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		if (!reads(t[i].column, t[i].mptcp, t[i].good))
			fail_msg("%s can be %s", t[i].column, t[i].good);
		if (reads(t[i].column, t[i].mptcp, t[i].bad))
			fail_msg("%s can't be %s", t[i].column, t[i].bad);
	}
	assert_true(reads("pkt", "unknown_9", "1"));
	assert_true(reads("pkt", "unknown_15", "1"));
}

/* However another tool wrote that there is nothing. */
static void missing_cells(void **state)
{
	static const char *const way[] = { "", "NA", "-", "NaN", "nan", "NULL", "\\N" };

	(void)state;
	for (size_t i = 0; i < COUNT(way); i++) {
		assert_true(reads("pkt", way[i], way[i]));
		assert_true(reads("src", way[i], way[i]));
		assert_true(reads("dss_dsn", "dss", way[i]));
	}
	assert_false(reads("pkt", "", "N"));
	assert_false(reads("pkt", "", "--"));
	assert_false(reads("pkt", "", "n/a"));
}

/* A cell that is missing says nothing, not what the row above it said. */
static void nothing_stays(void **state)
{
	static const char text[] = "pkt\tdir\tlen\trel_seq\tpayload_sum\n"
				   "1\ts2c\t5\t-7\t0x0009\n\t\t\t\t\n";
	struct segment seg = { 0 };
	struct column_reader r;
	struct input *in = input_of(text, sizeof(text) - 1);
	struct tsv *t = tsv_open(in);

	(void)state;
	column_reader_open(&r, t, UINT64_MAX, 0, "");
	assert_int_equal(tsv_next(t), 1);
	assert_int_equal(column_read(&r, &seg), -1);
	assert_true(seg.pkt == 1 && seg.dir == DIR_S2C && seg.len == 5 &&
		    seg.rel_seq == -7 && seg.payload_sum == 9);
	assert_int_equal(tsv_next(t), 1);
	assert_int_equal(column_read(&r, &seg), -1);
	assert_true(!seg.has && !seg.pkt && !seg.dir && !seg.len && !seg.rel_seq &&
		    !seg.payload_sum);
	tsv_close(t);
	input_close(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(fields),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(longest),
		cmocka_unit_test(bad_cells),
		cmocka_unit_test(missing_cells),
		cmocka_unit_test(nothing_stays),
	};

	return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
