/* A segment passing one capture: what tells it from others of its stream there and elsewhere. */
#ifndef PASSAGE_H
#define PASSAGE_H

#include <stdbool.h>
#include <stdint.h>

struct segment;

enum { PASSAGE_FIN = 1, PASSAGE_SYN = 2 };	/* bits of flags, as enum tcp_flag */

struct passage {
	int64_t time_ns;	/* as stamped there */
	int64_t at_ns;		/* on the clock that both captures are compared on */
	uint64_t pkt;
	int64_t seq, end;	/* rel_seq of its payload: [seq, end); equal if it has none */
	int64_t ack;		/* rel_ack, if has_ack */
	uint32_t tsval;		/* if has_tsval */
	uint16_t win;
	uint16_t ip_id;		/* if has_ip_id */
	uint8_t flags;
	int64_t dsn;		/* relative DSN of its first byte, if has_dsn */
	bool has_ack, has_tsval, has_ip_id, has_dsn;
};

/* What is read of TSV for it. */
#define PASSAGE_COLUMNS (COLUMN(PKT) | COLUMN(TIME_NS) | COLUMN(FLAGS) | COLUMN(WIN) | \
			 COLUMN(LEN) | COLUMN(REL_SEQ) | COLUMN(REL_ACK) | \
			 COLUMN(TSVAL) | COLUMN(IP_ID) | COLUMN(DSN))

/* Its numbers as the capture has them; at_ns is its own time. */
struct passage passage_of(const struct segment *seg);

/* The same bytes in both: it may be the same packet, or a copy. */
static inline bool passage_same_bytes(const struct passage *a, const struct passage *b)
{
	return a->seq == b->seq && a->end == b->end;
}

/*
 * Whether they are one packet, captured twice in one place: a host that sends
 * something again gives it another IPv4 identification.
 */
bool passage_twins(const struct passage *a, const struct passage *b);

#endif
