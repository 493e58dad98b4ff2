/*
 * The figures of all streams and connections in one pass: a flow per stream,
 * books per connection, on top of track, whose hooks and `data` it takes.
 *
 * They count from the beginning, or by intervals: then the user takes what was
 * active since the last tally_reset(), and nothing is handed over at its end.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books.h"
#include "flow.h"
#include "track.h"

struct segment;

/* What a segment says of what was before. */
struct tally_told {
	uint64_t again;		/* bytes of it that the stream had sent before */
	int64_t rtt_ns;		/* the round-trip time that its ACK tells, or RTT_NONE */
};

struct tally_options {
	bool keep;		/* forgotten subflows, as long as their connection lasts */
	bool plain;		/* streams of plain TCP too */
	bool paths;		/* flow_observe_path() as well */
	bool intervals;
	int64_t linger_ns;	/* how long what is closed is remembered; 0: 60 s */
	struct books_options books;
	struct budget *budget;	/* not owned; NULL: none */
	void *arg;
	/* A connection is over. */
	void (*conn)(void *arg, struct books *b);
	/* A connection proved to be part of another one. NULL: nothing is to be done. */
	void (*absorbed)(void *arg, struct books *into, struct books *from, bool flip);
	/* Relative DSNs of `role` are higher by `by` from now on. NULL, as each below: not asked for. */
	void (*renumbered)(void *arg, struct books *b, unsigned role, int64_t by);
	/*
	 * A segment was taken in, sent by the end `from`. b is NULL for plain TCP.
	 */
	void (*segment)(void *arg, struct books *b, struct flow *f, unsigned from,
			const struct tally_told *told);
	/* What flow_user() is has to be freed; not called where it is NULL, as it is for good without. */
	void (*flow_gone)(void *arg, struct flow *f);
	/* How many bytes that takes, or `user` of books; not called where it is NULL. */
	uint64_t (*weigh)(void *arg, const void *user);
	/* A stream of plain TCP is over. */
	void (*stream)(void *arg, struct flow *f);
};

struct tally {
	struct track track;
	struct tally_options options;
	const struct segment *seg;	/* the one in hand */
	struct books **books;	/* intervals: with segments since the last reset */
	size_t books_n, books_cap;
	struct flow **flows;	/* the same, of plain TCP; at the end, all */
	size_t flows_n, flows_cap;
	uint64_t kept;		/* bytes of those that are no more */
	bool ending;
};

/* `o` is copied. Hooks that it does not come to may be NULL. */
void tally_init(struct tally *t, const struct tally_options *o);

/* Take in a segment. */
void tally_segment(struct tally *t, struct segment *seg);

/* Sort what was active by index of connection, and of stream. */
void tally_sort(struct tally *t);

/* Figures count from here on; what is over is freed. */
void tally_reset(struct tally *t);

/* For tally.c, in tally_active.c: it is active. */
void tally_push_books(struct tally *t, struct books *b);
void tally_push_flow(struct tally *t, struct flow *f);

/* Free it; it is so no longer, if it was. */
void tally_drop_books(struct tally *t, struct books *b);
void tally_drop_flow(struct tally *t, struct flow *f);

/* All that is left is over: connections in order of index, then streams. */
void tally_end(struct tally *t);

#endif
