/*
 * A protocol event: the record that the log of events is made of. It is begun
 * from the segment in hand, filled, and handed to whoever reads the log.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "mptcp_key.h"

struct conn;
struct segment;
struct stream;
struct subflow;

enum event_kind {
	EVENT_SYN_CAPABLE, EVENT_CAPABLE, EVENT_JOIN_SYN, EVENT_JOIN_SYNACK,
	EVENT_JOIN_ACK, EVENT_JOINED, EVENT_JOIN_FAILED, EVENT_ADD_ADDR,
	EVENT_ADD_ADDR_ECHO, EVENT_REMOVE_ADDR, EVENT_PRIO, EVENT_FIRST_DATA,
	EVENT_DATA_FIN, EVENT_DATA_FIN_ACKED, EVENT_MP_FAIL,
	EVENT_INFINITE_MAPPING, EVENT_FALLBACK, EVENT_FASTCLOSE, EVENT_TCPRST,
	EVENT_SUBFLOW_FIN, EVENT_SUBFLOW_RST, EVENT_STALL, EVENT_RESUME,
	EVENT_MAPPING_CONFLICT, EVENT_MAPPING_GAP, EVENT_CHECKSUM_OK,
	EVENT_CHECKSUM_BAD, EVENT_CLOSED, EVENT_VIOLATION, EVENT_KINDS
};

enum { EVENT_VALUE_MAX = 48, EVENT_DETAIL_MAX = 400 };

/* Where in the capture something was. */
struct moment {
	int64_t time_ns, rel_ns;	/* as in segment.h */
	uint64_t pkt;
};

struct event {
	uint8_t kind;		/* enum event_kind */
	uint8_t verdict;	/* enum verdict: of all that was checked, the worst */
	bool has_conn, has_stream, has_end, has_addr_id;
	uint8_t dir;		/* who did it, as DIR_C2S or DIR_S2C */
	uint8_t addr_id;
	uint16_t port;		/* 0: none */
	struct moment at;
	uint32_t conn, stream;
	struct addr addr;	/* if has_end */
	char value[EVENT_VALUE_MAX];	/* "": none */
	char detail[EVENT_DETAIL_MAX];	/* for people; tab and newline free */
};

/* Who reads the log. */
struct event_log {
	const struct segment *seg;	/* the one in hand, not owned */
	void *arg;
	void (*event)(void *arg, const struct conn *, const struct event *);
};

/* As in the column `event`. */
const char *event_name(unsigned kind);

struct moment moment_of(const struct segment *seg);

/* The log, going on from an earlier segment; `then` is to be that, as far as events need it. */
struct event_log event_log_at(const struct event_log *l, struct segment *then,
			      const struct moment *at);

/* What happened to a stream, by its end `from`: with the address of that end. */
struct event event_of_stream(const struct event_log *l, unsigned kind,
			     const struct stream *s, unsigned from);

/* The same of a subflow: with connection, direction and address id too. */
struct event event_of(const struct event_log *l, unsigned kind,
		      const struct subflow *f, unsigned from);

/* What happened to the data that `role` sends. */
struct event event_of_data(const struct event_log *l, unsigned kind,
			   const struct conn *c, unsigned role);

/* Put into the column `value`; add to `detail`, behind "; " if there is something. */
__attribute__((format(printf, 2, 3)))
void event_value(struct event *e, const char *fmt, ...);
__attribute__((format(printf, 2, 3)))
void event_add(struct event *e, const char *fmt, ...);

/* One more check, and what it was, as for event_add(). */
__attribute__((format(printf, 3, 4)))
void event_check(struct event *e, enum verdict v, const char *fmt, ...);

/* Done: to the log. `c` may be NULL: of no connection. */
void event_say(const struct event_log *l, const struct conn *c, const struct event *e);

/* What the reason in an MP_TCPRST means, RFC 8684 3.6. */
const char *event_reason(unsigned reason);

/* An end of a stream as text, as in a URL; room for it. */
enum { END_TEXT_MAX = ADDR_TEXT_MAX + 8 };
const char *end_text(char text[END_TEXT_MAX], const struct addr *a, uint16_t port);

#endif
