/* One cell of text to the member of the segment that its column stands for. */
#include "column.h"

#include <string.h>

#include "num.h"
#include "segment.h"
#include "tsv.h"

static bool same(struct cell c, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(c.to - c.from) == n && memcmp(c.from, text, n) == 0;
}

bool cell_is_na(struct cell c)
{
	static const char *const ways[] = { "NA", "-", "NaN", "nan", "NULL", "\\N" };

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (same(c, ways[i]))
			return true;
	return false;
}

struct cell cell_item(struct cell *c)
{
	struct cell item = { c->from, c->from };

	while (item.to < c->to && *item.to != ',')
		item.to++;
	c->from = item.to + (item.to < c->to);
	return item;
}

static inline void *member(const struct column_info *info, void *record)
{
	return (char *)record + info->offset;
}

/* The reader of a number that `parse` takes, into a member of so many bits. */
#define NUMBER(name, bits, parse) \
static bool name(struct cell c, const struct column_info *info, void *record) \
{ \
	uint64_t v; \
\
	if (!parse || v > UINT##bits##_MAX) \
		return false; \
	*(uint##bits##_t *)member(info, record) = (uint##bits##_t)v; \
	return true; \
}

NUMBER(read_u8, 8, num_cell_u64(c.from, c.to, &v))
NUMBER(read_u16, 16, num_cell_u64(c.from, c.to, &v))
NUMBER(read_u32, 32, num_cell_u64(c.from, c.to, &v))
NUMBER(read_u64, 64, num_cell_u64(c.from, c.to, &v))
NUMBER(read_hex8, 8, num_parse_hex(c.from, c.to, 0, &v))
NUMBER(read_hex16, 16, num_parse_hex(c.from, c.to, 0, &v))
NUMBER(read_hex32, 32, num_parse_hex(c.from, c.to, 0, &v))
NUMBER(read_hex64, 64, num_parse_hex(c.from, c.to, 0, &v))

static bool read_signed(struct cell c, const struct column_info *info, void *record)
{
	return num_cell_i64(c.from, c.to, member(info, record));
}

static bool read_seconds(struct cell c, const struct column_info *info, void *record)
{
	return num_parse_seconds(c.from, c.to, member(info, record));
}

static bool read_addr(struct cell c, const struct column_info *info, void *record)
{
	return addr_parse(c.from, c.to, member(info, record));
}

static bool read_text(struct cell c, const struct column_info *info, void *record)
{
	struct segment *s = record;

	(void)info;
	s->iface = c.from;
	s->iface_len = (uint32_t)(c.to - c.from);
	return s->iface_len <= COLUMN_TEXT_MAX;
}

static bool read_dir(struct cell c, const struct column_info *info, void *record)
{
	struct segment *s = record;

	(void)info;
	if (!same(c, "c2s") && !same(c, "s2c"))
		return false;
	s->dir = *c.from == 'c' ? DIR_C2S : DIR_S2C;
	return true;
}

static bool read_flags(struct cell c, const struct column_info *info, void *record)
{
	struct segment *s = record;

	(void)info;
	s->flags = 0;
	for (const char *p = c.from; p < c.to; p++) {
		switch (*p) {
		case 'F': s->flags |= TCP_FIN; break;
		case 'S': s->flags |= TCP_SYN; break;
		case 'R': s->flags |= TCP_RST; break;
		case 'P': s->flags |= TCP_PSH; break;
		case 'A': s->flags |= TCP_ACK; break;
		case 'U': s->flags |= TCP_URG; break;
		case 'E': s->flags |= TCP_ECE; break;
		case 'C': s->flags |= TCP_CWR; break;
		default: return false;
		}
	}
	return true;
}

static bool read_sack(struct cell c, const struct column_info *info, void *record)
{
	struct tcp_options *o = &((struct segment *)record)->opt;

	(void)info;
	while (c.from < c.to) {
		struct cell item = cell_item(&c);
		const char *dash = memchr(item.from, '-', (size_t)(item.to - item.from));
		uint64_t left, right;

		if (!dash || o->sacks == SACK_MAX ||
		    !num_parse_u64(item.from, dash, UINT32_MAX, &left) ||
		    !num_parse_u64(dash + 1, item.to, UINT32_MAX, &right))
			return false;
		o->sack[o->sacks++] = (struct sack){ (uint32_t)left, (uint32_t)right };
	}
	return true;
}

static int subtype_of(struct cell c)
{
	uint64_t v;

	for (unsigned i = 0; mptcp_subtype_name(i); i++)
		if (same(c, mptcp_subtype_name(i)))
			return (int)i;
	if (c.to - c.from > 8 && memcmp(c.from, "unknown_", 8) == 0 &&
	    num_parse_u64(c.from + 8, c.to, 15, &v))
		return (int)v;
	return -1;
}

static bool add_subtype(struct tcp_options *o, int subtype)
{
	if (subtype < 0 || o->mptcps == MPTCP_OPTIONS_MAX)
		return false;
	o->mptcp[o->mptcps].subtype = (uint8_t)subtype;
	o->mptcp[o->mptcps++].has = 0;
	return true;
}

static bool read_subtypes(struct cell c, const struct column_info *info, void *record)
{
	struct tcp_options *o = &((struct segment *)record)->opt;

	(void)info;
	if (same(c, "dss"))	/* nearly always */
		return add_subtype(o, MP_DSS);
	while (c.from < c.to)
		if (!add_subtype(o, subtype_of(cell_item(&c))))
			return false;
	return true;
}

static bool read_errors(struct cell c, const struct column_info *info, void *record)
{
	struct tcp_options *o = &((struct segment *)record)->opt;

	(void)info;
	while (c.from < c.to) {
		struct cell item = cell_item(&c);

		if (same(item, "cut"))
			o->errors |= OPTION_CUT;
		else if (same(item, "bad_length"))
			o->errors |= OPTION_BAD_LENGTH;
		else if (same(item, "bad_version"))
			o->errors |= OPTION_BAD_VERSION;
		else
			return false;
	}
	return true;
}

static bool read_dsn(struct cell c, const struct column_info *info, void *record)
{
	((struct mptcp_option *)record)->dsn_wide = c.to - c.from > 10;
	return read_hex64(c, info, record);
}

static bool read_data_ack(struct cell c, const struct column_info *info, void *record)
{
	((struct mptcp_option *)record)->ack_wide = c.to - c.from > 10;
	return read_hex64(c, info, record);
}

static bool read_hmac(struct cell c, const struct column_info *info, void *record)
{
	struct mptcp_option *o = record;
	size_t n = (size_t)(c.to - c.from);

	(void)info;
	if (n < 4 || n % 2 || n > 2 + 2 * HMAC_MAX || memcmp(c.from, "0x", 2) != 0)
		return false;
	o->hmac_len = (uint8_t)(n / 2 - 1);
	for (unsigned i = 0; i < o->hmac_len; i++) {
		int high = num_hex_digit(c.from[2 + 2 * i]);
		int low = num_hex_digit(c.from[3 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		o->hmac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_ids(struct cell c, const struct column_info *info, void *record)
{
	struct mptcp_option *o = record;
	uint64_t id;

	(void)info;
	o->ids = 0;
	while (c.from < c.to) {
		struct cell item = cell_item(&c);

		if (item.from == item.to)
			continue;
		if (o->ids == IDS_MAX || !num_parse_u64(item.from, item.to, UINT8_MAX, &id))
			return false;
		o->id[o->ids++] = (uint8_t)id;
	}
	return true;
}

cell_read *const cell_reader[] = {
	[KIND_U8] = read_u8, [KIND_U16] = read_u16,
	[KIND_U32] = read_u32, [KIND_U64] = read_u64, [KIND_I64] = read_signed,
	[KIND_HEX8] = read_hex8, [KIND_HEX16] = read_hex16,
	[KIND_HEX32] = read_hex32, [KIND_HEX64] = read_hex64,
	[KIND_SECONDS] = read_seconds, [KIND_ADDR] = read_addr,
	[KIND_TEXT] = read_text, [KIND_DIR] = read_dir,
	[KIND_FLAGS] = read_flags, [KIND_SACK] = read_sack,
	[KIND_SUBTYPES] = read_subtypes, [KIND_ERRORS] = read_errors,
	[KIND_DSN] = read_dsn, [KIND_DATA_ACK] = read_data_ack,
	[KIND_HMAC] = read_hmac, [KIND_IDS] = read_ids,
};
