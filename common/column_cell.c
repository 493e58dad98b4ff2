/* One cell of text to the member of the segment that its column stands for. */
#include "column.h"

#include <string.h>

#include "num.h"
#include "segment.h"
#include "tsv.h"

static bool same(const struct cell *c, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(c->to - c->from) == n && memcmp(c->from, text, n) == 0;
}

bool cell_is_na(const struct cell *c, unsigned column, const char *na)
{
	static const char *const ways[] = { "NA", "-", "NaN", "nan", "NULL", "\\N" };

	if (*na && same(c, na))
		return true;
	if (c->to - c->from > 4 || column_info[column].kind == KIND_TEXT)
		return false;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (same(c, ways[i]))
			return true;
	return false;
}

/* Store an unsigned number of `size` bytes at `at`. */
static inline bool store(char *at, size_t size, uint64_t v)
{
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;

	memcpy(at, size == 1 ? (void *)&v8 : size == 2 ? (void *)&v16 :
		   size == 4 ? (void *)&v32 : (void *)&v, size);
	return size == 8 || v >> (8 * size) == 0;
}

static inline bool read_decimal(const struct cell *c, char *at, size_t size)
{
	uint64_t v;

	return num_cell_u64(c->from, c->to, &v) && store(at, size, v);
}

static inline bool read_hex(const struct cell *c, char *at, size_t size)
{
	uint64_t v;

	return num_parse_hex(c->from, c->to, 0, &v) && store(at, size, v);
}

static bool read_i64(const struct cell *c, char *at)
{
	int64_t v;

	if (!num_cell_i64(c->from, c->to, &v))
		return false;
	memcpy(at, &v, sizeof(v));
	return true;
}

static bool read_seconds(const struct cell *c, char *at)
{
	int64_t v;

	if (!num_parse_seconds(c->from, c->to, &v))
		return false;
	memcpy(at, &v, sizeof(v));
	return true;
}

static bool read_flags(const struct cell *c, struct segment *s)
{
	s->flags = 0;
	for (const char *p = c->from; p < c->to; p++) {
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

/* The next item of a list: up to a comma or the end; moves past it. */
static struct cell next_item(const char **p, const char *end)
{
	const char *comma = memchr(*p, ',', (size_t)(end - *p));
	struct cell item = { *p, comma ? comma : end };

	*p = comma ? comma + 1 : end;
	return item;
}

static bool read_sack(const struct cell *c, struct tcp_options *o)
{
	const char *p = c->from;

	while (p < c->to) {
		struct cell item = next_item(&p, c->to);
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

static int subtype_of(const struct cell *c)
{
	uint64_t v;

	if (c->to - c->from == 3)	/* nearly always */
		return memcmp(c->from, "dss", 3) == 0 ? MP_DSS : -1;
	for (unsigned i = 0; mptcp_subtype_name(i); i++)
		if (same(c, mptcp_subtype_name(i)))
			return (int)i;
	if (c->to - c->from > 8 && memcmp(c->from, "unknown_", 8) == 0 &&
	    num_parse_u64(c->from + 8, c->to, 15, &v))
		return (int)v;
	return -1;
}

static bool read_subtypes(const struct cell *c, struct tcp_options *o)
{
	const char *p = c->from;

	while (p < c->to) {
		struct cell item = next_item(&p, c->to);
		int subtype = subtype_of(&item);

		if (subtype < 0 || o->mptcps == MPTCP_OPTIONS_MAX)
			return false;
		o->mptcp[o->mptcps].subtype = (uint8_t)subtype;
		o->mptcp[o->mptcps++].has = 0;
	}
	return true;
}

static bool read_errors(const struct cell *c, struct tcp_options *o)
{
	const char *p = c->from;

	while (p < c->to) {
		struct cell item = next_item(&p, c->to);

		if (same(&item, "cut"))
			o->errors |= OPTION_CUT;
		else if (same(&item, "bad_length"))
			o->errors |= OPTION_BAD_LENGTH;
		else if (same(&item, "bad_version"))
			o->errors |= OPTION_BAD_VERSION;
		else
			return false;
	}
	return true;
}

static bool read_hmac(const struct cell *c, struct mptcp_option *o)
{
	size_t n = (size_t)(c->to - c->from);

	if (n < 4 || n % 2 || n > 2 + 2 * HMAC_MAX || memcmp(c->from, "0x", 2) != 0)
		return false;
	o->hmac_len = (uint8_t)(n / 2 - 1);
	for (unsigned i = 0; i < o->hmac_len; i++) {
		int high = num_hex_digit(c->from[2 + 2 * i]);
		int low = num_hex_digit(c->from[3 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		o->hmac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_item(const struct cell *c, struct mptcp_option *o,
		      const struct column_info *info)
{
	char *at = (char *)o + info->offset;

	switch (info->kind) {
	case KIND_OPT_U8: return read_decimal(c, at, 1);
	case KIND_OPT_U16: return read_decimal(c, at, 2);
	case KIND_OPT_U32: return read_decimal(c, at, 4);
	case KIND_OPT_I64: return read_i64(c, at);
	case KIND_OPT_HEX8: return read_hex(c, at, 1);
	case KIND_OPT_HEX16: return read_hex(c, at, 2);
	case KIND_OPT_HEX32: return read_hex(c, at, 4);
	case KIND_OPT_HEX64: return read_hex(c, at, 8);
	case KIND_OPT_DSN:
		o->dsn_wide = c->to - c->from > 10;
		return read_hex(c, at, 8);
	case KIND_OPT_ACK:
		o->ack_wide = c->to - c->from > 10;
		return read_hex(c, at, 8);
	case KIND_OPT_HMAC: return read_hmac(c, o);
	case KIND_OPT_ADDR: return addr_parse(c->from, c->to, &o->address);
	default: return false;
	}
}

/* REMOVE_ADDR ids of several options are one list: it becomes the first one's. */
static bool read_ids(const struct cell *c, struct tcp_options *t)
{
	struct mptcp_option *o = t->mptcp;
	const char *p = c->from;

	while (o < t->mptcp + t->mptcps && o->subtype != MP_REMOVE_ADDR)
		o++;
	if (o == t->mptcp + t->mptcps)
		return false;
	o->ids = 0;
	while (p < c->to) {
		struct cell item = next_item(&p, c->to);

		if (item.from == item.to)
			continue;
		if (o->ids == IDS_MAX || !read_decimal(&item, (char *)&o->id[o->ids], 1))
			return false;
		o->ids++;
	}
	o->has |= HAS_IDS;
	return true;
}

static bool read_options(const struct cell *c, struct tcp_options *t,
			 const struct column_info *info)
{
	const char *p = c->from;

	if (info->kind == KIND_OPT_IDS)
		return read_ids(c, t);
	for (unsigned i = 0; i < t->mptcps; i++) {
		struct mptcp_option *o = &t->mptcp[i];
		struct cell item;

		if (!column_carries(info, t, o))
			continue;
		item = next_item(&p, c->to);
		if (item.from == item.to)
			continue;
		if (!read_item(&item, o, info))
			return false;
		o->has |= info->field;
	}
	return p == c->to;
}

bool cell_read(const struct cell *c, unsigned column, struct segment *s)
{
	const struct column_info *info = &column_info[column];
	char *at = (char *)s + info->offset;

	switch (info->kind) {
	case KIND_U64: return read_decimal(c, at, 8);
	case KIND_U32: return read_decimal(c, at, 4);
	case KIND_U16: return read_decimal(c, at, 2);
	case KIND_U8: return read_decimal(c, at, 1);
	case KIND_HEX16: return read_hex(c, at, 2);
	case KIND_I64: return read_i64(c, at);
	case KIND_SECONDS: return read_seconds(c, at);
	case KIND_DIR:
		*at = same(c, "c2s") ? DIR_C2S : DIR_S2C;
		return *at == DIR_C2S || same(c, "s2c");
	case KIND_TEXT:
		s->iface = c->from;
		s->iface_len = (uint32_t)(c->to - c->from);
		return s->iface_len <= COLUMN_TEXT_MAX;
	case KIND_ADDR: return addr_parse(c->from, c->to, (struct addr *)at);
	case KIND_FLAGS: return read_flags(c, s);
	case KIND_SACK: return read_sack(c, &s->opt);
	case KIND_SUBTYPES: return read_subtypes(c, &s->opt);
	case KIND_ERRORS: return read_errors(c, &s->opt);
	default: return read_options(c, &s->opt, info);
	}
}
