#include "hmac.h"

#include <string.h>

#include "conn.h"
#include "keys.h"
#include "mptcp_key.h"
#include "mptcp_option.h"

/* What an HMAC is made of but the keys, and what is there of it. */
struct made {
	const struct mptcp_option *o;
	const struct subflow *f;
	unsigned from, role;
	uint8_t version;
};

static bool fits_join(const void *arg, const uint64_t key[2])
{
	const struct made *m = arg;
	uint8_t hmac[HMAC_MAX];

	mptcp_join_hmac(m->version, key[m->role], key[!m->role], m->f->nonce[m->from],
			m->f->nonce[!m->from], hmac);
	return memcmp(m->o->hmac, hmac, m->o->hmac_len) == 0;
}

bool hmac_of_join(struct conns *t, struct conn *c, unsigned role,
		  const struct subflow *f, unsigned from, const struct mptcp_option *o)
{
	struct made made = { o, f, from, role, c->version };

	return keys_prove_hmac(t, c, fits_join, &made);
}

static bool fits_address(const void *arg, const uint64_t key[2])
{
	const struct made *m = arg;
	const struct mptcp_option *o = m->o;
	bool v4 = addr_is_v4(&o->address);
	uint8_t hmac[MPTCP_HMAC_MAX];

	mptcp_add_addr_hmac(key[m->role], key[!m->role], o->addr_id,
			    o->address.b + (v4 ? 12 : 0), v4 ? 4 : 16,
			    o->has & HAS_PORT ? o->port : 0, hmac);
	return memcmp(o->hmac, hmac + MPTCP_HMAC_MAX - 8, 8) == 0;
}

bool hmac_of_address(struct conns *t, struct conn *c, unsigned role,
		     const struct mptcp_option *o)
{
	struct made made = { .o = o, .role = role };

	return o->has & HAS_HMAC && o->has & HAS_ADDRESS &&
	       c->side[CLIENT].has_key && c->side[SERVER].has_key &&
	       keys_prove_hmac(t, c, fits_address, &made);
}
