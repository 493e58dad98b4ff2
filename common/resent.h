/*
 * Data that was sent again, range by range, and what of it is to be said of a
 * whole connection: what mptcp-reinject(1) prints, where it is defined.
 */
#ifndef RESENT_H
#define RESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books.h"
#include "ledger.h"
#include "matrix.h"

/* A range that was sent again. */
struct resent {
	struct range data;
	uint32_t conn;
	uint8_t role;		/* of the sender */
	uint8_t way;		/* enum books_way */
	bool acked, has_acked;
	bool has_first;
	uint32_t copy;		/* 0: not known */
	struct ledger_run sent, first;	/* now, and first; their `data` may be more */
	struct matrix_cell *cell;	/* that it counts in, or NULL */
};

/* From what the books tell; counts in no cell. */
struct resent resent_of(const struct books_copy *c);

/* Count it in the matrix of its connection, books->user, made if need be. */
struct matrix_cell *resent_count(struct books *b, const struct resent *r);

/* For the hook `weigh` of tally.h. */
uint64_t resent_weigh(void *arg, const void *matrix);

/* For the hook `absorbed`. */
void resent_absorb(void *arg, struct books *into, struct books *from, bool flip);

/* A connection that is over. */
struct resent_conn {
	uint32_t index;
	uint64_t id;
	struct matrix *matrix;	/* NULL: nothing was sent again */
	struct resent_side {
		bool has_acked, unseen, unmapped, has_new;	/* see books.h */
		uint64_t bytes, acked;
		uint64_t reinject, dup_sf, retrans, after_ack;
	} side[2];		/* by role */
};

/* Takes the matrix; with the numbers of the subflows in it, in order. */
struct resent_conn resent_close(struct books *b);

/* Bytes of one direction by what became of them, as the cells of the matrix have it. */
void resent_sum(const struct resent_conn *c, unsigned role, uint64_t sum[VERDICTS]);

/* Those that are over, kept until it is known what became of what was sent again. */
struct resent_kept {
	const struct budget *budget;	/* set by the user; not owned */
	struct resent_conn *conn;	/* n of them */
	size_t n, cap, due;
};

/*
 * A connection is over: its matrix is taken, and it is told of; if `k` is not NULL,
 * when all are, or there are too many and none of its cells `waits`.
 */
void resent_end(struct resent_kept *k, struct resent_conn *c,
		void (*tell)(void *arg, const struct resent_conn *), void *arg);
void resent_end_all(struct resent_kept *k,
		    void (*tell)(void *arg, const struct resent_conn *), void *arg);

static inline void resent_free(struct resent_conn *c)
{
	matrix_free(c->matrix);
}

#endif
