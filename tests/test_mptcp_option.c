/*
 * mptcp_option: every form that there is, whole and cut behind each of its
 * bytes, and every length that there is not.
 */
#include "test.h"

#include "column.h"
#include "segment.h"

enum { OPTION_MAX = 40 };

/* A field, the first byte behind it, and its text in its column. */
struct field {
	unsigned bit;
	unsigned end;
	const char *text;
};

struct form {
	const char *hex;
	struct field field[8];
};

/* RFC 8684 3.1 to 3.7, RFC 6824 where the two differ. DSS: see dss_forms(). */
static const struct form forms[] = {
	/* MP_CAPABLE: SYN of version 1, of 0; ACK; with data; and checksum */
	{ "1e040181", { { HAS_VERSION, 3, "1" }, { HAS_MP_FLAGS, 4, "0x81" } } },
	{ "1e0c0001ca2f07947b1bfd2b",
	  { { HAS_VERSION, 3, "0" }, { HAS_MP_FLAGS, 4, "0x01" },
	    { HAS_SEND_KEY, 12, "0xca2f07947b1bfd2b" } } },
	{ "1e0c010129a6c86981ad933c",
	  { { HAS_VERSION, 3, "1" }, { HAS_MP_FLAGS, 4, "0x01" },
	    { HAS_SEND_KEY, 12, "0x29a6c86981ad933c" } } },
	{ "1e1400810102030405060708f1f2f3f4f5f6f7f8",
	  { { HAS_VERSION, 3, "0" }, { HAS_MP_FLAGS, 4, "0x81" },
	    { HAS_SEND_KEY, 12, "0x0102030405060708" },
	    { HAS_RECV_KEY, 20, "0xf1f2f3f4f5f6f7f8" } } },
	{ "1e1601010102030405060708f1f2f3f4f5f6f7f84000",
	  { { HAS_VERSION, 3, "1" }, { HAS_MP_FLAGS, 4, "0x01" },
	    { HAS_SEND_KEY, 12, "0x0102030405060708" },
	    { HAS_RECV_KEY, 20, "0xf1f2f3f4f5f6f7f8" },
	    { HAS_DATA_LEN, 22, "16384" } } },
	{ "1e1801810102030405060708f1f2f3f4f5f6f7f80018abcd",
	  { { HAS_VERSION, 3, "1" }, { HAS_MP_FLAGS, 4, "0x81" },
	    { HAS_SEND_KEY, 12, "0x0102030405060708" },
	    { HAS_RECV_KEY, 20, "0xf1f2f3f4f5f6f7f8" },
	    { HAS_DATA_LEN, 22, "24" }, { HAS_CSUM, 24, "0xabcd" } } },
	/* MP_JOIN: SYN, SYN/ACK, ACK */
	{ "1e0c11072ff5f1f096a3c294",
	  { { HAS_BACKUP, 3, "1" }, { HAS_ADDR_ID, 4, "7" },
	    { HAS_TOKEN, 8, "0x2ff5f1f0" }, { HAS_NONCE, 12, "0x96a3c294" } } },
	{ "1e1010ff84037deda67a454c0f0cc049",
	  { { HAS_BACKUP, 3, "0" }, { HAS_ADDR_ID, 4, "255" },
	    { HAS_HMAC, 12, "0x84037deda67a454c" },
	    { HAS_NONCE, 16, "0x0f0cc049" } } },
	{ "1e18100066e36626703eacb8f72ec5be13f8c4ef4f6d4dd8",
	  { { HAS_HMAC, 24, "0x66e36626703eacb8f72ec5be13f8c4ef4f6d4dd8" } } },
	/* ADD_ADDR, version 0: IPv4, IPv6, with a port */
	{ "1e0834050a000202",
	  { { HAS_ADDR_ID, 4, "5" }, { HAS_ADDRESS, 8, "10.0.2.2" } } },
	{ "1e0a34050a0002022774",
	  { { HAS_ADDR_ID, 4, "5" }, { HAS_ADDRESS, 8, "10.0.2.2" },
	    { HAS_PORT, 10, "10100" } } },
	{ "1e143605fd000000000000020000000000000002",
	  { { HAS_ADDR_ID, 4, "5" }, { HAS_ADDRESS, 20, "fd00:0:0:2::2" } } },
	{ "1e163605fd0000000000000200000000000000020050",
	  { { HAS_ADDR_ID, 4, "5" }, { HAS_ADDRESS, 20, "fd00:0:0:2::2" },
	    { HAS_PORT, 22, "80" } } },
	/* version 1, with an HMAC */
	{ "1e1030010a000202e1f299314dc80dfa",
	  { { HAS_ECHO, 3, "0" }, { HAS_ADDR_ID, 4, "1" },
	    { HAS_ADDRESS, 8, "10.0.2.2" }, { HAS_HMAC, 16, "0xe1f299314dc80dfa" } } },
	{ "1e1230010a0002022774378c1bdc1cc6aae1",
	  { { HAS_ECHO, 3, "0" }, { HAS_ADDR_ID, 4, "1" },
	    { HAS_ADDRESS, 8, "10.0.2.2" }, { HAS_PORT, 10, "10100" },
	    { HAS_HMAC, 18, "0x378c1bdc1cc6aae1" } } },
	{ "1e1c3005fd00000000000002000000000000000246db5f9fe0dd475e",
	  { { HAS_ECHO, 3, "0" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 20, "fd00:0:0:2::2" },
	    { HAS_HMAC, 28, "0x46db5f9fe0dd475e" } } },
	{ "1e1e3005fd0000000000000200000000000000020050" "46db5f9fe0dd475e",
	  { { HAS_ECHO, 3, "0" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 20, "fd00:0:0:2::2" }, { HAS_PORT, 22, "80" },
	    { HAS_HMAC, 30, "0x46db5f9fe0dd475e" } } },
	/* an echo of each */
	{ "1e0831050a000202",
	  { { HAS_ECHO, 3, "1" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 8, "10.0.2.2" } } },
	{ "1e0a31050a0002022774",
	  { { HAS_ECHO, 3, "1" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 8, "10.0.2.2" }, { HAS_PORT, 10, "10100" } } },
	{ "1e143105fd000000000000020000000000000002",
	  { { HAS_ECHO, 3, "1" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 20, "fd00:0:0:2::2" } } },
	{ "1e163105fd0000000000000200000000000000020050",
	  { { HAS_ECHO, 3, "1" }, { HAS_ADDR_ID, 4, "5" },
	    { HAS_ADDRESS, 20, "fd00:0:0:2::2" }, { HAS_PORT, 22, "80" } } },
	/* MP_PRIO, with an address id in version 0 */
	{ "1e0351", { { HAS_BACKUP, 3, "1" } } },
	{ "1e045009", { { HAS_BACKUP, 3, "0" }, { HAS_ADDR_ID, 4, "9" } } },
	/* MP_FAIL, MP_FASTCLOSE, MP_TCPRST */
	{ "1e0c6000528b5d084e92c2fc", { { HAS_FAIL_DSN, 12, "0x528b5d084e92c2fc" } } },
	{ "1e0c7000a78213619e4beafc", { { HAS_RECV_KEY, 12, "0xa78213619e4beafc" } } },
	{ "1e048106", { { HAS_TRANSIENT, 3, "1" }, { HAS_REASON, 4, "6" } } },
	{ "1e048000", { { HAS_TRANSIENT, 3, "0" }, { HAS_REASON, 4, "0" } } },
};

static unsigned unhex(const char *s, uint8_t *b)
{
	unsigned n = 0;

	for (; *s; s += 2)
		sscanf(s, "%2hhx", &b[n++]);
	return n;
}

/* Decode from memory that ends where what was captured does. */
static unsigned decode(const uint8_t *b, unsigned len, unsigned avail,
		       struct mptcp_option *o)
{
	uint8_t *copy = malloc(avail);
	unsigned errors;

	memcpy(copy, b, avail);
	memset(o, 0xa5, sizeof(*o));
	errors = mptcp_option_decode(copy, len, avail, o);
	free(copy);
	return errors;
}

/* What extract would write for one field of this option. */
static const char *text_of(const struct mptcp_option *o, unsigned bit)
{
	static struct segment seg;
	static char text[1 << 16];
	uint8_t column = 0;

	while (!(column_info[column].field & bit))
		assert_true(++column < COLUMNS);
	seg.has = UINT64_C(1) << column;
	seg.opt.mptcps = 1;
	seg.opt.mptcp[0] = *o;
	column_write(text, &seg, &column, 1, "", 0)[-1] = '\0';
	return text;
}

static void check_form(const struct form *f)
{
	uint8_t b[OPTION_MAX] = { 0 };
	unsigned len = unhex(f->hex, b);

	assert_int_equal(b[1], len);
	for (unsigned avail = 3; avail <= len; avail++) {
		struct mptcp_option o;
		unsigned has = 0;

		assert_int_equal(decode(b, len, avail, &o), 0);
		assert_int_equal(o.subtype, b[2] >> 4);
		for (const struct field *p = f->field; p->bit; p++) {
			if (p->end > avail)
				continue;
			has |= p->bit;
			assert_true(o.has & p->bit);
			assert_string_equal(text_of(&o, p->bit), p->text);
		}
		if (o.has != has)
			fail_msg("%s cut to %u bytes has fields %#x, not %#x",
				 f->hex, avail, (unsigned)o.has, has);
	}
}

static void every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		check_form(&forms[i]);
}

/* A field of n bytes with numbers of their own, in hex behind what is there. */
static void put(struct form *f, struct field **field, char *hex, unsigned n,
		unsigned bit, const char *text)
{
	static const char bytes[] = "f1e2d3c4b5a69788";
	size_t at = strlen(hex);

	memcpy(hex + at, bytes, 2 * (size_t)n);
	hex[at + 2 * n] = '\0';
	*(*field)++ = (struct field){ bit, (unsigned)strlen(hex) / 2, text };
	f->hex = hex;
}

/* DSS: every combination of flags, with and without a checksum. */
static void dss_forms(void **state)
{
	enum { A = 1, A8 = 2, M = 4, M8 = 8, FIN = 16, CHECKSUM = 32 };
	static const char *const number[] = { "0xf1e2d3c4", "0xf1e2d3c4b5a69788" };

	(void)state;
	for (unsigned flags = 0; flags < 64; flags++) {
		char hex[2 * OPTION_MAX + 1], length[3];
		struct form f = { .hex = hex };
		struct field *field = f.field;

		if (flags & CHECKSUM && !(flags & M))
			continue;
		snprintf(hex, sizeof(hex), "1e0020%02x", flags & 0x1f);
		*field++ = (struct field){ HAS_DATA_FIN, 4, flags & FIN ? "1" : "0" };
		if (flags & A)
			put(&f, &field, hex, flags & A8 ? 8 : 4, HAS_DATA_ACK,
			    number[!!(flags & A8)]);
		if (flags & M) {
			put(&f, &field, hex, flags & M8 ? 8 : 4, HAS_DSN,
			    number[!!(flags & M8)]);
			put(&f, &field, hex, 4, HAS_SSN, "4058174404");
			put(&f, &field, hex, 2, HAS_DATA_LEN, "61922");
		}
		if (flags & CHECKSUM)
			put(&f, &field, hex, 2, HAS_CSUM, "0xf1e2");
		snprintf(length, sizeof(length), "%02x", (unsigned)strlen(hex) / 2);
		memcpy(hex + 2, length, 2);
		check_form(&f);
	}
}

static bool among(unsigned v, unsigned a, unsigned b, unsigned c, unsigned d)
{
	return v == a || v == b || v == c || v == d;
}

static bool dss_length(unsigned flags, unsigned len)
{
	unsigned want = 4;

	if (flags & 1)
		want += flags & 2 ? 8 : 4;
	if (flags & 4)
		want += flags & 8 ? 14 : 10;
	return len == want || (flags & 4 && len == want + 2);
}

/* Whether there is a form of this subtype, low nibble, fourth byte and length. */
static bool exists(unsigned subtype, unsigned low, unsigned flags, unsigned len)
{
	switch (subtype) {
	case MP_CAPABLE:
		return low > 1 || len == 12 || len == 20 ||
		       (low == 1 && among(len, 4, 22, 24, 24));
	case MP_JOIN:
		return among(len, 12, 16, 24, 24);
	case MP_DSS:
		return dss_length(flags, len);
	case MP_ADD_ADDR:
		return low == 4 ? among(len, 8, 10, 8, 10) :
		       low == 6 ? among(len, 20, 22, 20, 22) :
		       low & 1 ? among(len, 8, 10, 20, 22) :
				 among(len, 16, 18, 28, 30);
	case MP_REMOVE_ADDR:
		return len >= 4;
	case MP_PRIO:
		return len == 3 || len == 4;
	case MP_FAIL: case MP_FASTCLOSE:
		return len == 12;
	case MP_TCPRST:
		return len == 4;
	default:
		return true;
	}
}

static void every_length(void **state)
{
	uint8_t b[OPTION_MAX];
	struct mptcp_option o;

	(void)state;
	for (unsigned i = 0; i < OPTION_MAX; i++)
		b[i] = (uint8_t)(0xd0 + i);
	for (unsigned v = 0; v < 256 * 32; v++) {
		unsigned subtype = v >> 9, low = v >> 5 & 15, flags = v & 31;

		b[2] = (uint8_t)(v >> 5);
		b[3] = (uint8_t)flags;
		for (unsigned len = 3; len <= OPTION_MAX; len++) {
			unsigned errors = decode(b, len, len, &o);

			if (subtype == MP_CAPABLE && low > 1)
				assert_int_equal(errors, OPTION_BAD_VERSION);
			else if (errors != (exists(subtype, low, flags, len) ?
					    0 : OPTION_BAD_LENGTH))
				fail_msg("subtype %u, nibble %u, flags %#x, length %u: "
					 "%#x", subtype, low, flags, len, errors);
		}
	}
}

static void remove_addr(void **state)
{
	uint8_t b[OPTION_MAX] = { 30, 0, MP_REMOVE_ADDR << 4 };
	struct mptcp_option o;

	(void)state;
	for (unsigned i = 3; i < OPTION_MAX; i++)
		b[i] = (uint8_t)(300 - i);
	for (unsigned len = 4; len <= OPTION_MAX; len++) {
		for (unsigned avail = 3; avail <= len; avail++) {
			assert_int_equal(decode(b, len, avail, &o), 0);
			assert_int_equal(o.has, avail > 3 ? HAS_IDS : 0);
			assert_int_equal(o.ids, avail - 3);
			assert_memory_equal(o.id, b + 3, avail - 3);
		}
	}
}

static void names(void **state)
{
	static const char *const name[] = {
		"mp_capable", "mp_join", "dss", "add_addr", "remove_addr",
		"mp_prio", "mp_fail", "mp_fastclose", "mp_tcprst",
	};

	(void)state;
	for (unsigned i = 0; i < COUNT(name); i++)
		assert_string_equal(mptcp_subtype_name(i), name[i]);
	for (unsigned i = COUNT(name); i < 20; i++)
		assert_null(mptcp_subtype_name(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form),
		cmocka_unit_test(dss_forms),
		cmocka_unit_test(every_length),
		cmocka_unit_test(remove_addr),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("mptcp_option", tests, NULL, NULL);
}
