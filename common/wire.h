/*
 * One stream as two captures saw it: which host each was at, and both
 * directions joined (transit.h).
 *
 * What arrives in one capture is held back until the other has shown that it was
 * sent, so that the order in which the captures are read matters little,
 * and their clocks not at all. A capture that misses packets holds nothing
 * back for long.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "passage.h"
#include "transit.h"

struct segment;
struct stream;

enum { WIRE_A, WIRE_B };	/* the captures */

/* What takes memory of a budget, in a list by when it was weighed last; for the user. */
struct wire_load {
	struct wire_load *older, *newer;
	uint32_t weight;	/* 0: it is in none */
	uint8_t list;		/* which one */
	bool cut;		/* something of it was full, see budget.h */
	bool is_wire;		/* it is the first member of a wire, else of a half without one */
};

/* A passage that waits, in its capture's numbers until there is a wire, then in A's. */
struct wire_held {
	struct passage p;
	uint8_t from;		/* end of the stream in the same capture */
};

/* How long what an end sends takes to be answered, as seen in one capture. */
struct wire_answer {
	bool waits, awaits_syn, known;
	bool syn;		/* a SYN was answered */
	uint32_t n;		/* answers */
	int64_t seq, since_ns;	/* what waits for its answer */
	int64_t best_ns;	/* the shortest time */
	int64_t shook_ns;	/* from its first SYN to the SYN/ACK for it; 0: not seen */
};

/* One capture's stream. */
struct wire_half {
	struct wire_load load;
	const struct stream *stream;
	struct wire *wire;	/* NULL: not known to be in the other capture, or over */
	bool joined;		/* it had one */
	bool given_up;		/* nothing more is to be said of it */
	int64_t first_ns;	/* its first segment, as stamped */
	uint8_t which;		/* WIRE_A or WIRE_B */
	struct wire_held *held;	/* n from `first` on, in a ring of cap */
	uint32_t first, n, cap;
	bool forgot;		/* the first ones, as they were too many: up to */
	int64_t forgot_ns;	/* this at_ns */
	struct wire_answer answer[2];	/* by end */
};

/* What a host was seen sending by its own capture, in A's numbers. */
struct wire_shown {
	bool any, any_ack, any_tsval;
	int64_t end, ack;	/* the highest */
	uint32_t tsval;
};

/* What is to be said of which stream it is, as A has it. */
struct wire_about {
	uint32_t stream[2];	/* by capture */
	uint32_t conn, number;	/* of the subflow, */
	bool has_conn;		/* if it is one */
	uint8_t client;		/* the end that is the client */
	struct addr addr[2];	/* by end */
	int64_t first_ns;	/* first segment of the connection, else of the stream */
	void *data;		/* the user's, as is */
};

struct wire {
	struct wire_load load;
	struct wire_owner *owner;
	struct wire *prev, *next;	/* of the owner's */
	struct wire_half *half[2];	/* by capture; NULL: forgotten, or not there yet */
	bool had[2];		/* there was one */
	bool waits[2];		/* what it holds waits for the other capture, */
	uint32_t since[2];	/* and has since this round of the owner */
	bool cross;		/* end 0 of A's stream is end 1 of B's */
	int64_t shift[2];	/* by end of A: rel_seq of B less that of A */
	bool located;		/* home is known: */
	uint8_t home;		/* the end of A's stream whose host A was taken at */
	bool loose[2];		/* by sender, an end of A: it is not waited for */
	int64_t loose_to[2];	/* the same: the end of what was not */
	bool full;		/* that was sent after all, or what a half forgot can have been */
	struct wire_shown shown[2];	/* the same */
	struct transit transit[2];	/* the same */
	struct wire_about about;
	struct firsts *firsts;	/* the user's, as is */
};

/* All wires between two captures. */
struct wire_owner {
	/* Something crossed from the end `from` of A's stream, or did not. */
	void (*cross)(void *arg, struct wire *w, unsigned from, const struct crossing *c);
	void (*over)(void *arg, struct wire *w);	/* it is about to be freed */
	/* What that end sent passed a capture; may be NULL. */
	void (*passed)(void *arg, struct wire *w, unsigned which, unsigned from,
		       const struct passage *p);
	void *arg;
	struct wire *first, *last;	/* in the order in which they were made */
	uint32_t waiting[2];	/* halves that wait, by their capture */
	uint32_t round;		/* in which they are looked at, see wire_release_old() */
	/* of each capture, by at_ns; last_ns is INT64_MAX while it goes on */
	struct transit_span span[2];
	int64_t read_ns[2];	/* how far it was read, by at_ns */
	bool timed;		/* at_ns of both can be compared: */
	bool trusted;		/* something did not wait because of that */
	bool late;		/* what crosses now was held until its wire was known */
};

void wire_owner_init(struct wire_owner *o);

/* A stream, at its first segment. */
struct wire_half *wire_half_new(const struct stream *s, unsigned which, int64_t first_ns);

/* The stream is forgotten. */
void wire_half_free(struct wire_half *h);

/* What it holds is given up, and what is to come. It has no wire. */
void wire_half_give_up(struct wire_half *h);

/* A stream in both captures, of which either may be missing still. */
struct wire *wire_new(struct wire_owner *o, bool cross, const int64_t shift[2]);
void wire_attach(struct wire *w, struct wire_half *h);

/* A was taken at this end of its stream. */
void wire_locate(struct wire *w, unsigned home);

/* Say what became of the rest, and free; halves that are left stay. */
void wire_free(struct wire *w);

/* How many bytes they take; a wire with its halves. */
uint64_t wire_weight(const struct wire *w);
uint64_t wire_half_weight(const struct wire_half *h);

/*
 * Take in a segment that track_segment() has seen, at at_ns. Without a wire, or
 * before it is known where the captures were taken, the last WIRE_HELD_MAX wait.
 */
enum { WIRE_HELD_MAX = 4096 };
void wire_pass(struct wire_half *h, const struct segment *seg, int64_t at_ns);

/* Let what capture `which` holds back go on: the other one misses it, or is over. */
void wire_release(struct wire *w, unsigned which);
void wire_release_all(struct wire_owner *o, unsigned which);

/* The same for what has waited since before the last call of this. */
void wire_release_old(struct wire_owner *o, unsigned which);

/*
 * What answers take tells where a capture was taken: the host beside it answers
 * at once. Above 0 if A is nearer than B to end 0 of its stream, below 0 if to
 * end 1, 0 if that is not known, or the hosts are too near to each other to tell.
 */
void wire_answer(struct wire_answer a[2], const struct passage *p, unsigned from);
int wire_nearness(const struct wire_answer a[2], const struct wire_answer b[2],
		  bool cross);

/* Whether there were answers enough to go by. */
bool wire_answered(const struct wire_answer a[2], const struct wire_answer b[2],
		   bool cross);

/* For wire.c: what is held back, in wire_hold.c. Let go on what may, or what was sent. */
void wire_step(struct wire *w);
void wire_let_send(struct wire *w, struct wire_half *h);

/* What capture `which` shows gets A's numbers. */
void wire_adopt(const struct wire *w, unsigned which, struct wire_held *held);

/* Let this one go on if it may, arrivals only if none waits before it. */
bool wire_go(struct wire *w, unsigned which, const struct wire_held *held);
void wire_wait(struct wire *w, unsigned which, const struct wire_held *held);
void wire_hold(struct wire_half *h, const struct wire_held *held);
void wire_drop_first(struct wire_half *h);

/* Without a wire it holds too much: the first is forgotten. */
void wire_forget_first(struct wire_half *h);

/* Whose capture shows what this end of A's stream sends. */
static inline unsigned wire_sender(const struct wire *w, unsigned end)
{
	return end == w->home ? WIRE_A : WIRE_B;
}

#endif
