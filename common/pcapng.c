#include "pcapng.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "capture.h"
#include "input.h"
#include "mem.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2,	/* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	OPTION_IF_NAME = 2,
	OPTION_IF_TSRESOL = 9,
	OPTION_IF_TSOFFSET = 14,
	BLOCK_MAX = 1 << 24,	/* the largest block believed, in bytes */
	INTERFACES_MAX = 1 << 16,
	SKIPPED = 2		/* of next_block() */
};

struct interface {
	int link;
	uint32_t snaplen;	/* 0: no limit */
	uint8_t resolution;	/* if_tsresol: 10^-n s, or 2^-(n & 0x7f) s */
	int64_t offset_s;	/* if_tsoffset */
	char *name;		/* NULL: none */
};

struct pcapng {
	struct input *in;
	bool little;		/* byte order of this section */
	bool started;		/* a section header was seen */
	struct interface *iface;
	size_t n, cap;
	int64_t last_ns;	/* time of the frame before, for simple blocks */
	const char *error;
};

struct pcapng *pcapng_open(struct input *in)
{
	struct pcapng *p = mem_zero(sizeof(*p));

	p->in = in;
	return p;
}

static void forget_interfaces(struct pcapng *p)
{
	while (p->n)
		free(p->iface[--p->n].name);
}

void pcapng_close(struct pcapng *p)
{
	if (!p)
		return;
	forget_interfaces(p);
	free(p->iface);
	free(p);
}

const char *pcapng_error(const struct pcapng *p)
{
	return p->error;
}

static uint16_t get16(const struct pcapng *p, const uint8_t *b)
{
	return p->little ? le16(b) : be16(b);
}

static uint32_t get32(const struct pcapng *p, const uint8_t *b)
{
	return p->little ? le32(b) : be32(b);
}

static uint64_t get64(const struct pcapng *p, const uint8_t *b)
{
	return p->little ? (uint64_t)get32(p, b + 4) << 32 | get32(p, b)
			  : (uint64_t)get32(p, b) << 32 | get32(p, b + 4);
}

static int fail(struct pcapng *p, const char *why)
{
	p->error = why;
	return -1;
}

static void interface_option(struct pcapng *p, struct interface *i,
			     unsigned code, const uint8_t *b, unsigned len)
{
	if (code == OPTION_IF_NAME && !i->name)
		i->name = mem_string((const char *)b, strnlen((const char *)b, len));
	else if (code == OPTION_IF_TSRESOL && len >= 1)
		i->resolution = b[0];
	else if (code == OPTION_IF_TSOFFSET && len >= 8)
		i->offset_s = (int64_t)get64(p, b);
}

static int interface_block(struct pcapng *p, const uint8_t *b, size_t len)
{
	struct interface *i;

	if (len < 8 || p->n == INTERFACES_MAX)
		return fail(p, "pcapng interface block is damaged");
	p->iface = mem_grow(p->iface, &p->cap, p->n + 1, sizeof(*p->iface));
	i = &p->iface[p->n++];
	*i = (struct interface){ .link = get16(p, b),
				 .snaplen = get32(p, b + 4), .resolution = 6 };
	for (size_t at = 8; at + 4 <= len; ) {
		unsigned code = get16(p, b + at), n = get16(p, b + at + 2);

		at += 4;
		if (code == 0 || n > len - at)
			break;
		interface_option(p, i, code, b + at, n);
		at += (n + 3u) & ~3u;
	}
	return 0;
}

static int64_t to_ns(const struct interface *i, uint64_t t)
{
	unsigned n = i->resolution & 0x7f;
	uint64_t ns, part;

	if (i->resolution & 0x80) {
		ns = (n < 64 ? t >> n : 0) * 1000000000;
		part = n < 64 ? t & ((UINT64_C(1) << n) - 1) : t;
		if (n > 32) {	/* the product below has to fit 64 bits */
			part = n - 32 < 64 ? part >> (n - 32) : 0;
			n = 32;
		}
		ns += part * 1000000000 >> n;
	} else {
		ns = t;
		for (; n < 9; n++)
			ns *= 10;
		for (; n > 9 && ns; n--)
			ns /= 10;
	}
	return (int64_t)(ns + (uint64_t)i->offset_s * 1000000000);
}

/* A packet block: where its fields are depends on its type. */
static int packet_block(struct pcapng *p, uint32_t type, const uint8_t *b,
			size_t len, struct frame *f)
{
	size_t head = type == BLOCK_SIMPLE ? 4 : 20;
	const struct interface *i;
	uint32_t id = 0;

	if (len < head)
		return fail(p, "pcapng packet block is too short");
	if (type != BLOCK_SIMPLE)
		id = type == BLOCK_PACKET ? get16(p, b) : get32(p, b);
	if (id >= p->n)
		return fail(p, "pcapng packet of an interface not described");
	i = &p->iface[id];
	if (type == BLOCK_SIMPLE) {
		f->len = get32(p, b);
		f->caplen = i->snaplen && i->snaplen < f->len ? i->snaplen : f->len;
		f->time_ns = p->last_ns;
	} else {
		f->caplen = get32(p, b + 12);
		f->len = get32(p, b + 16);
		f->time_ns = to_ns(i, (uint64_t)get32(p, b + 4) << 32 |
				      get32(p, b + 8));
	}
	if (f->caplen > len - head)
		return fail(p, "pcapng packet is longer than its block");
	p->last_ns = f->time_ns;
	f->data = b + head;
	f->link = i->link;
	f->iface = i->name;
	return 1;
}

/* A section header changes the byte order that its own length is written in. */
static bool start_section(struct pcapng *p, const uint8_t *b)
{
	static const uint8_t magic[] = { 0x1a, 0x2b, 0x3c, 0x4d };
	static const uint8_t cigam[] = { 0x4d, 0x3c, 0x2b, 0x1a };

	p->little = memcmp(b + 8, cigam, 4) == 0;
	if (!p->little && memcmp(b + 8, magic, 4) != 0)
		return false;
	p->started = true;
	forget_interfaces(p);
	return true;
}

/* Whether blocks of this type are looked at. */
static bool is_read(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE ||
	       type == BLOCK_PACKET || type == BLOCK_SIMPLE ||
	       type == BLOCK_ENHANCED;
}

/* Pass over a block that is not, however long. */
static int skip_block(struct pcapng *p, uint32_t len)
{
	while (len) {
		size_t n;

		if (!input_need(p->in, 1))
			return p->in->error ? -1 : fail(p, "capture is cut short");
		n = input_left(p->in);
		n = n < len ? n : len;
		input_skip(p->in, n);
		len -= (uint32_t)n;
	}
	return SKIPPED;
}

/* The next whole block: 1, with its length, or SKIPPED; 0 at the end; -1 damaged. */
static int next_block(struct pcapng *p, uint32_t *type, uint32_t *len)
{
	const uint8_t *b;

	if (!input_need(p->in, 12)) {
		if (p->in->error)
			return -1;
		return input_left(p->in) ? fail(p, "capture is cut short") : 0;
	}
	b = input_data(p->in);
	*type = get32(p, b);
	if (*type == BLOCK_SECTION && !start_section(p, b))
		return fail(p, "pcapng section header is damaged");
	if (!p->started)
		return fail(p, "pcapng without a section header");
	*len = get32(p, b + 4);
	if (*len < 12 || *len % 4 || (*len > BLOCK_MAX && is_read(*type)))
		return fail(p, "pcapng block length is damaged");
	if (*len > BLOCK_MAX)
		return skip_block(p, *len);
	if (!input_need(p->in, *len))
		return p->in->error ? -1 : fail(p, "capture is cut short");
	if (get32(p, input_data(p->in) + *len - 4) != *len)
		return fail(p, "pcapng block lengths disagree");
	return 1;
}

int pcapng_next(struct pcapng *p, struct frame *f)
{
	uint32_t type, len;
	int got;

	while ((got = next_block(p, &type, &len)) > 0) {
		const uint8_t *body = input_data(p->in) + 8;

		if (got == SKIPPED)
			continue;
		input_skip(p->in, len);
		if (type == BLOCK_INTERFACE) {
			if (interface_block(p, body, len - 12) < 0)
				return -1;
		} else if (is_read(type) && type != BLOCK_SECTION) {
			return packet_block(p, type, body, len - 12, f);
		}
	}
	return got;
}
