#include "keys.h"

#include "conn.h"
#include "mptcp_key.h"
#include "seq.h"

/* How far data may be from the IDSN, of 32-bit numbers as far as they tell anything. */
#define NEAR ((uint64_t)DSN_FAR)
#define NEAR_32 (UINT64_C(1) << 30)

static uint64_t distance(uint64_t a, uint64_t b, bool wide)
{
	int64_t d = wide ? seq_minus((int64_t)b, (int64_t)a)
			 : seq_ahead((uint32_t)a, (uint32_t)b);

	return d < 0 ? -(uint64_t)d : (uint64_t)d;
}

/* A group of JOINs to a token whose key was not known, or NULL. */
static struct conn_side *waiting_group(struct conns *t, const struct conn *c,
				       uint32_t token)
{
	struct conn_side *side;
	size_t at = 0;

	while ((side = conn_next_token(t, token, &at)))
		if (conn_of(side) != c && !side->has_key)
			break;
	return side;
}

/* The key of a side, that it is found by; its token finds JOINs that came before. */
static void set_key(struct conns *t, struct conn_side *side, uint64_t key,
		    uint32_t token)
{
	unsigned role = conn_side_role(side);
	struct conn_side *group;

	conn_drop_rival(t, side);
	side->key = key;
	side->has_key = true;
	conn_set_token(t, side, token);
	while ((group = waiting_group(t, conn_of(side), token)))
		conn_absorb(t, conn_of(side), conn_of(group),
			    conn_side_role(group) != role);
}

void keys_take(struct conns *t, struct conn *c, unsigned role, uint64_t key, bool anew)
{
	struct conn_side *side = &c->side[role];
	bool replaces = !side->has_key || (anew && !c->established);
	struct mptcp_digest d;

	if (side->has_key && side->key == key)
		return;
	if (!replaces && (side->proved || side_doubts(side)->has_rival))
		return;
	d = mptcp_digest(c->version, key);
	if (!replaces) {
		conn_set_rival(t, side, key, d.token);
		return;
	}
	side->proved = false;
	if (side_doubts(side)->has_odd)
		side_doubts_of(side)->has_odd = false;
	conn_renumber(t, c, role, d.idsn + 1);
	set_key(t, side, key, d.token);
}

void keys_take_late(struct conns *t, struct conn *c, unsigned role, uint64_t key)
{
	struct conn_side *side = &c->side[role];

	for (uint8_t version = 0; !side->has_key && version < 2; version++) {
		struct mptcp_digest d = mptcp_digest(version, key);

		if (!(side->base_wide && side->base - d.idsn < NEAR) &&
		    !(side->has_token && side->token == d.token))
			continue;
		c->version = version;
		c->has_version = true;
		side->proved = true;
		set_key(t, side, key, d.token);
	}
}

/* The rival proved right, or wrong. What was numbered so far is at IDSN + 1 of either. */
static void decide(struct conns *t, struct conn_side *side, bool rival)
{
	side->proved = true;
	if (rival) {
		uint64_t key = side_doubts(side)->rival;
		struct mptcp_digest d = mptcp_digest(conn_of(side)->version, key);

		conn_set_base(t, side, d.idsn + 1, true);
		set_key(t, side, key, d.token);
	}
	conn_drop_rival(t, side);
}

/* Neither key fits. A second number like it shows that it was no accident. */
static void doubt(struct conns *t, struct conn_side *side, uint64_t raw)
{
	struct side_doubts *d = side_doubts_of(side);

	if (d->has_odd && distance(d->odd, raw, true) < NEAR) {
		conn_drop_rival(t, side);
		conn_drop_token(t, side);
		side->has_key = false;
		conn_set_base(t, side, d->odd, true);
	}
	d->has_odd = true;
	d->odd = raw - (uint64_t)side->next;	/* behind data that MP_CAPABLE mapped */
}

void keys_prove_number(struct conns *t, struct conn_side *side, uint64_t raw, bool wide)
{
	uint64_t near = wide ? NEAR : NEAR_32, own, other = UINT64_MAX;

	if (!side->has_key || side->proved)
		return;
	own = distance(side->base, raw, wide);
	if (side_doubts(side)->has_rival)
		other = distance(mptcp_digest(conn_of(side)->version, side_doubts(side)->rival).idsn + 1,
				 raw, wide);
	if (own < near || other < near)
		decide(t, side, other < own);
	else if (wide)
		doubt(t, side, raw);
}

void keys_prove_token(struct conns *t, struct conn_side *side, uint32_t token)
{
	const struct side_doubts *d = side_doubts(side);

	if (d->has_rival && (token == side->token || token == d->rival_token))
		decide(t, side, token == d->rival_token);
}

bool keys_prove_hmac(struct conns *t, struct conn *c, keys_fit *fits, const void *arg)
{
	/* bits 1 << role: with its rival */
	unsigned rivals = side_doubts(&c->side[CLIENT])->has_rival |
			  (unsigned)side_doubts(&c->side[SERVER])->has_rival << 1;

	for (unsigned with = 0; with < 4; with++) {
		uint64_t key[2];

		if (with & ~rivals)
			continue;
		for (unsigned role = 0; role < 2; role++)
			key[role] = with >> role & 1 ? c->doubts[role].rival : c->side[role].key;
		if (!fits(arg, key))
			continue;
		for (unsigned role = 0; role < 2; role++)
			if (!c->side[role].proved)
				decide(t, &c->side[role], with >> role & 1);
		return true;
	}
	return false;
}
