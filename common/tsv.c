#include "tsv.h"

#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "mem.h"

enum { LINE_MAX_BYTES = 1 << 20 };	/* a longer line is no TSV */

/* One whole line without its newline; NULL at the end. *cut: it had none. */
static const char *next_line(struct tsv *t, size_t *len, int *cut)
{
	size_t seen = 0;

	*cut = 0;
	for (;;) {
		const char *p = (const char *)input_data(t->in);
		size_t left = input_left(t->in);
		const char *newline = left > seen ?
			memchr(p + seen, '\n', left - seen) : NULL;

		if (newline) {
			*len = (size_t)(newline - p);
			input_skip(t->in, *len + 1);
			break;
		}
		seen = left;
		if (left > LINE_MAX_BYTES || !input_more(t->in)) {
			if (!left)
				return NULL;
			*cut = 1;
			*len = left;
			input_skip(t->in, left);
			break;
		}
	}
	t->line++;
	return (const char *)input_data(t->in) - *len - !*cut;
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
	t->slot = mem_resize(NULL, t->n * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		t->slot[i] = -1;
	return t;
}

void tsv_close(struct tsv *t)
{
	if (!t)
		return;
	free(t->header);
	free(t->name);
	free(t->slot);
	free(t);
}

void tsv_want(struct tsv *t, size_t column, int slot)
{
	t->slot[column] = slot;
	if (t->last < column)
		t->last = column;
}

/* A bit at the top of each byte of the 8 at p that is a tab; lowest byte first. */
static uint64_t tabs(const char *p)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)(uint8_t)p[i] << 8 * i;
	v ^= UINT64_C(0x0909090909090909);
	return ~(((v & low) + low) | v | low);
}

int tsv_next(struct tsv *t, struct cell *cells)
{
	size_t len, column = 0;
	int cut;
	const char *line = next_line(t, &len, &cut), *from = line;

	if (!line)
		return 0;
	for (size_t at = 0; at < len; at += 8) {
		/* up to 7 bytes behind the line are looked at and not used */
		for (uint64_t m = tabs(line + at); m; m &= m - 1) {
			const char *tab = line + at + (__builtin_ctzll(m) >> 3);

			if (tab >= line + len)
				break;
			if (t->slot[column] >= 0)
				cells[t->slot[column]] = (struct cell){ from, tab };
			if (column++ == t->last)
				return cut ? -1 : 1;
			from = tab + 1;
		}
	}
	if (column < t->last || cut)
		return -1;
	if (t->slot[column] >= 0)
		cells[t->slot[column]] = (struct cell){ from, line + len };
	return 1;
}
