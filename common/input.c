#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gunzip.h"
#include "mem.h"
#include "pipe.h"
#include "stop.h"

/* STOP_MS: how long a pipe is read after a signal */
enum { CHUNK = 1 << 18, STOP_MS = 1000 };

_Static_assert(sizeof(off_t) >= 8, "captures may have more than 2 GiB: _FILE_OFFSET_BITS=64");

/* How many bytes may be read to the end of the buffer, the slack left alone. */
static size_t room(const struct input *in)
{
	return in->cap > in->end + INPUT_SLACK ? in->cap - in->end - INPUT_SLACK : 0;
}

/* Read the first bytes, and see whether they are compressed. */
static void begin(struct input *in)
{
	if (!input_need(in, 2) || !gunzip_magic(input_data(in), input_left(in)))
		return;
	in->raw = in->buf;
	in->raw_end = in->end;
	in->buf = mem_resize(NULL, CHUNK);
	in->cap = CHUNK;
	in->end = 0;
	in->gunzip = gunzip_new();
	if (!in->gunzip)
		in->error = "zlib does not start";
}

struct input *input_open(const char *path, int (*idle)(void *), void *idle_arg)
{
	bool standard = strcmp(path, "-") == 0;
	struct input *in;
	struct stat st;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	in = mem_zero(sizeof(*in));
	in->path = mem_string(path, strlen(path));
	in->name = standard ? "<stdin>" : in->path;
	in->fd = fd;
	in->idle = idle;
	in->idle_arg = idle_arg;
	in->waits = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode);
	pipe_widen(fd);
	begin(in);
	return in;
}

bool input_rewind(struct input *in)
{
	gunzip_free(in->gunzip);
	free(in->raw);
	in->gunzip = NULL;
	in->raw = NULL;
	in->raw_at = in->raw_end = in->at = in->end = 0;
	in->taken = 0;
	in->error = NULL;
	in->stopped = false;
	in->ended = lseek(in->fd, 0, SEEK_SET) < 0;
	if (in->ended)
		return false;
	begin(in);
	return true;
}

bool input_is_file(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	gunzip_free(in->gunzip);
	free(in->raw);
	free(in->buf);
	free(in->path);
	free(in);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* After a signal: whether there still is something to read. */
static bool rest(struct input *in)
{
	struct pollfd ready = { in->fd, POLLIN, 0 };
	int64_t left;
	int n = -1;

	if (!in->stop_ms)
		in->stop_ms = now_ms() + STOP_MS;
	while (n < 0 && in->waits && (left = in->stop_ms - now_ms()) > 0)
		n = poll(&ready, 1, (int)left);
	in->stopped = n <= 0;
	return !in->stopped;
}

/* Whether there is something to read, or an end or error of it. */
static bool await(struct input *in)
{
	struct pollfd ready = { in->fd, POLLIN, 0 };

	if (in->waits && poll(&ready, 1, 0) == 0)
		while (!stop_asked() &&
		       !stop_wait(in->fd, in->idle ? in->idle(in->idle_arg) : -1))
			;
	return !stop_asked() || rest(in);
}

static size_t read_some(struct input *in, void *dst, size_t n)
{
	ssize_t got;

	if (in->ended || in->stopped || !await(in))
		return 0;
	do
		got = read(in->fd, dst, n);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		in->ended = true;
		in->stopped = in->stop_ms;
		if (got < 0)
			in->error = strerror(errno);
		return 0;
	}
	in->taken += (uint64_t)got;
	return (size_t)got;
}

/* Decompress until there is something new or the input ends. */
static bool more_gunzip(struct input *in)
{
	uint8_t *start = in->buf + in->end, *out = start;

	while (out == start && !in->error) {
		const uint8_t *p;

		if (in->raw_at == in->raw_end) {
			in->raw_at = 0;
			in->raw_end = read_some(in, in->raw, CHUNK);
			if (!in->raw_end)
				break;
		}
		p = in->raw + in->raw_at;
		in->error = gunzip_step(in->gunzip, &p, in->raw + in->raw_end,
					&out, start + room(in));
		in->raw_at = (size_t)(p - in->raw);
	}
	in->end += (size_t)(out - start);
	if (out == start && !in->error && !in->stopped &&
	    !gunzip_complete(in->gunzip))
		in->error = "gzip data is cut short";
	return out > start;
}

bool input_more(struct input *in)
{
	size_t got;

	if (in->error)
		return false;
	if (in->at == in->end) {
		in->at = in->end = 0;
	} else if (room(in) < CHUNK / 2 && in->at) {
		memmove(in->buf, in->buf + in->at, in->end - in->at);
		in->end -= in->at;
		in->at = 0;
	}
	if (room(in) < CHUNK / 2)
		in->buf = mem_grow(in->buf, &in->cap, in->end + CHUNK, 1);
	if (in->gunzip)
		return more_gunzip(in);
	got = read_some(in, in->buf + in->end, room(in));
	in->end += got;
	return got > 0;
}

bool input_ready(const struct input *in)
{
	struct pollfd ready = { in->fd, POLLIN, 0 };

	return input_left(in) || in->raw_at < in->raw_end || in->ended || in->stopped ||
	       in->error || !in->waits || poll(&ready, 1, 0) != 0;
}
