/* Messages on standard error, and the exit status that they lead to. */
#ifndef MSG_H
#define MSG_H

#include <stdbool.h>
#include <stdint.h>

enum { STATUS_OK = 0, STATUS_DAMAGE = 1, STATUS_USAGE = 2 };

struct msg {
	const char *tool;	/* name that starts each line; not owned */
	int status;		/* exit status so far, STATUS_… */
	bool silent;		/* nothing is said: it was before */
	unsigned shown;		/* lines printed */
	unsigned hidden;	/* lines kept back by the rate limit */
};

/*
 * Say what is wrong with the input or the output, in one line
 * `tool: file: packet N: text`, and set the exit status to STATUS_DAMAGE.
 * `file` may be NULL and `pkt` 0: left out. After 20 lines the rest is only
 * counted; msg_end() tells how many.
 */
void msg_error(struct msg *m, const char *file, uint64_t pkt,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same line, for what the user should know but that damages nothing. */
void msg_note(struct msg *m, const char *file, uint64_t pkt,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Print one line and leave with STATUS_USAGE. */
void msg_usage(struct msg *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Say how many lines were kept back. Returns the exit status. */
int msg_end(struct msg *m);

#endif
