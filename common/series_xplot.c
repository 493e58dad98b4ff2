/*
 * For xplot, Tim Shepard's: a type for each axis, then drawing commands, then
 * `go`. As tcptrace and mptcpplot draw time and sequence numbers: a bar for each
 * segment, a letter at what was sent again, steps for what was acknowledged.
 */
#include <string.h>

#include "num.h"
#include "out.h"
#include "seq.h"
#include "series.h"

/* By subflow; xplot knows a few colours by name. */
static const char *colour(const struct series *s)
{
	static const char *const of[] = { "white", "yellow", "blue", "orange",
					  "purple", "pink", "magenta" };

	return s->has_sf ? of[s->sf % (sizeof(of) / sizeof(*of))] : "green";
}

static char *text(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n);
	return p + n;
}

static char *value(char *p, enum unit unit, int64_t v)
{
	if (unit == UNIT_SECONDS)
		return num_seconds(p, v);
	if (unit == UNIT_RATIO)
		return num_seconds(p, v * 1000);
	return num_i64(p, v);
}

static char *place(const struct sink *k, const struct series *s, char *p,
		   int64_t time_ns, int64_t y)
{
	int64_t x = seq_minus(time_ns, s->origin_ns);

	*p++ = ' ';
	p = value(p, k->distribute ? k->unit : UNIT_SECONDS, x);
	*p++ = ' ';
	return value(p, k->distribute ? UNIT_RATIO : k->unit, y);
}

enum { COMMAND_MAX = 256 };

/* A command at one place, or from one to another, and a colour if there is one. */
static void command(const struct sink *k, const struct series *s, const char *what,
		    const struct point *from, int64_t to_ns, int64_t to_y, bool two)
{
	char *p = out_room(k->out, COMMAND_MAX);

	p = text(p, what);
	if (two)
		p = place(k, s, p, from->time_ns, from->y);
	p = place(k, s, p, to_ns, to_y);
	*p++ = ' ';
	p = text(p, colour(s));
	*p++ = '\n';
	out_commit(k->out, p);
}

static void steps(const struct sink *k, const struct series *s, const struct point *p)
{
	struct point corner = s->last;

	if (!s->any)
		return;
	command(k, s, "line", &s->last, p->time_ns, s->last.y, true);
	corner.time_ns = p->time_ns;
	command(k, s, "line", &corner, p->time_ns, p->y, true);
}

static void range(const struct sink *k, const struct series *s, const struct point *p)
{
	int64_t end = seq_plus(p->y, (int64_t)p->len);

	command(k, s, "darrow", p, p->time_ns, p->y, false);
	command(k, s, "uarrow", p, p->time_ns, end, false);
	command(k, s, "line", p, p->time_ns, end, true);
}

void xplot_point(const struct sink *k, const struct series *s, const struct point *p)
{
	if (p->no_y)
		xplot_mark(k, s, p, p->kind);
	else if (s->shape == SHAPE_STEPS)
		steps(k, s, p);
	else if (s->shape == SHAPE_RANGES && p->has_len)
		range(k, s, p);
	else
		command(k, s, "dot", p, p->time_ns, p->y, false);
	if (p->kind && strcmp(p->kind, "retrans") == 0)
		xplot_mark(k, s, p, "R");
	else if (p->kind && strcmp(p->kind, "reinject") == 0)
		xplot_mark(k, s, p, "I");
	else if (p->kind && strcmp(p->kind, "dup_sf") == 0)
		xplot_mark(k, s, p, "D");
	out_row(k->out);
}

void xplot_mark(const struct sink *k, const struct series *s, const struct point *p,
		const char *word)
{
	char *q = out_room(k->out, COMMAND_MAX);

	q = text(q, "red\natext");
	q = place(k, s, q, p->time_ns, seq_plus(p->y, (int64_t)p->len));
	*q++ = '\n';
	q = text(q, word);
	*q++ = '\n';
	out_commit(k->out, q);
}

void xplot_begin(const struct sink *k, const char *title, bool epoch)
{
	char *p = out_room(k->out, COMMAND_MAX);

	if (k->distribute)
		p = text(p, "double double");
	else
		p = text(p, epoch ? "timeval double" : "dtime double");
	p = text(p, "\ntitle\n");
	p = text(p, title);
	p = text(p, "\nxlabel\n");
	p = text(p, k->distribute ? title : "time");
	p = text(p, "\nylabel\n");
	p = text(p, k->distribute ? "fraction" : title);
	*p++ = '\n';
	out_commit(k->out, p);
}

void xplot_end(const struct sink *k)
{
	out_write(k->out, "go\n", 3);
}
