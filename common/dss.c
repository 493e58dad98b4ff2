#include "dss.h"

#include "column.h"
#include "conn.h"
#include "keys.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/* Whose bytes are being located: what mapping_located gets as its argument. */
struct whose {
	struct conns *t;
	struct subflow *subflow;
	unsigned from;
};

static void located(void *arg, int64_t seq, int64_t dsn, int64_t len,
		    const struct mapping_wait *late)
{
	struct whose *w = arg;

	w->t->hooks.sent(w->t->hooks.arg, w->subflow, w->from, seq, dsn, len, late);
}

/* Returns whether it agrees with what was mapped before. */
static bool map_bytes(struct conns *t, struct subflow *f, unsigned from,
		      int64_t seq, int64_t len, int64_t dsn)
{
	struct whose w = { t, f, from };

	return mapping_add(&f->map[from], seq, len, dsn,
			   t->hooks.sent ? located : NULL, &w);
}

void dss_fall_back(struct conns *t, struct subflow *f, unsigned reason)
{
	f->conn->fallback = (uint8_t)reason;
	for (unsigned end = 0; end < 2; end++) {
		struct whose w = { t, f, end };

		mapping_extend(&f->map[end],
			       -1 - (int64_t)f->stream->side[end].syn_taken,
			       t->hooks.sent ? located : NULL, &w);
	}
}

/*
 * The relative DSN of a raw one. The first one seen is relative DSN 0 where
 * no key says better; 32-bit ones are taken nearest to what was reached.
 */
static int64_t relative(struct conns *t, struct conn_side *side, uint64_t raw,
			bool wide)
{
	uint64_t ref;

	if (!side->based) {
		conn_set_base(t, side, raw, wide);
	} else if (wide && !side->base_wide) {
		int32_t ahead = seq_ahead((uint32_t)side->base, (uint32_t)raw);

		conn_set_base(t, side, raw - (uint64_t)(int64_t)ahead, true);
	}
	if (wide)
		return (int64_t)(raw - side->base);
	ref = (uint64_t)(side->next > side->acked ? side->next : side->acked);
	return (int64_t)seq_unwrap(ref, (uint32_t)raw - (uint32_t)side->base);
}

/* TSV gave the relative number: what it is relative to follows. */
static void learn_base(struct conns *t, struct conn_side *side, uint64_t raw,
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

	if (!conn_is_guess(c) || c->side[role].indexed)
		return;
	near = conn_near_dsn(t, c, raw);
	if (!near)
		return;
	near_role = conn_side_role(near);
	conn_absorb(t, conn_of(near), c, near_role != role);
}

/* Set map_dsn and map_seq of an option with a mapping. */
static void number_mapping(struct conns *t, struct subflow *f,
			   const struct segment *seg, unsigned from,
			   struct mptcp_option *o)
{
	struct conn_side *side;
	bool capable = o->subtype == MP_CAPABLE;
	uint32_t ssn = capable ? 1 : o->ssn;

	side = &f->conn->side[subflow_role(f, from)];
	/* MP_CAPABLE maps from the first byte of data on, SSN 1, RFC 8684 3.1 */
	o->map_dsn = capable ? 0 : relative(t, side, o->dsn, o->dsn_wide);
	if (!conn_plausible_dsn(side, o->map_dsn))
		return;
	o->has |= HAS_MAP_DSN;
	if (o->has & HAS_DATA_FIN && o->data_fin && o->data_len == 1)
		return;
	if (dss_map_seq(f, seg, from, ssn, o->data_len, &o->map_seq))
		o->has |= HAS_MAP_SEQ;
}

static void apply_mapping(struct conns *t, struct subflow *f,
			  const struct segment *seg, unsigned from,
			  const struct mptcp_option *o)
{
	struct conn_side *side = &f->conn->side[subflow_role(f, from)];
	int64_t fin = o->has & HAS_DATA_FIN && o->data_fin;
	int64_t end = o->map_dsn + o->data_len;
	bool agrees = true;

	if (seg->tracked && o->has & HAS_DSN)
		learn_base(t, side, o->dsn, o->dsn_wide, o->map_dsn);
	if (fin) {
		side->fin = true;
		side->fin_dsn = end - 1;
	}
	if (side->next < end)
		side->next = end;
	conn_index_dsn(t, side);
	if (o->has & HAS_MAP_SEQ && o->data_len == 0) {
		map_bytes(t, f, from, o->map_seq, MAPPING_FOREVER - o->map_seq,
			  o->map_dsn);
		dss_fall_back(t, f, FALLBACK_INFINITE_MAPPING);
	} else if (o->has & HAS_MAP_SEQ) {
		agrees = map_bytes(t, f, from, o->map_seq, o->data_len - fin,
				   o->map_dsn);
	}
	if (t->hooks.mapped)
		t->hooks.mapped(t->hooks.arg, f, from, o, agrees);
}

/* Rows of TSV have relative numbers; the raw ones matter until these are tied to them. */
static void fetch_raw(const struct conn *c, unsigned role, struct segment *seg,
		      uint64_t column)
{
	const struct conn_side *side = &c->side[role];

	if (seg->tracked && (conn_is_guess(c) || !side->base_wide ||
			     (side->has_key && !side->proved)))
		column_fetch(seg, column);
}

static void observe_ack(struct conns *t, struct subflow *f, struct segment *seg,
			unsigned from, const struct mptcp_option *o)
{
	unsigned role = !subflow_role(f, from);
	struct conn_side *side;

	fetch_raw(f->conn, role, seg, COLUMN(DSS_ACK));
	if (o->has & HAS_DATA_ACK && o->ack_wide) {
		find_kin(t, f, role, o->data_ack);
		role = !subflow_role(f, from);
	}
	side = &f->conn->side[role];
	if (o->has & HAS_DATA_ACK)
		keys_prove_number(t, side, o->data_ack, o->ack_wide);
	if (!seg->tracked && o->has & HAS_DATA_ACK) {
		seg->dack = relative(t, side, o->data_ack, o->ack_wide);
		if (conn_plausible_dsn(side, seg->dack))
			seg->has |= COLUMN(DACK);
	}
	if (!(seg->has & COLUMN(DACK)))
		return;
	if (seg->tracked && o->has & HAS_DATA_ACK)
		learn_base(t, side, o->data_ack, o->ack_wide, seg->dack);
	dss_take_ack(t, f, seg, role);
}

static void observe_mapping(struct conns *t, struct subflow *f,
			    struct segment *seg, unsigned from,
			    struct mptcp_option *o)
{
	if (!(o->has & HAS_DATA_LEN))
		return;
	if (o->subtype == MP_DSS) {
		fetch_raw(f->conn, subflow_role(f, from), seg, COLUMN(DSS_DSN));
		if (o->has & HAS_DSN && o->dsn_wide)
			find_kin(t, f, subflow_role(f, from), o->dsn);
		if (o->has & HAS_DSN)
			keys_prove_number(t, &f->conn->side[subflow_role(f, from)],
					  o->dsn, o->dsn_wide);
	}
	if (!seg->tracked && (o->subtype == MP_CAPABLE || o->has & HAS_DSN))
		number_mapping(t, f, seg, from, o);
	if (!(o->has & HAS_MAP_DSN))
		return;
	if (f->conn->checksum < 0)
		f->conn->checksum = (o->has & HAS_CSUM) != 0;
	if (seg->len && !f->bad_hmac)
		subflow_establish(f);
	apply_mapping(t, f, seg, from, o);
}

/* The data in the SYN was accepted: it stands before the first mapped byte. */
static void observe_syn_data(struct conns *t, struct subflow *f,
			     const struct segment *seg)
{
	const struct stream_side *side = &f->stream->side[f->client];
	struct whose w = { t, f, f->client };
	struct mapping_wait syn = { .time_ns = seg->time_ns };

	if (f->syn_data_told || !side->syn_taken || f->kind != SUBFLOW_INITIAL ||
	    f->conn->plain)
		return;
	f->syn_data_told = true;
	if (t->hooks.sent)
		located(&w, 1, -(int64_t)side->syn_taken, side->syn_taken, &syn);
}

static void observe_payload(struct conns *t, struct subflow *f,
			    struct segment *seg, unsigned from)
{
	struct mapping *m = &f->map[from];
	struct whose w = { t, f, from };
	int64_t seq = segment_payload(seg), dsn;
	struct mapping_wait now = { { seq, seq + seg->len }, seg->time_ns, seg->pkt, false };

	if (f->conn->plain) {	/* its data is the subflow's */
		if (t->hooks.sent)
			located(&w, seq, seq - 1, seg->len, NULL);
		return;
	}
	if (seg->flags & TCP_SYN)
		return;
	if (mapping_find(m, seq, &dsn)) {
		if (!seg->tracked) {
			seg->dsn = dsn;
			seg->has |= COLUMN(DSN);
		}
	} else if (seg->has & COLUMN(DSN)) {
		/* the row that told where it belongs was left out of the TSV */
		map_bytes(t, f, from, seq, seg->len, seg->dsn);
	} else if (!seg->opt.mptcps && !subflow_rarities(f)->bare[from] &&
		   seq >= f->stream->side[from].acked) {
		subflow_rarities_of(f)->bare[from] = seq;
	}
	if (t->hooks.sent)
		mapping_locate(m, &now, located, &w);
}

/*
 * Whether a DSS shows that the subflow is established: on a join, the host that
 * was joined sends one only after a valid ACK (RFC 8684 3.2), captured or not.
 */
static bool proves(const struct subflow *f, const struct segment *seg, unsigned from)
{
	return f->kind != SUBFLOW_JOIN ||
	       (from != f->opener && !f->bad_hmac && !(seg->flags & TCP_RST));
}

void dss_observe(struct conns *t, struct subflow *f, struct segment *seg,
		 unsigned from)
{
	observe_syn_data(t, f, seg);
	for (unsigned i = 0; i < seg->opt.mptcps && !(seg->flags & TCP_SYN); i++) {
		struct mptcp_option *o = &seg->opt.mptcp[i];

		if (o->subtype != MP_DSS && o->subtype != MP_CAPABLE)
			continue;
		if (o->subtype == MP_DSS && proves(f, seg, from))
			subflow_establish(f);
		if (o->subtype == MP_DSS)
			observe_ack(t, f, seg, from, o);
		observe_mapping(t, f, seg, from, o);
		seg->opt.mptcp_has |= o->has;
	}
	segment_update_has(seg);
	if (seg->len && seg->has & COLUMN(REL_SEQ))
		observe_payload(t, f, seg, from);
	if (seg->has & COLUMN(REL_ACK))
		mapping_trim(&f->map[!from], seg->rel_ack);
}
