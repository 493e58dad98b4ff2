#include "column.h"

#include <string.h>

#include "num.h"
#include "segment.h"

/* Prints what a column has of the segment or option that its member is in. */
typedef char *cell_write(char *p, const struct column_info *info, const void *record);

static inline const void *member(const struct column_info *info, const void *record)
{
	return (const char *)record + info->offset;
}

static char *write_u8(char *p, const struct column_info *info, const void *record)
{
	return num_u64(p, *(const uint8_t *)member(info, record));
}

static char *write_u16(char *p, const struct column_info *info, const void *record)
{
	return num_u64(p, *(const uint16_t *)member(info, record));
}

static char *write_u32(char *p, const struct column_info *info, const void *record)
{
	return num_u64(p, *(const uint32_t *)member(info, record));
}

static char *write_u64(char *p, const struct column_info *info, const void *record)
{
	return num_u64(p, *(const uint64_t *)member(info, record));
}

static char *write_i64(char *p, const struct column_info *info, const void *record)
{
	return num_i64(p, *(const int64_t *)member(info, record));
}

static char *write_hex8(char *p, const struct column_info *info, const void *record)
{
	return num_hex(p, *(const uint8_t *)member(info, record), 2);
}

static char *write_hex16(char *p, const struct column_info *info, const void *record)
{
	return num_hex(p, *(const uint16_t *)member(info, record), 4);
}

static char *write_hex32(char *p, const struct column_info *info, const void *record)
{
	return num_hex(p, *(const uint32_t *)member(info, record), 8);
}

static char *write_hex64(char *p, const struct column_info *info, const void *record)
{
	return num_hex(p, *(const uint64_t *)member(info, record), 16);
}

static char *write_seconds(char *p, const struct column_info *info, const void *record)
{
	return num_seconds(p, *(const int64_t *)member(info, record));
}

static char *write_addr(char *p, const struct column_info *info, const void *record)
{
	return addr_print(p, member(info, record));
}

static char *write_word(char *p, const char *word)
{
	while (*word)
		*p++ = *word++;
	return p;
}

static char *write_text(char *p, const struct column_info *info, const void *record)
{
	const struct segment *s = record;

	(void)info;
	memcpy(p, s->iface, s->iface_len);
	return p + s->iface_len;
}

static char *write_dir(char *p, const struct column_info *info, const void *record)
{
	const struct segment *s = record;

	(void)info;
	return write_word(p, s->dir == DIR_C2S ? "c2s" : "s2c");
}

static char *write_flags(char *p, const struct column_info *info, const void *record)
{
	const struct segment *s = record;

	(void)info;
	for (unsigned flags = s->flags; flags; flags &= flags - 1)
		*p++ = "FSRPAUEC"[__builtin_ctz(flags)];
	return p;
}

static char *write_sack(char *p, const struct column_info *info, const void *record)
{
	const struct tcp_options *o = &((const struct segment *)record)->opt;

	(void)info;
	for (unsigned i = 0; i < o->sacks; i++) {
		if (i)
			*p++ = ',';
		p = num_u64(p, o->sack[i].left);
		*p++ = '-';
		p = num_u64(p, o->sack[i].right);
	}
	return p;
}

static char *write_subtypes(char *p, const struct column_info *info, const void *record)
{
	const struct tcp_options *o = &((const struct segment *)record)->opt;

	(void)info;
	for (unsigned i = 0; i < o->mptcps; i++) {
		const char *name = mptcp_subtype_name(o->mptcp[i].subtype);

		if (i)
			*p++ = ',';
		if (name)
			p = write_word(p, name);
		else
			p = num_u64(write_word(p, "unknown_"), o->mptcp[i].subtype);
	}
	return p;
}

static char *write_errors(char *p, const struct column_info *info, const void *record)
{
	static const char *const names[] = { "cut", "bad_length", "bad_version" };
	const struct segment *s = record;
	char *start = p;

	(void)info;
	for (unsigned i = 0; i < 3; i++) {
		if (!(s->opt.errors >> i & 1))
			continue;
		if (p > start)
			*p++ = ',';
		p = write_word(p, names[i]);
	}
	return p;
}

static char *write_dsn(char *p, const struct column_info *info, const void *record)
{
	const struct mptcp_option *o = record;

	(void)info;
	return num_hex(p, o->dsn, o->dsn_wide ? 16 : 8);
}

static char *write_data_ack(char *p, const struct column_info *info, const void *record)
{
	const struct mptcp_option *o = record;

	(void)info;
	return num_hex(p, o->data_ack, o->ack_wide ? 16 : 8);
}

static char *write_hmac(char *p, const struct column_info *info, const void *record)
{
	const struct mptcp_option *o = record;

	(void)info;
	*p++ = '0';
	*p++ = 'x';
	for (unsigned i = 0; i < o->hmac_len; i++) {
		*p++ = "0123456789abcdef"[o->hmac[i] >> 4];
		*p++ = "0123456789abcdef"[o->hmac[i] & 15];
	}
	return p;
}

static char *write_ids(char *p, const struct column_info *info, const void *record)
{
	const struct mptcp_option *o = record;

	(void)info;
	for (unsigned i = 0; i < o->ids; i++) {
		if (i)
			*p++ = ',';
		p = num_u64(p, o->id[i]);
	}
	return p;
}

bool column_carries(const struct column_info *c, const struct tcp_options *t,
		    const struct mptcp_option *o)
{
	if (!(c->carriers >> o->subtype & 1))
		return false;
	if (c->kind == KIND_IDS)	/* a list itself: no empty items */
		return o->has & HAS_IDS;
	/* MP_CAPABLE maps data where there is no DSS to do so */
	return o->subtype != MP_CAPABLE || !(c->carriers >> MP_DSS & 1) ||
	       !tcp_options_find(t, MP_DSS);
}

static cell_write *const writers[] = {
	[KIND_U8] = write_u8, [KIND_U16] = write_u16,
	[KIND_U32] = write_u32, [KIND_U64] = write_u64, [KIND_I64] = write_i64,
	[KIND_HEX8] = write_hex8, [KIND_HEX16] = write_hex16,
	[KIND_HEX32] = write_hex32, [KIND_HEX64] = write_hex64,
	[KIND_SECONDS] = write_seconds, [KIND_ADDR] = write_addr,
	[KIND_TEXT] = write_text, [KIND_DIR] = write_dir,
	[KIND_FLAGS] = write_flags, [KIND_SACK] = write_sack,
	[KIND_SUBTYPES] = write_subtypes, [KIND_ERRORS] = write_errors,
	[KIND_DSN] = write_dsn, [KIND_DATA_ACK] = write_data_ack,
	[KIND_HMAC] = write_hmac, [KIND_IDS] = write_ids,
};

/* One item per option that can have it, so that a reader knows whose it is. */
static char *write_options(char *p, const struct column_info *info,
			   const struct tcp_options *t)
{
	cell_write *write = writers[info->kind];
	bool first = true;

	if (t->mptcps == 1 && t->mptcp->has & info->field)	/* nearly always */
		return write(p, info, t->mptcp);
	for (unsigned i = 0; i < t->mptcps; i++) {
		const struct mptcp_option *o = &t->mptcp[i];

		if (!column_carries(info, t, o))
			continue;
		if (!first)
			*p++ = ',';
		first = false;
		if (o->has & info->field)
			p = write(p, info, o);
	}
	return p;
}

size_t column_row_max(const uint8_t *columns, size_t n, size_t na_len)
{
	/* 13 options of an address or HMAC each, and what printing a number uses */
	enum { CELL_MAX = MPTCP_OPTIONS_MAX * 49 + NUM_MAX };
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += na_len + (column_info[columns[i]].kind == KIND_TEXT ?
				 COLUMN_TEXT_MAX + 1 : CELL_MAX);
	return sum;
}

char *column_write(char *p, const struct segment *s, const uint8_t *columns,
		   size_t n, const char *na, size_t na_len)
{
	const uint64_t has = s->has;

	for (const uint8_t *end = columns + n; columns < end; columns++) {
		if (has >> *columns & 1) {
			const struct column_info *info = &column_info[*columns];

			p = info->field ? write_options(p, info, &s->opt) :
					  writers[info->kind](p, info, s);
		} else if (na_len) {
			memcpy(p, na, na_len);
			p += na_len;
		}
		*p++ = '\t';
	}
	p[-1] = '\n';
	return p;
}
