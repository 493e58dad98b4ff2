/*
 * The subflows of MPTCP connections, as records: made, moved from one
 * connection to another, forgotten with their streams.
 */
#ifndef SUBFLOW_H
#define SUBFLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "mapping.h"

struct conn;
struct conns;
struct stream;

enum { CLIENT = 0, SERVER = 1 };	/* the roles, and who sends in DIR_C2S, DIR_S2C */

enum subflow_kind { SUBFLOW_UNKNOWN, SUBFLOW_INITIAL, SUBFLOW_JOIN };

/* What few subflows have, see subflow_rarities(). */
struct subflow_rarities {
	int64_t bare[2];	/* by end: rel_seq of data without option or mapping; 0: none waits for its ACK */
	/* by end: rel_seq less SSN lies in [low, high], modulo 2^32; see dss_offset.c */
	struct ssn_offset {
		bool set;
		uint32_t low, high;
	} offset[2];
};

/* One subflow, for as long as its stream is remembered. */
struct subflow {
	struct stream *stream;
	struct conn *conn;
	struct subflow *prev, *next;	/* of the connection */
	struct subflow_rarities *rarities;	/* or NULL */
	struct mapping map[2];	/* by end of the stream */
	uint32_t number;	/* of the connection's subflows, in order of appearance from 0 */
	uint32_t nonce[2];	/* by end of the stream */
	uint32_t token;		/* of its JOIN SYN */
	uint8_t addr_id[2];	/* of the address of this end */
	uint8_t hmac[2];	/* enum verdict: of the HMAC in its SYN/ACK, and in its ACK */
	uint8_t client;		/* which end of the stream is the connection's client */
	uint8_t has_nonce : 2, has_addr_id : 2;	/* bits: 1 << end; as what follows: */
	uint8_t fin : 2;	/* counted */
	uint8_t backup : 2;	/* it asks to use this path only as a backup */
	uint8_t has_dss : 2;	/* it sent a DSS or later MP_CAPABLE */
	uint8_t opener : 1;	/* which end sent the SYN */
	uint8_t kind : 2;	/* enum subflow_kind */
	bool established : 1;
	bool reset : 1;		/* counted as ended by RST */
	bool bad_hmac : 1;	/* an HMAC of its JOIN proved wrong */
	bool syn_capable : 1;	/* the last SYN had MP_CAPABLE */
	bool failed : 1;	/* MP_FAIL was seen */
	bool syn_data_told : 1;	/* the hooks know of the data in its SYN */
};

extern const struct subflow_rarities subflow_no_rarities;

/* What is rare of a subflow, to be read, if only nothing; and to be added to. */
static inline const struct subflow_rarities *subflow_rarities(const struct subflow *f)
{
	return f->rarities ? f->rarities : &subflow_no_rarities;
}

struct subflow_rarities *subflow_rarities_of(struct subflow *f);

/* The role of the end `from` of a subflow's stream. */
static inline unsigned subflow_role(const struct subflow *f, unsigned from)
{
	return from == f->client ? CLIENT : SERVER;
}

/* Add a subflow to a connection. The addresses of the first one become its own. */
struct subflow *subflow_new(struct conn *c, struct stream *s, unsigned client);

/* Mark as established; as ended by a RST, or, as a SYN proves, not after all. */
void subflow_establish(struct subflow *f);
void subflow_set_reset(struct subflow *f, bool reset);

/* Whether this end asks to use the path only as a backup, RFC 8684 3.2 and 3.3.8. */
void subflow_set_backup(struct subflow *f, unsigned end, bool backup);

/* The stream is forgotten: its subflow too, and with the last one the connection. */
void subflow_forget(struct conns *t, struct stream *s);

/*
 * The subflow belongs to another connection after all, if it is not there already,
 * and this end of it is the client.
 */
void subflow_move(struct conns *t, struct subflow *f, struct conn *into, unsigned client);

/* For conn.c: give up its memory. In and out of the list of the connection. */
void subflow_free(struct subflow *f);
void subflow_link(struct conn *c, struct subflow *f);
void subflow_unlink(struct subflow *f);

/* How many bytes it takes. */
uint64_t subflow_weight(const struct subflow *f);

#endif
