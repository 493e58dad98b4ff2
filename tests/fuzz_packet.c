/*
 * A frame to a segment. The first byte chooses the link type, the second one
 * says how many bytes the snapshot length cut off the end; the frame follows.
 */
#include "fuzz.h"

#include "capture.h"
#include "column.h"
#include "packet.h"
#include "segment.h"

/* tests/fuzz makes frames for these, in this order. */
static const int link_type[] = {
	1, 113, 276, 101, 12, 14, 228, 229, 0, 108, 9, 50, 51, 147,
};

/* Decode what was captured of a frame, from memory that ends there. */
static bool decode(struct segment *seg, int link, const uint8_t *data,
		   size_t len, size_t caplen)
{
	uint8_t *copy = malloc(caplen + !caplen);
	struct frame f = {
		.data = copy, .caplen = (uint32_t)caplen, .len = (uint32_t)len,
		.link = link, .time_ns = 1,
	};
	struct packet p;
	enum packet_kind kind;
	bool found;

	memcpy(copy, data, caplen);
	kind = packet_decode(&f, &p);
	CHECK((kind == PACKET_UNKNOWN_LINK) == (link == 147));
	found = kind == PACKET_TCP && segment_decode(seg, &f, &p);
	free(copy);
	return found;
}

static void check(struct segment *seg)
{
	static char row[1 << 16];
	uint8_t all[COLUMNS];

	CHECK(seg->opt.mptcps <= MPTCP_OPTIONS_MAX && seg->opt.sacks <= SACK_MAX);
	for (uint8_t i = 0; i < COLUMNS; i++)
		all[i] = i;
	column_write(row, seg, all, COLUMNS, "", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an MP_CAPABLE has no mapping if a DSS follows: it may be cut off */
	const uint32_t mapping = HAS_DATA_LEN | HAS_CSUM;
	static struct segment whole, cut;
	size_t len, caplen;
	int link;

	if (size < 2)
		return 0;
	link = link_type[data[0] % (sizeof(link_type) / sizeof(*link_type))];
	len = size - 2;
	caplen = data[1] < len ? len - data[1] : 0;
	whole.has = 0;
	if (decode(&whole, link, data + 2, len, len))
		check(&whole);
	/* what is cut says less, never anything else */
	if (decode(&cut, link, data + 2, len, caplen)) {
		check(&cut);
		CHECK(whole.has);
		CHECK(cut.seq == whole.seq && cut.flags == whole.flags);
		CHECK(cut.len == whole.len);
		CHECK(cut.opt.mptcps <= whole.opt.mptcps);
		CHECK(!(cut.opt.mptcp_has & ~(whole.opt.mptcp_has | mapping)));
	}
	return 0;
}
