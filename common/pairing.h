/*
 * Which stream of one capture, A, is which of another, B: prints compared,
 * scored and matched one to one.
 *
 * For all of two captures: observe both in any order, and then
 * pairing_finish(). For pipes that are read in step (`live`): the match of a
 * stream is in its print's `pair` as soon as what both captures showed by then
 * leaves no doubt, and stays; what it says of shifts may become more as more is
 * seen. The work per stream and the memory are bounded;
 * streams that have the same evidence in thousands cost no more.
 *
 *	struct track track[2]; struct pairing p;
 *	pairing_init(&p, true);		(hook stream_gone: pairing_forget())
 *	s = track_segment(&track[which], &seg);
 *	print = pairing_observe(&p, which, s, &seg);
 *	if (print->pair) other = which ? print->pair->a : print->pair->b;
 */
#ifndef PAIRING_H
#define PAIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"
#include "print.h"

struct budget;

struct segment;
struct stream;

enum { PAIR_A, PAIR_B };	/* the captures */

/*
 * What two streams have in common, weakest first. A bit is its weight in the
 * score: each kind counts more than all weaker ones together.
 */
enum evidence {
	SAME_TIME = 1 << 0,	/* both were there at the same time */
	SAME_ENDPOINT = 1 << 1,	/* address and port of one end */
	SAME_ADDR = 1 << 2,	/* of both ends */
	SAME_TS_RANGE = 1 << 3,	/* TSval ranges overlap, of all ends that have one in both */
	SAME_SEQ = 1 << 4,	/* raw sequence numbers overlap, both ends; without TSvals, of single segments */
	SAME_TSVAL = 1 << 5,	/* segments with the same TSval and TSecr, one shift of numbers */
	SAME_ISN_HALF = 1 << 6,	/* the ISN of one end */
	SAME_ISN = 1 << 7,	/* of both */
	SAME_DSN = 1 << 8,	/* 64-bit ranges of data overlap */
	SAME_DATA = 1 << 9,	/* the same mappings: DSN at SSN */
	SAME_ADDR_ID = 1 << 10,	/* address ids of the JOIN, with a nonce */
	SAME_NONCE = 1 << 11,	/* the nonce of one end */
	SAME_NONCES = 1 << 12,	/* of both */
	SAME_TOKEN = 1 << 13,	/* a token of the connection */
	SAME_KEY = 1 << 14,	/* the key of one host */
	SAME_KEYS = 1 << 15	/* of both */
};

enum { EVIDENCES = 16 };

/* The name of evidence bit i, as in the column `evidence`. */
const char *evidence_name(unsigned i);

/* Two streams, and what speaks for them being one. */
struct pair {
	struct print *a, *b;
	uint32_t evidence;	/* enum evidence; its value is the score */
	uint32_t maps, stamps;	/* marks in common; of stamps, those with one shift */
	bool sufficient;	/* enough to be a match */
	bool won;		/* it is one */
	bool same_conn;		/* if not, its evidence is at least of one connection */
	bool another;		/* but for keys used again: it is of two */
	bool cross;		/* end 0 of a is end 1 of b */
	/* by end of a, as in a->end[]: */
	struct pair_end {
		bool shifted;	/* the rest is known */
		int32_t isn_shift;	/* raw sequence numbers: B's less A's */
		int64_t rel_shift;	/* rel_seq: B's less A's, to be added to A's */
	} end[2];
};

/* The end of b that is this end of a. */
static inline unsigned pair_end_b(const struct pair *p, unsigned end_a)
{
	return end_a ^ p->cross;
}

/* How many marks they have in common. */
static inline uint32_t pair_marks(const struct pair *p)
{
	return p->maps + p->stamps;
}

/*
 * Compare two prints: sets all of *pair but `won`. False if they have nothing
 * in common, or what can't be in one stream.
 */
bool pair_compare(struct print *a, struct print *b, struct pair *pair);

/* For pairing_score.c: the marks of both, and the shifts that they say. */
void pair_compare_marks(struct pair *pair);

/* Whether x is the better pair; of equal ones, that of earlier streams. */
bool pair_better(const struct pair *x, const struct pair *y);

struct pairing {
	bool live;
	struct prints prints[2];
	struct map index[2];	/* struct bucket by evidence; see pairing_index.c */

	uint64_t lookups;	/* made in the index */
	uint64_t most;		/* pairs that pairing_finish() may look at, about; 0: any number */

	/* set by pairing_finish(): */
	struct pair *pair;	/* n of them, best first; losers among them */
	size_t n, cap;
};

void pairing_init(struct pairing *p, bool live);
void pairing_free(struct pairing *p);

/*
 * Unless `live`, prints stay when their streams are forgotten: within a budget
 * those of few segments don't, and of pairs of very many only the best of each are
 * looked at. Tells the budget how many prints did not stay, at the end.
 */
void pairing_limit(struct pairing *p, const struct budget *b);
void pairing_tell(const struct pairing *p, struct budget *b);

/*
 * Take in a segment of capture `which` that track_segment() has seen; returns
 * the print of its stream, which lives as long as the stream and, unless
 * `live`, until pairing_free().
 */
struct print *pairing_observe(struct pairing *p, unsigned which,
			      struct stream *s, struct segment *seg);

/*
 * For the hook stream_gone. If `live`, the stream's print is freed, and its
 * pair with it, so that the print of its partner has none any more.
 */
void pairing_forget(struct pairing *p, unsigned which, struct stream *s);

/* The capture is over: to be called before its track_end(). */
void pairing_end(struct pairing *p, unsigned which);

/*
 * Both captures are over. Match what has no partner yet: all pairs that have
 * anything in common are in p->pair then, and each winner in its prints.
 */
void pairing_finish(struct pairing *p);

/* For pairing.c: the index. Bring it up to date with the print, or take it out. */
void pairing_index(struct pairing *p, unsigned which, struct print *print);
void pairing_unindex(struct pairing *p, unsigned which, struct print *print);
void pairing_index_init(struct map *index);
void pairing_index_free(struct map *index);

/*
 * Prints of capture `which` that share something with this one of the other
 * capture, none twice, at most CANDIDATES_MAX. Returns how many.
 */
enum { CANDIDATES_MAX = 128 };
size_t pairing_candidates(struct pairing *p, unsigned which,
			  const struct print *print, struct print **candidate);

#endif
