#include "dss.h"

#include "column.h"
#include "conn.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

static int64_t relative(const struct conn_side *side, uint64_t raw, bool wide)
{
	return wide && side->base_wide ? (int64_t)(raw - side->base)
				       : dss_relate(side, raw, wide);
}

/* Set map_dsn and map_seq of an option with a mapping of what `side` sends. */
static void number_mapping(struct conn_side *side, struct subflow *f,
			   const struct segment *seg, unsigned from,
			   struct mptcp_option *o)
{
	const struct stream_side *sender = &f->stream->side[from];
	bool capable = o->subtype == MP_CAPABLE;
	/* MP_CAPABLE maps from the first byte of data on, SSN 1, RFC 8684 3.1 */
	uint32_t ssn = capable ? 1 : o->ssn, offset = sender->syn_taken;

	o->map_dsn = capable ? 0 : relative(side, o->dsn, o->dsn_wide);
	if (!conn_plausible_dsn(side, o->map_dsn))
		return;
	o->has |= HAS_MAP_DSN;
	if (o->has & HAS_DATA_FIN && o->data_fin && o->data_len == 1)
		return;
	if (!sender->syn && !dss_infer_offset(f, seg, from, ssn, o->data_len, &offset))
		return;
	o->map_seq = seg->rel_seq + seq_ahead((uint32_t)seg->rel_seq, ssn + offset);
	o->has |= HAS_MAP_SEQ;
}

static void apply_mapping(struct conns *t, struct conn_side *side, struct subflow *f,
			  unsigned from, const struct mptcp_option *o)
{
	int64_t fin = o->has & HAS_DATA_FIN && o->data_fin;
	int64_t end = o->map_dsn + o->data_len;
	bool agrees = true;

	if (!side->base_wide && o->has & HAS_DSN)
		dss_learn_base(t, side, o->dsn, o->dsn_wide, o->map_dsn);
	if (fin) {
		side->fin = true;
		side->fin_dsn = end - 1;
	}
	if (side->next < end)
		side->next = end;
	conn_index_dsn(t, side);
	if (o->has & HAS_MAP_SEQ && o->data_len == 0) {
		dss_map(t, f, from, o->map_seq, MAPPING_FOREVER - o->map_seq,
			o->map_dsn);
		dss_fall_back(t, f, FALLBACK_INFINITE_MAPPING);
	} else if (o->has & HAS_MAP_SEQ) {
		agrees = dss_map(t, f, from, o->map_seq, o->data_len - fin,
				 o->map_dsn);
	}
	if (t->hooks.mapped)
		t->hooks.mapped(t->hooks.arg, f, from, o, agrees);
}

/* Rows of TSV have relative numbers; the raw ones matter until these are tied to them. */
static void fetch_raw(const struct conn *c, unsigned role, struct segment *seg,
		      uint64_t column)
{
	if (seg->tracked && (conn_is_guess(c) || !side_is_tied(&c->side[role])))
		column_fetch(seg, column);
}

static void observe_ack(struct conns *t, struct subflow *f, struct segment *seg,
			unsigned from, const struct mptcp_option *o)
{
	unsigned role = !subflow_role(f, from);
	struct conn_side *side = &f->conn->side[role];

	fetch_raw(f->conn, role, seg, COLUMN(DSS_ACK));
	if (o->has & HAS_DATA_ACK && !side_is_tied(side)) {
		dss_learn_raw(t, f, !from, o->data_ack, o->ack_wide);
		role = !subflow_role(f, from);
		side = &f->conn->side[role];
	}
	if (!seg->tracked && o->has & HAS_DATA_ACK) {
		seg->dack = relative(side, o->data_ack, o->ack_wide);
		if (conn_plausible_dsn(side, seg->dack))
			seg->has |= COLUMN(DACK);
	}
	if (!(seg->has & COLUMN(DACK)))
		return;
	if (!side->base_wide && o->has & HAS_DATA_ACK)
		dss_learn_base(t, side, o->data_ack, o->ack_wide, seg->dack);
	dss_take_ack(t, f, seg, role);
}

static void observe_mapping(struct conns *t, struct subflow *f,
			    struct segment *seg, unsigned from,
			    struct mptcp_option *o)
{
	unsigned role = subflow_role(f, from);
	struct conn_side *side = &f->conn->side[role];

	if (!(o->has & HAS_DATA_LEN))
		return;
	if (o->subtype == MP_DSS) {
		fetch_raw(f->conn, role, seg, COLUMN(DSS_DSN));
		if (o->has & HAS_DSN && !side_is_tied(side)) {
			dss_learn_raw(t, f, from, o->dsn, o->dsn_wide);
			side = &f->conn->side[subflow_role(f, from)];
		}
	}
	if (!seg->tracked && (o->subtype == MP_CAPABLE || o->has & HAS_DSN))
		number_mapping(side, f, seg, from, o);
	if (!(o->has & HAS_MAP_DSN))
		return;
	if (f->conn->checksum < 0)
		f->conn->checksum = (o->has & HAS_CSUM) != 0;
	if (!f->established && seg->len && !f->bad_hmac)
		subflow_establish(f);
	apply_mapping(t, side, f, from, o);
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

static void observe_option(struct conns *t, struct subflow *f, struct segment *seg,
			   unsigned from, struct mptcp_option *o)
{
	if (o->subtype == MP_DSS) {
		if (!f->established && proves(f, seg, from))
			subflow_establish(f);
		observe_ack(t, f, seg, from, o);
	} else if (o->subtype != MP_CAPABLE) {
		return;
	}
	observe_mapping(t, f, seg, from, o);
	seg->opt.mptcp_has |= o->has;
}

void dss_observe(struct conns *t, struct subflow *f, struct segment *seg,
		 unsigned from)
{
	if (f->stream->side[f->client].syn_taken && !f->syn_data_told)
		dss_tell_syn_data(t, f, seg);
	if (!(seg->flags & TCP_SYN))
		for (unsigned i = 0; i < seg->opt.mptcps; i++)
			observe_option(t, f, seg, from, &seg->opt.mptcp[i]);
	segment_update_has(seg);
	if (seg->len && seg->has & COLUMN(REL_SEQ))
		dss_locate(t, f, seg, from);
	if (seg->has & COLUMN(REL_ACK))
		mapping_trim(&f->map[!from], seg->rel_ack);
}
