#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "pipe.h"

enum { FLUSH_AT = 1 << 16 };

void out_open(struct out *o, int fd, struct msg *m, bool each_row)
{
	*o = (struct out){ .fd = fd, .msg = m, .each_row = each_row };
	o->cap = 2 * FLUSH_AT;
	o->buf = mem_resize(NULL, o->cap);
	pipe_widen(fd);
}

static void fail(struct out *o, int error)
{
	o->failed = true;
	if (error == EPIPE)
		return;
	msg_error(o->msg, "standard output", 0, "%s", strerror(error));
}

void out_flush(struct out *o)
{
	for (size_t at = 0; at < o->len && !o->failed; ) {
		ssize_t n = write(o->fd, o->buf + at, o->len - at);

		if (n >= 0)
			at += (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ o->fd, POLLOUT, 0 }, 1, -1);
		else if (errno != EINTR)
			fail(o, errno);
	}
	o->len = 0;
}

char *out_room(struct out *o, size_t n)
{
	if (o->cap - o->len < n) {
		out_flush(o);
		o->buf = mem_grow(o->buf, &o->cap, n, 1);
	}
	return o->buf + o->len;
}

void out_commit(struct out *o, char *end)
{
	o->len = (size_t)(end - o->buf);
}

void out_write(struct out *o, const char *s, size_t n)
{
	char *p = out_room(o, n);

	memcpy(p, s, n);
	out_commit(o, p + n);
}

void out_row(struct out *o)
{
	if (o->each_row || o->len >= FLUSH_AT)
		out_flush(o);
}

void out_close(struct out *o)
{
	out_flush(o);
	if (close(o->fd) < 0 && !o->failed)
		fail(o, errno);
	free(o->buf);
}
