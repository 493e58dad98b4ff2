/*
 * What the fuzzers share: files in memory, and the tools run on them within
 * this process. To be included first.
 */
#ifndef FUZZ_H
#define FUZZ_H

#define _GNU_SOURCE	/* memfd_create() */
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Their main(), under these names in the objects that the fuzzers are made of. */
int extract_main(int argc, char **argv);
int conns_main(int argc, char **argv);
int subflows_main(int argc, char **argv);
int events_main(int argc, char **argv);
int map_main(int argc, char **argv);
int owd_main(int argc, char **argv);
int plotdata_main(int argc, char **argv);
int reinject_main(int argc, char **argv);

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

/* All that was written, with a 0 behind it; to be freed. */
static inline char *file_read(const struct file *f, size_t *n)
{
	off_t size = lseek(f->fd, 0, SEEK_END);
	char *p = malloc((size_t)size + 1);

	CHECK(p && pread(f->fd, p, (size_t)size, 0) == size);
	p[size] = '\0';
	*n = (size_t)size;
	return p;
}

static inline void file_close(struct file *f)
{
	close(f->fd);
}

static inline void same(const struct file *a, const struct file *b, const char *what)
{
	size_t n, m;
	char *p = file_read(a, &n), *q = file_read(b, &m);

	if (n != m || memcmp(p, q, n) != 0) {
		fprintf(stderr, "%s, once:\n%s\nand again:\n%s\n", what, p, q);
		abort();
	}
	free(p);
	free(q);
}

/* A tool, and the options that it is run with. */
struct view {
	int (*main)(int argc, char **argv);
	const char *option[5];	/* those behind the last are NULL */
};

/* Run a tool, its rows to `to`. Returns its exit status. */
static inline int tool_run(int (*run)(int argc, char **argv), int argc, char **argv,
			   const struct file *to)
{
	int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), status;

	optind = 0;		/* begin anew, in glibc */
	CHECK(dup2(to->fd, STDOUT_FILENO) == STDOUT_FILENO);
	status = run(argc, argv);	/* closes it */
	if (kept >= 0) {
		dup2(kept, STDOUT_FILENO);
		close(kept);
	}
	return status;
}

/* The same of a view of `from`. */
static inline int view_run(const struct view *v, const struct file *from,
			   const struct file *to)
{
	char text[6][32], *argv[8];
	int argc = 0;

	snprintf(text[argc], sizeof(*text), "tool");
	argv[argc] = text[argc];
	for (argc++; argc < 6 && v->option[argc - 1]; argc++) {
		snprintf(text[argc], sizeof(*text), "%s", v->option[argc - 1]);
		argv[argc] = text[argc];
	}
	argv[argc++] = (char *)from->path;
	argv[argc] = NULL;
	return tool_run(v->main, argc, argv, to);
}

/* A tool run on two inputs, A and B. */
static inline int two_run(int (*run)(int argc, char **argv), const char *options,
			  const struct file *a, const struct file *b,
			  const struct file *to)
{
	char tool[] = "tool", text[32];

	snprintf(text, sizeof(text), "%s", options);
	return tool_run(run, 4, (char *[]){ tool, text, (char *)a->path,
					    (char *)b->path, NULL }, to);
}

/* Such tools, and the options that they are run with. */
static const struct {
	int (*main)(int argc, char **argv);
	const char *options;
} twos[] = {
	{ map_main, "-at" }, { reinject_main, "-r2" }, { owd_main, "-kt" },
	{ owd_main, "-ktCnone" }, { owd_main, "-stCpiecewise" }, { owd_main, "-dCoffset" },
	{ owd_main, "-kCpiecewise" },
};

enum { TWOS = sizeof(twos) / sizeof(*twos) };

/* A number that chooses among what would take too long in all. */
static inline unsigned any_of(const uint8_t *data, size_t size)
{
	unsigned n = 0;

	for (size_t i = 0; i < size; i++)
		n = 31 * n + data[i];
	return n;
}

static inline int run_extract(const struct file *from, const struct file *to)
{
	static const struct view extract = { extract_main, { NULL } };

	return view_run(&extract, from, to);
}

#endif
