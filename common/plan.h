/*
 * Which streams of two captures are joined, and how: known before they are
 * read again, from their comparison or from a table that mptcp-map wrote.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "map.h"

struct input;
struct msg;
struct pairing;
struct wire;
struct wire_half;

/* A stream of A and one of B. */
struct plan_pair {
	uint32_t stream[2];
	bool cross;		/* end 0 of A's is end 1 of B's */
	bool located;		/* home is known: */
	uint8_t home;		/* the end of A's stream that A was taken at */
	int64_t shift[2];	/* by end of A: rel_seq of B less that of A */
	/* of a table, instead of cross, and with raw numbers in shift, the client's first: */
	bool named;
	struct addr client[2];	/* by capture */
	uint16_t port[2];
	/* for who reads them: */
	struct wire_half *half[2];
	struct wire *wire;
	bool given_up;		/* there is to be none */
};

struct plan {
	struct plan_pair *pair;	/* n of them */
	size_t n, cap;
	struct map at[2];	/* by capture: pairs by its stream */
};

/*
 * The matches of a pairing that is finished; `plain`: those of plain TCP too.
 * The `data` of each print is a struct wire_answer[2], or NULL.
 */
void plan_from_pairing(struct plan *p, const struct pairing *pairing, bool plain);

/* How many bytes it takes, with its maps. */
uint64_t plan_weight(const struct plan *p);

/* One after another, from wires that end, and then that was all. */
void plan_add_wire(struct plan *p, const struct wire *w);
void plan_ready(struct plan *p);

/* The rows of a table of mptcp-map; an error is said. `na`: a missing cell. */
bool plan_read(struct plan *p, struct input *in, struct msg *msg, const char *na);

void plan_free(struct plan *p);

/* The pair of a stream, or NULL. */
struct plan_pair *plan_find(const struct plan *p, unsigned which, uint32_t stream);

/* They were not read yet. */
void plan_rewind(struct plan *p);

#endif
