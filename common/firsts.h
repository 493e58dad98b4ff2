/*
 * Data between two captures: the first sending of each byte on any subflow
 * joined with its first arrival on any.
 */
#ifndef FIRSTS_H
#define FIRSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "map.h"
#include "seen.h"
#include "transit.h"

struct wire;

/* One connection, as A has it. */
struct firsts {
	uint32_t conn;
	uint32_t wires;		/* that are part of it */
	struct firsts_way {
		struct transit transit;	/* bytes are relative DSNs of A */
		struct seen sent, came;
		bool any_sent, any_came;
	} way[2];		/* by role of the sender */
	bool from_a[2];		/* it is where A was taken */
	void *arg;		/* the user's */
};

/*
 * Find or make that of the wire, in the map `all` by connection; NULL if it is none
 * of MPTCP, or A has not shown it yet. What crosses is told to `cross`, with it.
 */
struct firsts *firsts_of(struct map *all, struct wire *w,
			 void (*cross)(void *, const struct crossing *), void *arg);

/* What the end `from` of A's stream sent passed a capture; p has A's numbers. */
void firsts_pass(struct firsts *f, struct wire *w, unsigned which, unsigned from,
		 const struct passage *p);

/* What each of its wires takes of it, in bytes. */
uint64_t firsts_weight(const struct firsts *f);

/* The wire ends; with the last one the connection does, and what is left is lost. */
void firsts_leave(struct map *all, struct wire *w);

#endif
