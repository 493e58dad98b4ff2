#include "msg.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINES_MAX = 20 };

/* What names and cells of a hostile input would have a terminal do. */
static void make_plain(char *line)
{
	for (unsigned char *p = (unsigned char *)line; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
			*p = '?';
}

static void print_line(struct msg *m, const char *file, uint64_t pkt,
		       const char *fmt, va_list ap)
{
	char line[1024];
	size_t n;

	if (m->silent)
		return;
	if (m->shown == LINES_MAX) {
		m->hidden++;
		return;
	}
	m->shown++;
	n = (size_t)snprintf(line, sizeof(line), "%s: ", m->tool);
	if (file && n < sizeof(line))
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s: ", file);
	if (pkt && n < sizeof(line))
		n += (size_t)snprintf(line + n, sizeof(line) - n,
				      "packet %" PRIu64 ": ", pkt);
	if (n < sizeof(line))
		vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	make_plain(line);
	fprintf(stderr, "%s\n", line);
}

void msg_error(struct msg *m, const char *file, uint64_t pkt,
	       const char *fmt, ...)
{
	va_list ap;

	if (m->status == STATUS_OK)
		m->status = STATUS_DAMAGE;
	va_start(ap, fmt);
	print_line(m, file, pkt, fmt, ap);
	va_end(ap);
}

void msg_note(struct msg *m, const char *file, uint64_t pkt,
	      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(m, file, pkt, fmt, ap);
	va_end(ap);
}

void msg_usage(struct msg *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(m, NULL, 0, fmt, ap);
	va_end(ap);
	exit(STATUS_USAGE);
}

int msg_end(struct msg *m)
{
	if (m->hidden)
		fprintf(stderr, "%s: %u more of these\n", m->tool, m->hidden);
	m->hidden = 0;
	return m->status;
}
