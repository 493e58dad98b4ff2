/* Where subflow sequence numbers count from, seen in a handshake or inferred. */
#include "conn.h"
#include "dss.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/*
 * SSNs count from the ISN, less what a SYN with data took (RFC 8684 app. B).
 * Without a captured SYN the mappings themselves show the ISN: one that a
 * segment lies in can't begin behind that segment nor end before its end.
 */
static void bound_offset(struct ssn_offset *o, const struct segment *seg,
			 uint32_t ssn, uint32_t mapped)
{
	uint32_t high = (uint32_t)seg->rel_seq - ssn;
	uint32_t low = high - (mapped - seg->len);

	if (seg->len == 0 || seg->len > mapped)
		return;
	if (!o->set || seq_ahead(o->low, high) < 0 || seq_ahead(low, o->high) < 0) {
		*o = (struct ssn_offset){ true, low, high };
		return;
	}
	if (seq_ahead(o->low, low) > 0)
		o->low = low;
	if (seq_ahead(o->high, high) < 0)
		o->high = high;
}

bool dss_map_seq(struct subflow *f, const struct segment *seg, unsigned from,
		 uint32_t ssn, uint32_t mapped, int64_t *seq)
{
	const struct stream_side *side = &f->stream->side[from];
	uint32_t offset = side->syn_taken;

	if (!side->syn) {
		struct ssn_offset *o = &subflow_rarities_of(f)->offset[from];

		bound_offset(o, seg, ssn, mapped);
		if (!o->set || o->low != o->high)
			return false;
		offset = o->low;
	}
	*seq = seg->rel_seq + seq_ahead((uint32_t)seg->rel_seq, ssn + offset);
	return true;
}
