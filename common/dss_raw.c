/* Raw data sequence numbers: what they are relative to, and what they tell. */
#include "conn.h"
#include "dss.h"
#include "keys.h"
#include "seq.h"

/*
 * The first one seen is relative DSN 0 where no key says better; 32-bit ones are
 * taken nearest to what was reached.
 */
int64_t dss_relate(const struct conn_side *side, uint64_t raw, bool wide)
{
	if (!side->based)
		return 0;
	if (wide && side->base_wide)
		return (int64_t)(raw - side->base);
	return (int64_t)seq_unwrap((uint64_t)side_reached(side), (uint32_t)raw - (uint32_t)side->base);
}

void dss_learn_base(struct conns *t, struct conn_side *side, uint64_t raw,
		    bool wide, int64_t rel)
{
	if (side->based && (side->base_wide || !wide))
		return;
	conn_set_base(t, side, wide ? raw - (uint64_t)rel
				    : (uint32_t)raw - (uint32_t)rel, wide);
}

/*
 * A connection of which no key was captured: its DSNs may go on where those of
 * another one are, which it is then part of.
 */
static void find_kin(struct conns *t, struct subflow *f, unsigned role,
		     uint64_t raw)
{
	struct conn *c = f->conn;
	struct conn_side *near;
	unsigned near_role;

	if (!conn_is_guess(c) || c->side[role].base_wide)
		return;
	near = conn_near_dsn(t, c, raw);
	if (!near)
		return;
	near_role = conn_side_role(near);
	conn_absorb(t, conn_of(near), c, near_role != role);
}

void dss_learn_raw(struct conns *t, struct subflow *f, unsigned from, uint64_t raw,
		   bool wide)
{
	if (wide)
		find_kin(t, f, subflow_role(f, from), raw);
	keys_prove_number(t, &f->conn->side[subflow_role(f, from)], raw, wide);
}
