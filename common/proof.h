/*
 * What the options of a connection prove: keys, tokens, initial DSNs, HMACs.
 * Each check goes into the event it belongs to, with what was checked.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct conn_side;
struct event;
struct mptcp_option;
struct record;
struct subflow;

/* The keys in an MP_CAPABLE of `role` against those of earlier packets, RFC 8684 3.1. */
void proof_keys(struct event *e, const struct record *r, unsigned role,
		const struct mptcp_option *o);

/* The token of a JOIN SYN against the key of the host that it goes to, 3.2. */
void proof_token(struct event *e, const struct conn_side *owner, uint32_t token);

/* The HMAC of a JOIN's SYN/ACK, or of its ACK, 3.2. */
void proof_join(struct event *e, const struct subflow *f, bool ack);

/* The HMAC of an ADD_ADDR that `role` sent, 3.4.1. */
void proof_add_addr(struct event *e, const struct conn *c, unsigned role,
		    const struct mptcp_option *o);

/* The key in an MP_FASTCLOSE to this host, 3.5. */
void proof_fastclose(struct event *e, const struct conn_side *to,
		     const struct mptcp_option *o);

/*
 * The relative DSN of the first data that `role` sent against the initial DSN
 * that its key gives; `implied`: by MP_CAPABLE.
 */
void proof_first_dsn(struct event *e, const struct conn *c, unsigned role,
		     int64_t dsn, bool implied);

#endif
