#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "out.h"

/* Bytes that are copied together, in few instructions: more than most cells have. */
enum { SHORT = 24 };

static size_t find(const struct rows *r, unsigned table, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->column[i].tables & table &&
		    strncmp(r->column[i].name, s, len) == 0 &&
		    r->column[i].name[len] == '\0')
			break;
	return i;
}

static void pick(struct rows *r, struct msg *m, unsigned table, const char *picked)
{
	size_t cap = 0;

	for (const char *p = picked; ; ) {
		size_t len = strcspn(p, ","), i = find(r, table, p, len);

		if (i == r->n)
			msg_usage(m, "no column \"%.*s\" to print", (int)len, p);
		r->pick = mem_grow(r->pick, &cap, r->picks + 1, 1);
		r->pick[r->picks++] = (uint8_t)i;
		r->again += memchr(r->pick, (int)i, r->picks - 1) != NULL;
		if (!p[len])
			return;
		p += len + 1;
	}
}

void rows_open(struct rows *r, struct out *out, struct msg *m,
	       const struct rows_column *columns, size_t n, unsigned table,
	       const char *picked, const char *na)
{
	*r = (struct rows){ .out = out, .column = columns, .n = n, .na = na,
			    .na_len = strlen(na) };
	r->cell = mem_zero(n * sizeof(*r->cell));
	if (picked) {
		pick(r, m, table, picked);
		return;
	}
	r->pick = mem_resize(NULL, n);
	for (size_t i = 0; i < n; i++)
		if (columns[i].tables & table)
			r->pick[r->picks++] = (uint8_t)i;
}

void rows_close(struct rows *r)
{
	free(r->pick);
	free(r->text);
	free(r->cell);
}

void rows_header(struct rows *r)
{
	for (size_t i = 0; i < r->picks; i++) {
		const char *s = r->column[r->pick[i]].name;

		if (i)
			out_write(r->out, "\t", 1);
		out_write(r->out, s, strlen(s));
	}
	out_write(r->out, "\n", 1);
	out_row(r->out);
}

/* Room for a cell of n bytes, and behind it to read a SHORT; end_cell() takes where it ends. */
static char *begin_cell(struct rows *r, size_t n)
{
	if (r->cap - r->len < n + SHORT)
		r->text = mem_grow(r->text, &r->cap, r->len + n + SHORT, 1);
	return r->text + r->len;
}

static void end_cell(struct rows *r, size_t column, const char *end)
{
	r->cell[column].from = r->len;
	r->len = (size_t)(end - r->text);
	r->cell[column].to = r->len;
}

void rows_u64(struct rows *r, size_t column, uint64_t v)
{
	end_cell(r, column, num_u64(begin_cell(r, NUM_MAX), v));
}

void rows_i64(struct rows *r, size_t column, int64_t v)
{
	end_cell(r, column, num_i64(begin_cell(r, NUM_MAX), v));
}

void rows_hex(struct rows *r, size_t column, uint64_t v, unsigned digits)
{
	end_cell(r, column, num_hex(begin_cell(r, NUM_MAX), v, digits));
}

void rows_digits(struct rows *r, size_t column, uint64_t v)
{
	rows_hex(r, column, v, 16);
	r->cell[column].from += 2;
}

void rows_seconds(struct rows *r, size_t column, int64_t ns)
{
	end_cell(r, column, num_seconds(begin_cell(r, NUM_MAX), ns));
}

void rows_ratio(struct rows *r, size_t column, uint64_t part, uint64_t whole)
{
	if (whole)
		end_cell(r, column, num_ratio(begin_cell(r, NUM_MAX), part, whole));
}

void rows_rate(struct rows *r, size_t column, uint64_t bytes, int64_t ns)
{
	if (ns > 0)
		rows_u64(r, column, num_rate(bytes, ns));
}

void rows_addr(struct rows *r, size_t column, const struct addr *a)
{
	end_cell(r, column, addr_print(begin_cell(r, ADDR_TEXT_MAX), a));
}

void rows_text(struct rows *r, size_t column, const char *s)
{
	size_t n = strlen(s);
	char *p = begin_cell(r, n);

	memcpy(p, s, n);
	end_cell(r, column, p + n);
}

/* Room for the row in whole, whatever is in which cell. */
static char *row_room(const struct rows *r)
{
	return out_room(r->out, r->len * (1 + r->again) + r->picks * (r->na_len + 1) + SHORT);
}

static char *put_cell(const struct rows *r, char *p, size_t column)
{
	size_t from = r->cell[column].from, n = r->cell[column].to - from;

	if (!n) {
		memcpy(p, r->na, r->na_len);
		return p + r->na_len;
	}
	if (n <= SHORT)
		memcpy(p, r->text + from, SHORT);
	else
		memcpy(p, r->text + from, n);
	return p + n;
}

void rows_end(struct rows *r)
{
	char *p = row_room(r);

	for (size_t i = 0; i < r->picks; i++) {
		p = put_cell(r, p, r->pick[i]);
		*p++ = '\t';
	}
	p[-1] = '\n';
	out_commit(r->out, p);
	memset(r->cell, 0, r->n * sizeof(*r->cell));
	r->len = 0;
	out_row(r->out);
}
