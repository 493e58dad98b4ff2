/*
 * HMACs in options against the keys of their connection (RFC 8684 3.2, 3.4.1).
 * One that fits tells which keys are right, if several are said to be.
 */
#ifndef HMAC_H
#define HMAC_H

#include <stdbool.h>

struct conn;
struct conns;
struct mptcp_option;
struct subflow;

/*
 * Whether the HMAC in this MP_JOIN fits, of as many bytes as it has, that the end
 * `from` of a subflow made, in this role of the connection. Both keys are known.
 */
bool hmac_of_join(struct conns *t, struct conn *c, unsigned role,
		  const struct subflow *f, unsigned from, const struct mptcp_option *o);

/* That in an ADD_ADDR which `role` sent; also false if it can't be checked. */
bool hmac_of_address(struct conns *t, struct conn *c, unsigned role,
		     const struct mptcp_option *o);

#endif
