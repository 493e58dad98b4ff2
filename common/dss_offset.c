/* Where subflow sequence numbers count from, where no handshake was seen. */
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

bool dss_infer_offset(struct subflow *f, const struct segment *seg, unsigned from,
		      uint32_t ssn, uint32_t mapped, uint32_t *offset)
{
	struct ssn_offset *o = &subflow_rarities_of(f)->offset[from];

	bound_offset(o, seg, ssn, mapped);
	*offset = o->low;
	return o->set && o->low == o->high;
}
