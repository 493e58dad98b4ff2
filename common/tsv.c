#include "tsv.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "input.h"
#include "mem.h"

enum { LINE_MAX_BYTES = 1 << 20 };	/* a longer line is no TSV */

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
	t->start = mem_zero((t->n + 1 + TSV_TABS) * sizeof(*t->start));
	t->find_tabs = tsv_finder();
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

int tsv_next(struct tsv *t)
{
	size_t len, tabs;
	int cut;

	t->row = next_line(t, &len, &cut);
	if (!t->row)
		return 0;
	tabs = t->find_tabs(t, t->row, len);
	if (tabs < t->last || cut)
		return -1;
	if (tabs == t->last)
		t->start[tabs + 1] = (uint32_t)len + 1;
	return 1;
}

/* How many of these bytes are a character that a terminal would obey: C0, DEL, C1 of UTF-8. */
static size_t control(const unsigned char *p, size_t n)
{
	if (*p < ' ' || *p == 0x7f)
		return 1;
	return n > 1 && p[0] == 0xc2 && p[1] < 0xa0 ? 2 : 0;
}

size_t tsv_escape(char *to, const char *from, size_t n)
{
	const unsigned char *p = (const unsigned char *)from, *end = p + n;
	char *start = to;

	for (; p < end; p++) {
		size_t gone;

		/* as nearly all are */
		if (*p >= ' ' && *p < 0x7f && *p != '\\') {
			*to++ = (char)*p;
		} else if (*p == '\\' || *p == '\t' || *p == '\n') {
			*to++ = '\\';
			*to++ = *p == '\t' ? 't' : *p == '\n' ? 'n' : '\\';
		} else if ((gone = control(p, (size_t)(end - p)))) {
			*to++ = '?';
			p += gone - 1;
		} else {
			*to++ = (char)*p;
		}
	}
	return (size_t)(to - start);
}
