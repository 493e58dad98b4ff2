/* Connections by their data sequence numbers, and what names and ends them. */
#include "conn.h"

#include "mptcp_key.h"
#include "seq.h"

enum { NEAR = 1 << 30 };	/* how far apart two DSNs of one connection may be */

void conn_reindex_dsn(struct conns *t, struct conn_side *side)
{
	uint32_t high = (uint32_t)(side_reached_raw(side) >> 32);

	if (!side->base_wide)
		return;
	if (side->indexed)
		map_remove(&t->dsns, map_hash(&t->dsns, &side->high,
					      sizeof(side->high)), side);
	side->high = high;
	side->indexed = true;
	map_add_few(&t->dsns, map_hash(&t->dsns, &high, sizeof(high)), side);
}

void conn_set_base(struct conns *t, struct conn_side *side, uint64_t base, bool wide)
{
	side->base = base;
	side->based = true;
	side->base_wide = wide;
	conn_index_dsn(t, side);
}

/* Of most captures it is never asked for: they have all that came before. */
static void index_all(struct conns *t)
{
	map_init(&t->dsns);
	for (struct conn *c = t->first; c; c = c->next)
		for (unsigned role = 0; role < 2; role++)
			conn_index_dsn(t, &c->side[role]);
}

struct conn_side *conn_near_dsn(struct conns *t, const struct conn *other,
				uint64_t dsn)
{
	if (!t->dsns.slots)
		index_all(t);
	for (int i = -1; i <= 1; i++) {
		uint32_t high = (uint32_t)(dsn >> 32) + (uint32_t)i;
		uint32_t hash = map_hash(&t->dsns, &high, sizeof(high));
		struct conn_side *side;
		size_t at = 0;

		while ((side = map_next(&t->dsns, hash, &at))) {
			int64_t ahead = (int64_t)(dsn - side_reached_raw(side));

			if (conn_of(side) != other && ahead > -NEAR && ahead < NEAR)
				return side;
		}
	}
	return NULL;
}

bool conn_far_dsn_plausible(struct conn_side *side, int64_t v)
{
	struct side_doubts *d;

	if (!seq_is_sane(v))
		return false;
	d = side_doubts_of(side);
	if (d->doubted && seq_minus(v, d->doubt) < DSN_STEP &&
	    seq_minus(v, d->doubt) > -DSN_STEP) {
		d->doubted = false;
		return true;
	}
	d->doubted = true;
	d->doubt = v;
	return false;
}

/*
 * The same in every capture of the connection, whatever NAT did: from both
 * keys; without them, or when it fell back in the handshake and one end may not
 * have seen both, from both ISNs of the first subflow; of a capture that began
 * later, from the upper 24 bits of the DSNs of both directions, which
 * stay for 1 TB; failing all, from what one side shows.
 */
uint64_t conn_id(const struct conn *c)
{
	const struct conn_side *a = &c->side[CLIENT], *b = &c->side[SERVER];

	bool early = c->fallback && c->fallback != FALLBACK_INFINITE_MAPPING;

	if (a->has_key && b->has_key && !early)
		return mptcp_name('k', a->key, b->key);
	if (c->has_isn == 3)
		return mptcp_name('i', c->isn[CLIENT], c->isn[SERVER]);
	if (a->base_wide && b->base_wide)
		return mptcp_name('d', side_reached_raw(a) >> 40, side_reached_raw(b) >> 40);
	if (a->has_key || b->has_key)
		return mptcp_name('h', a->has_key ? a->key : 0,
				  b->has_key ? b->key : 0);
	if (c->has_isn)
		return mptcp_name('s', c->isn[CLIENT], c->isn[SERVER]);
	if (a->has_token || b->has_token)
		return mptcp_name('t', a->has_token ? a->token : 0,
				  b->has_token ? b->token : 0);
	return mptcp_name('p', side_port(a), side_port(b));
}

/* Whether nothing is left of it but resets. */
static bool all_reset(const struct conn *c)
{
	return c->established ? c->resets == c->established : c->initial_reset;
}

const char *conn_close(const struct conn *c)
{
	bool client = c->side[CLIENT].fin, server = c->side[SERVER].fin;

	if (c->fastclose)
		return "fastclose";
	if (conn_closed(c))
		return "data_fin";
	if (all_reset(c))
		return "reset";
	return client || server || c->half_finished ? "half_closed" : "open";
}

const char *conn_fallback(const struct conn *c)
{
	static const char *const reason[] = {
		[FALLBACK_NONE] = "",
		[FALLBACK_NO_CAPABLE_SYNACK] = "no_capable_synack",
		[FALLBACK_SYN_DOWNGRADED] = "syn_downgraded",
		[FALLBACK_VERSION_MISMATCH] = "version_mismatch",
		[FALLBACK_OPTIONS_LOST] = "options_lost",
		[FALLBACK_INFINITE_MAPPING] = "infinite_mapping",
	};

	return reason[c->fallback];
}
