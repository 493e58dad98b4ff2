/*
 * Which key is a host's own. MP_CAPABLE says keys again and echoes them (RFC
 * 8684 3.1). Where two differ one is wrong, and what is made of the right one
 * tells which: its IDSN numbers the data, its token is in JOINs.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct conn_side;
struct conns;

/*
 * An MP_CAPABLE says that `role` has this key. `anew`: in a SYN or SYN/ACK,
 * that begins the handshake once more if it isn't done.
 */
void keys_take(struct conns *t, struct conn *c, unsigned role, uint64_t key, bool anew);

/*
 * An MP_FASTCLOSE does, of a host whose key was not seen: it has to fit its
 * token or its data, in the version that it then shows.
 */
void keys_take_late(struct conns *t, struct conn *c, unsigned role, uint64_t key);

/*
 * A raw DSN of this side, or a data ACK for it: the first one decides between
 * two keys. If there is only one, and two 64-bit numbers agree with each other
 * but not with it, it is forgotten.
 */
void keys_prove_number(struct conns *t, struct conn_side *side, uint64_t raw, bool wide);

/* A JOIN to this side has this token: it decides as well. */
void keys_prove_token(struct conns *t, struct conn_side *side, uint32_t token);

/* Whether an HMAC is made of these keys, of client and server. */
typedef bool keys_fit(const void *arg, const uint64_t key[2]);

/* Whether it is of those of a connection; it decides as well. Both sides have one. */
bool keys_prove_hmac(struct conns *t, struct conn *c, keys_fit *fits, const void *arg);

#endif
