/* Frames of a pcap with TCP segments in them, made field by field. */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include "fuzz.h"

enum { FRAMES_MAX = 600, HELD_MAX = 8, FRAME_MAX = 16 + 40 + 40 };

/* A segment to be; its payload is left out, as by a snapshot length. */
struct tcp {
	uint32_t src, dst;	/* IPv4 */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t win;
	uint32_t len;
	uint8_t option[64];	/* more than fits is cut off */
	size_t options;
};

struct frame_bytes {
	uint8_t at[FRAME_MAX];
	size_t n;
};

/* A capture under way. */
struct pcap {
	uint8_t *at;		/* room for FRAMES_MAX frames */
	size_t n;
	unsigned frames;
	uint64_t ns;		/* now */
	struct frame_bytes last[HELD_MAX];	/* the latest frames, as a ring */
	unsigned lasts;
	struct frame_bytes held[HELD_MAX];	/* what is on its way for longer */
	unsigned helds;
	bool hold, lose;	/* what is to become of the next one */
};

static inline uint8_t *put(uint8_t *p, uint64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		*p++ = (uint8_t)(v >> 8 * bytes);
	return p;
}

static inline void put_le32(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline void pcap_open(struct pcap *c)
{
	static const uint8_t head[24] = {	/* ns, link type RAW */
		0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, [16] = 0xff, 0xff, [20] = 101,
	};

	*c = (struct pcap){ .at = malloc(sizeof(head) + FRAMES_MAX * FRAME_MAX),
			    .ns = UINT64_C(1700000000000000000) };
	CHECK(c->at);
	memcpy(c->at, head, sizeof(head));
	c->n = sizeof(head);
}

/* The frame was captured now. */
static inline void pcap_add(struct pcap *c, const struct frame_bytes *f)
{
	if (c->frames++ >= FRAMES_MAX)
		return;
	memcpy(c->at + c->n, f->at, f->n);
	put_le32(c->at + c->n, c->ns / 1000000000);
	put_le32(c->at + c->n + 4, c->ns % 1000000000);
	c->n += f->n;
	c->last[c->lasts++ % HELD_MAX] = *f;
}

static inline void pcap_release(struct pcap *c)
{
	while (c->helds)
		pcap_add(c, &c->held[--c->helds]);
}

static inline void pcap_segment(struct pcap *c, const struct tcp *t)
{
	size_t options = (t->options > 40 ? 40 : t->options + 3) & ~(size_t)3;
	struct frame_bytes f = { .n = 16 + 40 + options };
	uint8_t *p = f.at + 16;

	put_le32(f.at + 8, 40 + options);
	put_le32(f.at + 12, 40 + options + t->len);
	p = put(p, 0x4500, 2);
	p = put(p, 40 + options + t->len, 2);
	p = put(p, 0x00004000, 4);	/* don't fragment */
	p = put(p, 0x40060000, 4);
	p = put(p, t->src, 4);
	p = put(p, t->dst, 4);
	p = put(p, t->sport, 2);
	p = put(p, t->dport, 2);
	p = put(p, t->seq, 4);
	p = put(p, t->flags & 16 ? t->ack : 0, 4);
	p = put(p, (5 + options / 4) << 4, 1);
	p = put(p, t->flags, 1);
	p = put(p, t->win, 2);
	p = put(p, 0, 4);
	memset(p, 1, options);		/* NOPs behind them */
	memcpy(p, t->option, t->options < options ? t->options : options);
	if (c->lose)
		c->lose = false;
	else if (c->hold && c->helds < HELD_MAX)
		c->held[c->helds++] = f;
	else
		pcap_add(c, &f);
	c->hold = false;
}

#endif
