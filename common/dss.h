/*
 * Data sequence numbers: what DSS options and MP_CAPABLE with data say about
 * the data a subflow carries (RFC 8684 3.3), in relative 64-bit numbers.
 */
#ifndef DSS_H
#define DSS_H

#include <stdbool.h>
#include <stdint.h>

struct conn_side;
struct conns;
struct segment;
struct subflow;

/* What is looked at only until relative numbers are tied to raw ones. */
#define DSS_COLUMNS (COLUMN(DSS_DSN) | COLUMN(DSS_ACK))

/*
 * Take in the mappings, data ACKs and the payload of a segment that `from`, an
 * end of the stream, sent: sets dsn, dack and the options' map_seq and map_dsn
 * unless TSV gave them, and tells the hooks of `t` what data was seen.
 */
void dss_observe(struct conns *t, struct subflow *f, struct segment *seg,
		 unsigned from);

/*
 * The connection is TCP from now on, for this reason (enum fallback): its
 * mappings go on without end (RFC 8684 3.7).
 */
void dss_fall_back(struct conns *t, struct subflow *f, unsigned reason);

/*
 * For dss.c, in dss_offset.c: how much less an SSN is than rel_seq, by this segment
 * and earlier ones from whose mappings, here of `mapped` bytes, they are; false if
 * that can't be told yet.
 */
bool dss_infer_offset(struct subflow *f, const struct segment *seg, unsigned from,
		      uint32_t ssn, uint32_t mapped, uint32_t *offset);

/*
 * In dss_raw.c: the relative DSN of a raw one, of 8 bytes if `wide`; what a raw and
 * a relative one that is believed say together; what a raw one of the data that the
 * end `from` sends tells of the connection, which may prove to be part of another.
 */
int64_t dss_relate(const struct conn_side *side, uint64_t raw, bool wide);
void dss_learn_base(struct conns *t, struct conn_side *side, uint64_t raw, bool wide,
		    int64_t rel);
void dss_learn_raw(struct conns *t, struct subflow *f, unsigned from, uint64_t raw,
		   bool wide);

/* The same: the data ACK of this segment is for the data of `role`. */
void dss_take_ack(struct conns *t, struct subflow *f, const struct segment *seg,
		  unsigned role);

/*
 * For dss.c, in dss_bytes.c: map `len` bytes that `from` sends, from rel_seq `seq`
 * on, to data, unless MPTCP was refused; returns whether it agrees with what was
 * mapped before. Tell of the data in the SYN, if it is to be told of. Tell which
 * data the payload is.
 */
bool dss_map(struct conns *t, struct subflow *f, unsigned from, int64_t seq,
	     int64_t len, int64_t dsn);
void dss_tell_syn_data(struct conns *t, struct subflow *f, const struct segment *seg);
void dss_locate(struct conns *t, struct subflow *f, struct segment *seg, unsigned from);

#endif
