/*
 * What tells a stream from all others in any capture of it: keys, tokens,
 * nonces, ISNs, and samples of its mappings and time stamps, collected in one
 * pass and bounded per stream (4 KB at most).
 *
 * A print outlives its stream, until it is dropped.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "segment.h"
#include "sketch.h"

struct pair;
struct stream;

/* What is read of TSV beside track_columns(), and what of it by column_fetch(). */
#define PRINT_COLUMNS (COLUMN(TSVAL) | COLUMN(TSECR) | COLUMN(ADDR_ID) | \
		       COLUMN(DSS_SSN))

/* By what of it an index finds it, see pairing_index.c. */
enum {
	PRINT_MARKS_INDEXED = 2,	/* of each sketch; a lookup tries all of its own */
	PRINT_DSN_BLOCKS = 8	/* of 4 GB that a range of data is indexed by */
};

/* One end of a stream, and what it sent. */
struct print_end {
	struct addr addr;
	uint16_t port;
	bool has_base;
	bool syn;		/* base is the ISN of a SYN or SYN/ACK captured */
	bool has_stamp;		/* `stamp` is set */
	uint32_t base;		/* the raw number that rel_seq 0 stands for */
	bool has_seq;
	int64_t seq, seq_end;	/* rel_seq: the first and the end of the last seen */

	/* the TSval series */
	bool has_ts;
	uint32_t ts_first, ts_last;	/* the lowest and the highest, RFC 7323 5.2 */
	int64_t ts_first_ns, ts_last_ns;	/* when they were seen first */
	uint32_t stamp[2];	/* the last mark in stamps */
	struct sketch stamps;	/* marks: TSval and TSecr; without, raw sequence numbers and ACKs */

	/* MPTCP: the host at this end */
	bool has_key, has_token, has_nonce, has_addr_id, has_dsn;
	uint8_t addr_id;
	uint64_t key;
	uint32_t token;
	uint32_t nonce;		/* of the JOIN */
	uint64_t dsn, dsn_end;	/* raw data range of the connection; 64 bits known */
	uint32_t map_dsn, map_ssn;	/* of the last mapping seen */
	struct sketch maps;	/* marks: low half of the DSN, and SSN, of a mapping */
};

enum print_kind { PRINT_TCP, PRINT_UNKNOWN, PRINT_INITIAL, PRINT_JOIN };

struct print {
	uint32_t stream;
	uint32_t conn;		/* if kind is not PRINT_TCP */
	uint64_t conn_id;	/* the same */
	uint8_t kind;		/* enum print_kind */
	uint8_t client;		/* which end is: 0 or 1 */
	bool client_sure;	/* a handshake said so */
	bool news;		/* something was learned; for the reader to clear */
	uint64_t segments;
	int64_t first_ns, last_ns;	/* of its segments, the earliest and latest */
	struct print_end end[2];	/* by end of the stream, as in stream.h */
	struct stream *live;	/* NULL once it is forgotten */
	uint32_t weight;	/* what it takes of `most` */

	/* for pairing */
	uint64_t *key;		/* under which it is in the index; `keys` of them */
	uint8_t keys;
	int64_t listed_ns;	/* its place there: first_ns as it was then */
	uint64_t lookup;	/* the last that found it there */
	struct pair *pair;	/* its match, or NULL; of the pairing */
	void *data;		/* the user's, or NULL; given back with free() */

	struct print *prev, *next;	/* in order of appearance */
};

/* The prints of a capture. */
struct prints {
	struct print *first, *last;
	uint32_t n;
	uint64_t weight;	/* bytes they take, with their places in an index, about; */
	uint64_t most;		/* beyond so many, some of forgotten streams are dropped; 0: never */
	uint64_t dropped;	/* so many were */
	struct print *next;	/* the next to look at for that, or NULL: the first */
	uint64_t few;		/* no more segments than this has what may be dropped */
	bool found, longer;	/* since the first: some such were found; some with more segments */
};

/* Free all; all 0 is to have none. */
void prints_free(struct prints *t);

/* Take in a segment that track_segment() has seen. Returns its stream's print. */
struct print *prints_observe(struct prints *t, struct stream *s, struct segment *seg);

/*
 * The stream is about to be forgotten (call it from the hook stream_gone): its
 * print stays. Returns it, or NULL if there is none.
 */
struct print *prints_forget(struct stream *s);

/* Bring a print up to date with its stream and connection, while they live. */
void print_update(struct print *p);

/* The same for all; to be called before track_end(). */
void prints_update(struct prints *t);

/* Take out and free. */
void prints_drop(struct prints *t, struct print *p);

/* For print.c: the time stamps and mappings of a segment that the end `from` sent. */
void print_observe_marks(struct print *p, unsigned from, struct segment *seg);

/* The end with this role, DIR_C2S: the client's. */
static inline const struct print_end *print_end(const struct print *p, unsigned role)
{
	return &p->end[p->client ^ role];
}

#endif
