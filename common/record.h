/*
 * What the log of events remembers: of a connection, beside what conn.h says
 * of it, and of a stream. They hang in the `data` of both.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "announced.h"
#include "checksum.h"
#include "event.h"
#include "stall.h"

struct conn;
struct stream;

/* A key that a host is said to have. */
struct said_key {
	uint64_t key;
	struct moment at;	/* pkt 0: none */
	uint8_t from;		/* which end of the stream says so */
};

/* Of one host, and of the data that it sends. */
struct record_side {
	struct said_key said;	/* the first, or of the last SYN that began it anew */
	struct said_key other;	/* the first that differs */
	bool judged : 1;	/* it is known which of both are wrong, and said */
	bool said_checksum : 1, said_no_join : 1;	/* flags A and C of its MP_CAPABLE SYN or SYN/ACK */
	bool first_data : 1, data_fin : 1, fin_acked : 1;	/* such an event was said */
	bool infinite : 1, failed : 1;	/* the same */
	bool has_bad : 1;	/* a mapping had a bad checksum: see bad_dsn */
	int64_t fin_dsn;	/* if data_fin: the relative DSN it takes */
	int64_t mapped;		/* the end of the highest mapping, relative */
	uint64_t bad_dsn;	/* the last one with a bad checksum, raw, if has_bad */
	uint64_t bad_pkt;
	struct announced announced;
	struct stall stall;
};

struct record {
	struct record_side side[2];	/* by role */
	uint8_t fallback;	/* enum fallback that was said */
	bool closed;		/* such an event was said */
	bool echoes;		/* there were stray ones, see record_stream */
	bool gaps;		/* the capture lacks segments, or options: */
	bool cut;		/* its snapshot length ends within some */
	struct moment last;	/* its last segment */
	struct moment reset;	/* its last RST; pkt 0: none */
	void *tale;		/* the reader's of the log, */
	struct held_address *held;	/* NULL: none; see watch_keys.c, */
	uint32_t tale_bytes;	/* which take so many; */
	uint32_t held_bytes;	/* 0: there was none so far */
};

/* A data ACK ahead of all data that was sent. */
struct ahead {
	uint64_t pkt;		/* of it; 0: none */
	int64_t dack, sent;	/* relative DSNs: it, and the end of that data */
	int64_t rel_ack;	/* its ACK, as in segment.h */
};

/* An echo of an address that was not announced, as far as was captured. */
struct stray_echo {
	struct moment at;	/* pkt 0: none */
	struct addr addr;
	uint8_t id;
};

/* What may still prove to be as it should. */
struct record_doubts {
	struct ahead ahead[2];	/* by end: the last that it sent, until others have come that far */
	struct stray_echo echo[2];	/* by end: the last, until a JOIN shows that it was announced */
};

/* Of a stream that is a subflow. */
struct record_stream {
	bool established, failed;	/* such an event was said */
	bool token_open;	/* its token was not checked yet */
	bool over;		/* it was closed before: what comes may be of a newer one */
	bool synack, joins;	/* a SYN/ACK was seen, and with MP_JOIN */
	uint8_t fin, rst;	/* bits 1 << end: said */
	uint8_t guessed;	/* bits 1 << end: it had mappings before its SYN was known */
	bool early_data;	/* the opener sent data before the fourth segment */
	bool fourth;		/* that one came */
	uint64_t broken[2];	/* by end: bits 1 << rule, see rules.h, that were said */
	int64_t next[2];	/* by end: end of the highest segment captured */
	struct record_doubts *doubts;	/* NULL: there were none */
	int64_t unmapped[2];	/* by end: gaps in the mappings below were said */
	uint64_t plain_syn;	/* pkt of the last SYN without MPTCP; 0: none */
	struct moment last;	/* its last segment */
	struct checksum *checksum[2];	/* by end; NULL: not needed so far */
};

/* Of this connection or stream; made if need be. */
struct record *record_of(struct conn *c);
struct record_stream *record_of_stream(struct stream *s);
struct record_doubts *record_doubts_of(struct record_stream *s);

void record_free(struct conn *c);
void record_free_stream(struct stream *s);

/* How many bytes they take. */
uint64_t record_weight(const struct record *r);
uint64_t record_stream_weight(const struct record_stream *r);

/* What was remembered of `from`, which is part of `into`; the roles are swapped if `flip`. */
void record_merge(struct record *into, struct record *from, bool flip);

#endif
