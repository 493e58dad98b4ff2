/* tsv: finding lines and cells in whatever a file may hold. */
#include "test.h"

#include "tsv.h"

/* A table of text; *in has to be closed behind it. */
static struct tsv *table(const char *s, size_t n, struct input **in)
{
	struct tsv *t;

	*in = input_of(s, n);
	t = tsv_open(*in);
	if (t)
		tsv_want(t, t->n - 1);
	return t;
}

static void end(struct tsv *t, struct input *in)
{
	tsv_close(t);
	input_close(in);
}

static void assert_cell(struct cell c, const char *want)
{
	if ((size_t)(c.to - c.from) != strlen(want) ||
	    memcmp(c.from, want, strlen(want)) != 0)
		fail_msg("cell \"%.*s\" is not \"%s\"", (int)(c.to - c.from),
			 c.from, want);
}

static void header(void **state)
{
	static const char text[] = "a\tbb\t\tc c\n";
	struct input *in;
	struct tsv *t = table(text, strlen(text), &in);

	(void)state;
	assert_non_null(t);
	assert_int_equal(t->n, 4);
	assert_cell(t->name[0], "a");
	assert_cell(t->name[1], "bb");
	assert_cell(t->name[2], "");
	assert_cell(t->name[3], "c c");
	assert_int_equal(tsv_next(t), 0);
	assert_int_equal(tsv_next(t), 0);
	end(t, in);
}

static void no_header(void **state)
{
	static const struct { const char *s; size_t n; } bad[] = {
		{ "", 0 }, { "a\tb", 3 }, { "a\0b\tc\n", 6 }, { "\0\n", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct input *in;

		assert_null(table(bad[i].s, bad[i].n, &in));
		input_close(in);
	}
}

static void rows(void **state)
{
	static const char text[] =
		"a\tb\tc\n"
		"1\t2\t3\n"
		"\t\t\n"
		"1\t2\n"			/* too few */
		"\n"
		"1\t2\t3\t4\t5\n"		/* more than there are names */
		"1\t2\t3\r\n"			/* a line end of other systems */
		"x\ty\tz";			/* cut */
	struct input *in;
	struct tsv *t = table(text, strlen(text), &in);

	(void)state;
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 0), "1");
	assert_cell(tsv_cell(t, 1), "2");
	assert_cell(tsv_cell(t, 2), "3");
	assert_int_equal(t->line, 2);
	assert_int_equal(tsv_next(t), 1);
	for (size_t i = 0; i < 3; i++)
		assert_cell(tsv_cell(t, i), "");
	assert_int_equal(tsv_next(t), -1);
	assert_int_equal(t->line, 4);
	assert_int_equal(tsv_next(t), -1);
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 2), "3");
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 2), "3");
	assert_int_equal(tsv_next(t), -1);
	assert_int_equal(t->line, 8);
	assert_int_equal(tsv_next(t), 0);
	end(t, in);
}

/* Cells behind the last one wanted may be missing. */
static void wanted(void **state)
{
	static const char text[] = "a\tb\tc\n1\n\n2\t3\n4\t5\t6\n";
	struct input *in = input_of(text, strlen(text));
	struct tsv *t = tsv_open(in);

	(void)state;
	for (int i = 0; i < 4; i++) {
		static const char *const want[] = { "1", "", "2", "4" };

		assert_int_equal(tsv_next(t), 1);
		assert_cell(tsv_cell(t, 0), want[i]);
	}
	end(t, in);
	in = input_of(text, strlen(text));
	t = tsv_open(in);
	tsv_want(t, 1);
	tsv_want(t, 0);
	assert_int_equal(tsv_next(t), -1);
	assert_int_equal(tsv_next(t), -1);
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 0), "2");
	assert_cell(tsv_cell(t, 1), "3");
	end(t, in);
}

static void one_column(void **state)
{
	static const char text[] = "a\nx\n\ny\n";
	struct input *in;
	struct tsv *t = table(text, strlen(text), &in);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 0), "x");
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 0), "");
	assert_int_equal(tsv_next(t), 1);
	assert_cell(tsv_cell(t, 0), "y");
	assert_int_equal(tsv_next(t), 0);
	end(t, in);
}

/* Tables that are longer than any buffer, against strchr(). */
static void find_anything(tsv_find_tabs *find)
{
	enum { SIZE = 1500000 };
	uint64_t rng = 1;
	char *text = malloc(SIZE + 1);

	for (unsigned columns = 1; columns < 200; columns = columns * 3 / 2 + 1) {
		unsigned longest = columns % 7 ? 20 : 3000;
		size_t len = 0;
		const char *p;
		struct input *in;
		struct tsv *t;

		while (len + columns * (longest + 1) < SIZE) {
			for (unsigned i = 0; i < columns; i++) {
				unsigned n = random_below(&rng, longest);

				for (; n; n--)	/* also next to tab, and above 127 */
					text[len++] = "\x08\x0c\x89\xff 0z-"[random64(&rng) & 7];
				text[len++] = i + 1 < columns ? '\t' : '\n';
			}
		}
		text[len] = '\0';
		t = table(text, len, &in);
		t->find_tabs = find;
		assert_int_equal(t->n, columns);
		for (p = strchr(text, '\n') + 1; *p; ) {
			assert_int_equal(tsv_next(t), 1);
			for (unsigned i = 0; i < columns; i++) {
				size_t n = strcspn(p, "\t\n");
				struct cell c = tsv_cell(t, i);

				assert_int_equal(c.to - c.from, n);
				assert_memory_equal(c.from, p, n);
				p += n + 1;
			}
		}
		assert_int_equal(tsv_next(t), 0);
		end(t, in);
	}
	free(text);
}

static void anything(void **state)
{
	(void)state;
	find_anything(tsv_find_anywhere);
	find_anything(tsv_finder());
}

/* What has no newline for a megabyte is not kept in memory for ever. */
static void endless_line(void **state)
{
	enum { SIZE = 20 << 20 };
	char *text = malloc(SIZE);
	struct input *in;
	struct tsv *t;
	int got, bad = 0;

	(void)state;
	memset(text, 'x', SIZE);
	memcpy(text, "a\tb\n1\t2\n", 8);
	t = table(text, SIZE, &in);
	assert_int_equal(tsv_next(t), 1);
	while ((got = tsv_next(t))) {
		assert_int_equal(got, -1);
		bad++;
	}
	assert_true(bad > 0);
	assert_true(in->cap < 8 << 20);
	end(t, in);
	free(text);
}

static void escape(void **state)
{
	static const struct { const char *from, *to; } text[] = {
		{ "eth0", "eth0" }, { "", "" }, { "a\tb\nc\\", "a\\tb\\nc\\\\" },
		{ "\033]0;x\a\x7f", "?]0;x??" },
		{ "\xc2\x9b" "2J\xc2", "?2J\xc2" },	/* CSI in one character */
		{ "\xc3\xa9\xc2\xa0\xe2\x80\x9c", "\xc3\xa9\xc2\xa0\xe2\x80\x9c" },
	};
	char to[64];

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		to[tsv_escape(to, text[i].from, strlen(text[i].from))] = '\0';
		assert_string_equal(to, text[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(no_header),
		cmocka_unit_test(rows),
		cmocka_unit_test(wanted),
		cmocka_unit_test(one_column),
		cmocka_unit_test(escape),
		cmocka_unit_test(anything),
		cmocka_unit_test(endless_line),
	};

	return cmocka_run_group_tests_name("tsv", tests, NULL, NULL);
}
