/* The bytes of one operand: a file or a pipe, gzip undone. */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gunzip;

struct input {
	char *path;		/* as given, `-` for standard input */
	const char *name;	/* for messages: the path, or `<stdin>` */
	const char *error;	/* why reading ended early, or NULL */
	bool ended;		/* nothing more comes */
	bool stopped;		/* a signal ended it (stop.h), wherever it was */
	uint64_t taken;		/* bytes read from the file so far */

	/*
	 * Called before a read that has to wait, if not NULL. Returns after how
	 * many ms it wants to be called again if nothing comes; -1: not at all.
	 */
	int (*idle)(void *arg);
	void *idle_arg;

	int fd;
	int64_t stop_ms;	/* when to read no further, if a signal came */
	bool waits;		/* not a regular file: a read may block */
	uint8_t *buf;		/* plain bytes; [at, end) are still to be had */
	size_t at, end, cap;
	struct gunzip *gunzip;	/* NULL: the bytes are plain as they come */
	uint8_t *raw;		/* compressed bytes; [raw_at, raw_end) not yet used */
	size_t raw_at, raw_end;
};

/*
 * Open a path, `-` for standard input, and read its first bytes; `idle` may be
 * NULL. On failure returns NULL, errno says why.
 */
struct input *input_open(const char *path, int (*idle)(void *), void *idle_arg);
/* Whether it is a regular file, which can be read again. */
bool input_is_file(const char *path);

/*
 * From its beginning again: a file that input_is_file() knew. False if that can't
 * be, errno says why; it is at its end then.
 */
bool input_rewind(struct input *in);

void input_close(struct input *in);

/*
 * The unread bytes: `input_data(in)[0 .. input_left(in) - 1]`. They stay where
 * they are until the next input_need() or input_more(). INPUT_SLACK bytes behind
 * them may be read too, whatever they hold.
 */
enum { INPUT_SLACK = 64 };

static inline const uint8_t *input_data(const struct input *in)
{
	return in->buf + in->at;
}

static inline size_t input_left(const struct input *in)
{
	return in->end - in->at;
}

static inline void input_skip(struct input *in, size_t n)
{
	in->at += n;
}

/*
 * Read some more; false at the end of the input (see `error`). May block. After
 * a signal a file is at its end, and a pipe soon: what is in it, and what its
 * writer adds while it stops too, is still read.
 */
bool input_more(struct input *in);

/* Whether input_more() would not have to wait, or there are unread bytes. */
bool input_ready(const struct input *in);

/* Whether n unread bytes are there, after reading what is needed. */
static inline bool input_need(struct input *in, size_t n)
{
	while (input_left(in) < n)
		if (!input_more(in))
			return false;
	return true;
}

#endif
