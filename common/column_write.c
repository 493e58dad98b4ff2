#include "column.h"

#include <string.h>

#include "num.h"
#include "segment.h"

static uint32_t get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static char *write_word(char *p, const char *word)
{
	while (*word)
		*p++ = *word++;
	return p;
}

static char *write_flags(char *p, unsigned flags)
{
	for (; flags; flags &= flags - 1)
		*p++ = "FSRPAUEC"[__builtin_ctz(flags)];
	return p;
}

static char *write_sack(char *p, const struct tcp_options *o)
{
	for (unsigned i = 0; i < o->sacks; i++) {
		if (i)
			*p++ = ',';
		p = num_u64(p, o->sack[i].left);
		*p++ = '-';
		p = num_u64(p, o->sack[i].right);
	}
	return p;
}

static char *write_subtypes(char *p, const struct tcp_options *o)
{
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

static char *write_errors(char *p, unsigned errors)
{
	static const char *const names[] = { "cut", "bad_length", "bad_version" };
	char *start = p;

	for (unsigned i = 0; i < 3; i++) {
		if (!(errors >> i & 1))
			continue;
		if (p > start)
			*p++ = ',';
		p = write_word(p, names[i]);
	}
	return p;
}

static char *write_hmac(char *p, const struct mptcp_option *o)
{
	*p++ = '0';
	*p++ = 'x';
	for (unsigned i = 0; i < o->hmac_len; i++) {
		*p++ = "0123456789abcdef"[o->hmac[i] >> 4];
		*p++ = "0123456789abcdef"[o->hmac[i] & 15];
	}
	return p;
}

static char *write_ids(char *p, const struct mptcp_option *o)
{
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
	if (c->kind == KIND_OPT_IDS)	/* a list itself: no empty items */
		return o->has & HAS_IDS;
	/* MP_CAPABLE maps data where there is no DSS to do so */
	return o->subtype != MP_CAPABLE || !(c->carriers >> MP_DSS & 1) ||
	       !tcp_options_find(t, MP_DSS);
}

static char *write_item(char *p, const struct mptcp_option *o,
			const struct column_info *c)
{
	const char *at = (const char *)o + c->offset;

	switch (c->kind) {
	case KIND_OPT_U8: return num_u64(p, *(const uint8_t *)at);
	case KIND_OPT_U16: return num_u64(p, get16(at));
	case KIND_OPT_U32: return num_u64(p, get32(at));
	case KIND_OPT_I64: return num_i64(p, (int64_t)get64(at));
	case KIND_OPT_HEX8: return num_hex(p, *(const uint8_t *)at, 2);
	case KIND_OPT_HEX16: return num_hex(p, get16(at), 4);
	case KIND_OPT_HEX32: return num_hex(p, get32(at), 8);
	case KIND_OPT_HEX64: return num_hex(p, get64(at), 16);
	case KIND_OPT_DSN: return num_hex(p, o->dsn, o->dsn_wide ? 16 : 8);
	case KIND_OPT_ACK: return num_hex(p, o->data_ack, o->ack_wide ? 16 : 8);
	case KIND_OPT_HMAC: return write_hmac(p, o);
	case KIND_OPT_ADDR: return addr_print(p, &o->address);
	case KIND_OPT_IDS: return write_ids(p, o);
	default: return p;
	}
}

/* One item per option that can have it, so that a reader knows whose it is. */
static char *write_options(char *p, const struct tcp_options *t,
			   const struct column_info *c)
{
	bool first = true;

	if (t->mptcps == 1 && t->mptcp->has & c->field)	/* nearly always */
		return write_item(p, t->mptcp, c);
	for (unsigned i = 0; i < t->mptcps; i++) {
		const struct mptcp_option *o = &t->mptcp[i];

		if (!column_carries(c, t, o))
			continue;
		if (!first)
			*p++ = ',';
		first = false;
		if (o->has & c->field)
			p = write_item(p, o, c);
	}
	return p;
}

static char *write_cell(char *p, const struct segment *s,
			const struct column_info *c)
{
	const char *at = (const char *)s + c->offset;

	switch (c->kind) {
	case KIND_U64: return num_u64(p, get64(at));
	case KIND_U32: return num_u64(p, get32(at));
	case KIND_U16: return num_u64(p, get16(at));
	case KIND_U8: return num_u64(p, *(const uint8_t *)at);
	case KIND_HEX16: return num_hex(p, get16(at), 4);
	case KIND_I64: return num_i64(p, (int64_t)get64(at));
	case KIND_SECONDS: return num_seconds(p, (int64_t)get64(at));
	case KIND_DIR:
		memcpy(p, *at == DIR_C2S ? "c2s" : "s2c", 3);
		return p + 3;
	case KIND_TEXT:
		memcpy(p, s->iface, s->iface_len);
		return p + s->iface_len;
	case KIND_ADDR: return addr_print(p, (const struct addr *)at);
	case KIND_FLAGS: return write_flags(p, s->flags);
	case KIND_SACK: return write_sack(p, &s->opt);
	case KIND_SUBTYPES: return write_subtypes(p, &s->opt);
	case KIND_ERRORS: return write_errors(p, s->opt.errors);
	default: return write_options(p, &s->opt, c);
	}
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
			p = write_cell(p, s, &column_info[*columns]);
		} else if (na_len) {
			memcpy(p, na, na_len);
			p += na_len;
		}
		*p++ = '\t';
	}
	p[-1] = '\n';
	return p;
}
