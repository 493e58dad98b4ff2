#include "tsv.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "bytes.h"
#include "input.h"
#include "mem.h"

enum {
	LINE_MAX_BYTES = 1 << 20,	/* a longer line is no TSV */
	TABS = 4			/* find_tabs() takes so many a step */
};

/* Pass over the rest of a line too long to be one. */
static void skip_line(struct input *in)
{
	const uint8_t *newline = NULL;

	do {
		newline = memchr(input_data(in), '\n', input_left(in));
		input_skip(in, newline ? (size_t)(newline + 1 - input_data(in)) :
					 input_left(in));
	} while (!newline && input_more(in));
}

/*
 * One line without its newline, or CR and newline; NULL at the end. *cut: it
 * has no end, or is too long: there is no text.
 */
static const char *next_line(struct tsv *t, size_t *len, int *cut)
{
	size_t seen = 0;
	const char *line, *newline = NULL;

	*len = 0;
	*cut = 0;
	while (!newline) {
		line = (const char *)input_data(t->in);
		if (input_left(t->in) > seen)
			newline = memchr(line + seen, '\n', input_left(t->in) - seen);
		seen = input_left(t->in);
		if (!newline && (seen > LINE_MAX_BYTES || !input_more(t->in)))
			break;
	}
	if (!seen || (!newline && t->in->stopped))
		return NULL;
	t->line++;
	if (!newline) {
		*cut = 1;
		skip_line(t->in);
		return "";
	}
	*len = (size_t)(newline - line);
	input_skip(t->in, *len + 1);
	if (*len && line[*len - 1] == '\r')
		--*len;
	return line;
}

struct tsv *tsv_open(struct input *in)
{
	struct tsv *t = mem_zero(sizeof(*t));
	size_t len, cap = 0;
	int cut;
	const char *line;

	t->in = in;
	line = next_line(t, &len, &cut);
	if (!line || cut || memchr(line, '\0', len)) {
		free(t);
		return NULL;
	}
	t->header = mem_string(line, len);
	for (char *p = t->header, *end = p + len; ; p++) {
		char *tab = memchr(p, '\t', (size_t)(end - p));

		t->name = mem_grow(t->name, &cap, t->n + 1, sizeof(*t->name));
		t->name[t->n++] = (struct cell){ p, tab ? tab : end };
		if (!tab)
			break;
		p = tab;
	}
	t->start = mem_zero((t->n + 1 + TABS) * sizeof(*t->start));
	return t;
}

void tsv_close(struct tsv *t)
{
	if (!t)
		return;
	free(t->header);
	free(t->name);
	free(t->start);
	free(t);
}

void tsv_want(struct tsv *t, size_t column)
{
	if (t->last < column)
		t->last = column;
}

/* One bit per byte of the 16 at p: whether it is a tab; lowest bit first. */
#ifdef __SSE2__
static uint64_t tabs_of_16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
}
#else
static uint64_t tabs_of_8(const char *p)
{
	const uint64_t low = EACH_BYTE(0x7f);
	uint64_t v = le64(p) ^ EACH_BYTE('\t');

	v = ~(((v & low) + low) | v | low);
	return (v >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static uint64_t tabs_of_16(const char *p)
{
	return tabs_of_8(p) | tabs_of_8(p + 8) << 8;
}
#endif

static inline unsigned bits_set(uint64_t v)
{
	v -= v >> 1 & UINT64_C(0x5555555555555555);
	v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
	v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(v * UINT64_C(0x0101010101010101) >> 56);
}

/* One bit per byte of the 64 at p. */
static inline uint64_t tabs_of_64(const char *p)
{
	return tabs_of_16(p) | tabs_of_16(p + 16) << 16 |
	       tabs_of_16(p + 32) << 32 | tabs_of_16(p + 48) << 48;
}

/* A cell begins behind the first of these tabs, which is taken off; anywhere if there is none. */
static inline uint64_t take_tab(uint64_t tabs, size_t at, uint32_t *start)
{
	*start = (uint32_t)at + 1 + (uint32_t)__builtin_ctzll(tabs | UINT64_C(1) << 63);
	return tabs & (tabs - 1);
}

/*
 * Set `start` of the columns up to the one behind `last`; returns how many tabs
 * were found, or more than `last` when it stopped there. TABS a step are
 * written whether there are as many or not, so that nothing hangs on guessing
 * how many; a line is mostly tabs.
 */
static size_t find_tabs(struct tsv *t, const char *line, size_t len)
{
	size_t n = 0;

	for (size_t at = 0; at < len && n <= t->last; at += 64) {
		uint64_t tabs = tabs_of_64(line + at);
		uint32_t *start = t->start + n + 1;
		uint32_t *end;

		if (len - at < 64)
			tabs &= (UINT64_C(1) << (len - at)) - 1;
		n += bits_set(tabs);
		end = t->start + (n <= t->last ? n : t->last + 1);
		for (; start <= end; start += TABS) {
			tabs = take_tab(tabs, at, start);
			tabs = take_tab(tabs, at, start + 1);
			tabs = take_tab(tabs, at, start + 2);
			tabs = take_tab(tabs, at, start + 3);
		}
	}
	return n;
}

int tsv_next(struct tsv *t)
{
	size_t len, tabs;
	int cut;

	t->row = next_line(t, &len, &cut);
	if (!t->row)
		return 0;
	tabs = find_tabs(t, t->row, len);
	if (tabs < t->last || cut)
		return -1;
	if (tabs == t->last)
		t->start[tabs + 1] = (uint32_t)len + 1;
	return 1;
}

size_t tsv_escape(char *to, const char *from, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char c = from[i];

		if (c == '\t' || c == '\n' || c == '\\') {
			to[len++] = '\\';
			c = c == '\t' ? 't' : c == '\n' ? 'n' : '\\';
		}
		to[len++] = c;
	}
	return len;
}
