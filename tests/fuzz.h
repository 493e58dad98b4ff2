/*
 * What the fuzzers share: input as a file with a name, and mptcp-conns run on
 * it within this process. To be included first, once per fuzzer.
 */
#ifndef FUZZ_H
#define FUZZ_H

#define _GNU_SOURCE	/* memfd_create() */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int conns_main(int argc, char **argv);
#define main conns_main
#include "../tools/mptcp-conns.c"
#undef main

#include "column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A failed check is a crash, with a reason. */
#define CHECK(condition) \
	((condition) ? (void)0 : \
	 (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition), abort()))

/* A file in memory, and the path that opens it anew. */
struct file {
	int fd;
	char path[32];
};

static inline struct file file_new(void)
{
	struct file f = { .fd = memfd_create("fuzz", MFD_CLOEXEC) };

	CHECK(f.fd >= 0);
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static inline void file_write(const struct file *f, const void *p, size_t n)
{
	CHECK(n == 0 || write(f->fd, p, n) == (ssize_t)n);
}

/* All that was written; to be freed. */
static inline char *file_read(const struct file *f, size_t *n)
{
	off_t size = lseek(f->fd, 0, SEEK_END);
	char *p = malloc((size_t)size + 1);

	CHECK(p && pread(f->fd, p, (size_t)size, 0) == size);
	*n = (size_t)size;
	return p;
}

/* Messages about damage are not what is looked for: say none of them. */
static inline struct msg silent(void)
{
	return (struct msg){ .tool = "fuzz", .shown = 20 };
}

static inline struct source *open_source(struct file *f, struct msg *m,
					 uint64_t wanted, uint64_t later,
					 uint64_t needed)
{
	char *path = f->path;
	struct source_options o = {
		.msg = m, .paths = &path, .count = 1, .na = "",
		.wanted = wanted, .later = later, .needed = needed,
	};

	return source_open(&o);
}

/* What mptcp-conns does, with rows to another file. */
static inline void run_conns(struct file *from, const struct file *to)
{
	static struct segment seg;
	struct msg m = silent();
	struct out out;
	struct rows rows;
	struct conn_hooks hooks = {
		.arg = &rows, .sent = sent, .acked = acked,
		.renumbered = renumbered, .absorbed = absorbed, .gone = gone,
	};
	struct track track;
	struct source *s;

	out_open(&out, dup(to->fd), &m, false);
	rows_open(&rows, &out, &m, column_name, CONN_COLUMNS, NULL, "");
	track_init(&track, &hooks);
	s = open_source(from, &m, track_columns(), track_columns_later(),
			track_columns());
	while (source_next(s, &seg))
		track_segment(&track, &seg);
	track_end(&track);
	source_close(s);
	out_close(&out);
	rows_close(&rows);
}

/* What mptcp-extract does. Returns the exit status. */
static inline int run_extract(struct file *from, const struct file *to)
{
	static struct segment seg;
	static char row[1 << 16];
	uint8_t all[COLUMNS];
	struct msg m = silent();
	struct track track;
	struct source *s;
	struct out out;

	out_open(&out, dup(to->fd), &m, false);
	for (uint8_t i = 0; i < COLUMNS; i++) {
		all[i] = i;
		out_write(&out, column_info[i].name, strlen(column_info[i].name));
		out_write(&out, i + 1 < COLUMNS ? "\t" : "\n", 1);
	}
	track_init(&track, NULL);
	s = open_source(from, &m, UINT64_MAX, 0, 0);
	while (source_next(s, &seg)) {
		char *end;

		if (!seg.tracked)
			track_segment(&track, &seg);
		end = column_write(row, &seg, all, COLUMNS, "", 0);
		out_write(&out, row, (size_t)(end - row));
	}
	track_end(&track);
	source_close(s);
	out_close(&out);
	return m.status;
}

#endif
