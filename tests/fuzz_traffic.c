/*
 * Traffic: four bytes at a time say what happens next on connections whose
 * hosts do as MPTCP's do for the most part, so that what tells figures is
 * reached: joins that hold, data on several paths, again and out of order,
 * ACKs, ends, numbers that wrap; and what a capture does to it: frames that
 * are late, lost or there twice. Then as for any other capture.
 */
#include "fuzz_figures.h"
#include "fuzz_frames.h"

#include "mptcp_key.h"

enum { CONNS = 4, PATHS = 4, FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* One subflow; of two, the first is the client's. */
struct path {
	uint16_t port;
	uint8_t step;		/* of its handshake */
	uint8_t opener;
	uint32_t isn[2], nonce[2];
	uint32_t sent[2], acked[2];	/* bytes of payload, acknowledged by the other */
	uint32_t tsval[2];
};

struct conn {
	bool plain, stamps;
	uint8_t version, uses;
	uint64_t key[2], base[2];
	uint64_t sent[2], acked[2];	/* bytes of data, likewise */
	struct path path[PATHS];
};

/* The instruction in hand. */
struct order {
	struct conn *c;
	struct path *p;
	unsigned conn, path, from, mode;	/* mode: 3 bits */
	unsigned x, y;
};

struct world {
	struct pcap pcap;
	struct conn conn[CONNS];
};

static struct tcp segment(struct world *w, const struct order *o, unsigned flags)
{
	struct path *p = o->p;
	unsigned from = o->from;
	uint32_t address[2] = { 0x0a000001 + 256 * o->conn + o->path,
				0x0a010001 + 256 * o->conn + o->path % 2 };
	struct tcp t = {
		.src = address[from], .dst = address[!from], .flags = (uint8_t)flags,
		.sport = from ? 80 : p->port, .dport = from ? p->port : 80,
		.seq = p->isn[from] + !(flags & SYN) + p->sent[from],
		.ack = p->isn[!from] + 1 + p->acked[!from], .win = 0x1000,
	};
	uint8_t *q = t.option;

	if (flags & SYN) {
		q = put(q, 0x020405b4, 4);
		q = put(q, 0x01030300 + o->conn, 4);
	}
	if (o->c->stamps) {
		p->tsval[from] = (uint32_t)(w->pcap.ns >> 22);
		q = put(q, 0x0101080a, 4);
		q = put(q, p->tsval[from], 4);
		q = put(q, p->tsval[!from], 4);
	}
	t.options = (size_t)(q - t.option);
	return t;
}

/* An MPTCP option: its length, what stands behind that, in 4 bytes, and more. */
static uint8_t *option(struct tcp *t, unsigned len, uint32_t head)
{
	uint8_t *p = t->option + t->options;

	if (t->options + len > sizeof(t->option))
		return p;
	memset(p, 0, len);
	put(put(p, 0x1e00 | len, 2), head >> 16, 2);
	t->options += len;
	return p + 4;
}

static void begin(struct world *w, const struct order *o)
{
	static const uint64_t odd[] = { 0, 0xfffff000, 0x7ffffff0, UINT64_MAX - 4000,
					UINT64_C(0x7ffffffffffff000), 0xffffffff };
	struct conn *c = o->c;

	*c = (struct conn){ .version = o->mode & 1, .stamps = o->mode & 2,
			    .plain = o->mode == 7, .uses = (uint8_t)(c->uses + o->from) };
	for (unsigned side = 0; side < 2; side++) {
		c->key[side] = (o->x + 1) * UINT64_C(0x9e3779b97f4a7c15) + side + o->conn;
		c->base[side] = mptcp_digest(c->version, c->key[side]).idsn + 1;
		if (o->y & 8)	/* nothing of its handshake should be captured then */
			c->base[side] = odd[o->y % 6] + side;
		for (unsigned i = 0; i < PATHS; i++) {
			c->path[i].isn[side] = (uint32_t)odd[(o->y >> 4) % 6] + 77 * i;
			c->path[i].nonce[side] = 0x01020304u * (i + side + 1);
		}
	}
	for (unsigned i = 0; i < PATHS; i++)
		c->path[i].port = (uint16_t)(40000 + 100 * o->conn + 8 * i + c->uses % 8);
	(void)w;
}

static void capable(struct tcp *t, const struct order *o, unsigned step)
{
	const struct conn *c = o->c;
	unsigned sends = step == 0 && c->version ? 0 : step < 2 ? 1 : 2;
	unsigned len = 4 + 8 * sends + (o->mode == 4 && step == 2 ? 2 : 0);
	uint8_t *p = option(t, len, (uint32_t)c->version << 24 |
			    (o->mode == 5 ? 0x810000 : 0x010000));

	if (sends)
		p = put(p, c->key[o->from], 8);
	if (sends == 2)
		p = put(p, c->key[!o->from], 8);
	if (sends == 2 && o->mode == 4) {
		put(p, 100, 2);
		t->len = 100;
	}
}

static void join(struct tcp *t, const struct order *o, unsigned step)
{
	const struct conn *c = o->c;
	const uint32_t *nonce = o->p->nonce;
	uint8_t hmac[20], *p;

	mptcp_join_hmac(c->version, c->key[o->from], c->key[!o->from],
			nonce[o->from], nonce[!o->from], hmac);
	hmac[3] ^= o->mode == 5;
	p = option(t, step == 0 ? 12 : step == 1 ? 16 : 24,
		   0x10000000 | (o->mode & 2) << 23 | (o->path + 3 * o->from) << 16);
	if (step == 0)
		p = put(p, mptcp_digest(c->version, c->key[!o->from]).token, 4);
	if (step)
		memcpy(p, hmac, step == 1 ? 8 : 20);
	if (step < 2)
		put(step ? p + 8 : p, nonce[o->from], 4);
}

/* The next segment of a handshake. */
static void shake(struct world *w, struct order *o)
{
	static const uint8_t flags[] = { SYN, SYN | ACK, ACK };
	unsigned step = o->p->step;
	struct tcp t;

	if (step == 0)
		o->p->opener = o->path && o->from;
	if (step > 2)
		step = o->p->step = o->x % 3;
	o->p->step++;
	o->from = o->p->opener ^ (step == 1);
	t = segment(w, o, flags[step]);
	if (!o->c->plain && o->mode != 6)
		(o->path ? join : capable)(&t, o, step);
	if (step == 0 && o->mode == 7)
		t.len = o->y;		/* data in the SYN */
	w->pcap.lose |= o->mode == 3;
	pcap_segment(&w->pcap, &t);
}

/* Where a DSS says that the payload belongs. */
struct map {
	uint64_t dsn;
	uint32_t ssn, len;
	bool mapped, fin;
};

static void dss(struct tcp *t, const struct order *o, const struct map *m, bool acks)
{
	const struct conn *c = o->c;
	bool wide = o->x & 1, wide_ack = o->x & 2;
	unsigned len = 4 + (acks ? wide_ack ? 8 : 4 : 0) +
		       (m->mapped ? (wide ? 8 : 4) + 4 + 2 + (o->x & 4 ? 2 : 0) : 0);
	uint64_t ack = c->base[!o->from] + c->acked[!o->from];
	uint8_t *p = option(t, len, 0x20000000 | (uint32_t)m->fin << 20 | acks << 16 |
			    (acks && wide_ack) << 17 | m->mapped << 18 |
			    (m->mapped && wide) << 19);

	if (acks)
		p = put(p, ack, wide_ack ? 8 : 4);
	if (!m->mapped)
		return;
	p = put(p, c->base[o->from] + m->dsn, wide ? 8 : 4);
	p = put(p, m->ssn, 4);
	put(p, m->len, 2);
}

/* The data that a segment of so many bytes carries, new or not. */
static struct map place(const struct order *o, uint32_t ssn, uint32_t len)
{
	uint64_t *sent = &o->c->sent[o->from];
	struct map m = { *sent, ssn, len, true, o->y >> 3 == 9 };

	switch (o->mode) {
	case 1:			/* nothing said */
		m.mapped = false;
		break;
	case 2:			/* sent before, perhaps on another path */
		m.dsn -= (uint64_t)len * (1 + o->x / 32) - o->x % 32;
		break;
	case 3:			/* for some segments to come */
		m.len *= 3;
		*sent += m.len;
		break;
	case 4:			/* for what came before */
		m.ssn -= len;
		*sent += len;
		break;
	case 5:			/* data before it is to come on another path */
		m.dsn += 2 * len;
		*sent += 3 * len;
		break;
	case 6:			/* nonsense, or an infinite mapping */
		m.dsn += o->x & 1 ? 0 : UINT64_C(1) << o->y % 64;
		m.len = o->x & 1 ? 0 : m.len;
		break;
	default:
		*sent += len;
	}
	m.len += m.fin;
	return m;
}

static void data(struct world *w, struct order *o)
{
	uint32_t len = 1 + (o->x >> 3) * (o->y & 1 ? 45u : 3), back = o->y >> 4;
	uint32_t *sent = &o->p->sent[o->from], ssn;
	struct tcp t;
	struct map m;

	if (o->y & 4)		/* one before it was not captured */
		*sent += len;
	ssn = 1 + *sent - (back > 11 ? (back - 11) * len / 2 : 0);
	m = place(o, ssn, len);
	t = segment(w, o, ACK);
	t.seq = o->p->isn[o->from] + ssn;
	t.len = len;
	if (ssn == 1 + *sent)
		*sent += len;
	if (!o->c->plain && o->mode != 1)
		dss(&t, o, &m, o->y & 2);
	pcap_segment(&w->pcap, &t);
}

static void acknowledge(struct world *w, struct order *o)
{
	static const uint16_t window[] = { 0x1000, 0xffff, 0, 100 };
	struct path *p = o->p;
	unsigned other = !o->from;
	uint32_t lag = o->x >> 4 ? (o->x >> 4) * 50 : 0;
	struct map none = { .mapped = false };
	struct tcp t;

	if (o->x & 8 && p->sent[other] >= lag)
		p->acked[other] = p->sent[other] - lag;
	if (o->y & 8 && o->c->sent[other] >= o->y)
		o->c->acked[other] = o->c->sent[other] - (o->y >> 4) * 50;
	t = segment(w, o, ACK);
	t.win = window[o->mode & 3];
	if (!o->c->plain && !(o->mode & 4))
		dss(&t, o, &none, true);
	pcap_segment(&w->pcap, &t);
}

/* The rest of what hosts say, and how they end. */
static void say(struct world *w, struct order *o)
{
	static const struct { uint8_t flags, len; uint32_t head; } t[] = {
		{ ACK, 8, 0x30010000 }, { ACK, 16, 0x30020000 }, { ACK, 4, 0x40000000 },
		{ ACK, 3, 0x51000000 }, { ACK, 4, 0x51000000 }, { ACK, 12, 0x60000000 },
		{ RST | ACK, 12, 0x70000000 }, { RST, 4, 0x80020000 }, { RST, 0, 0 },
		{ FIN | ACK, 0, 0 }, { FIN | ACK, 0, 0 }, { ACK, 12, 0x70000000 },
	};
	unsigned i = o->x % (sizeof(t) / sizeof(*t));
	struct tcp s = segment(w, o, t[i].flags);
	struct map fin = { o->c->sent[o->from], 0, 1, true, true };

	if (t[i].len)
		put(option(&s, t[i].len, t[i].head + ((o->y & 7u) << 16)),
		    o->c->key[!o->from], t[i].len >= 12 ? 8 : 0);
	if (i == 9 && !o->c->plain)
		dss(&s, o, &fin, true);
	pcap_segment(&w->pcap, &s);
}

/* What becomes of frames, and of time. */
static void happen(struct world *w, const struct order *o)
{
	struct pcap *c = &w->pcap;

	switch (o->mode) {
	case 0:
		c->hold = true;
		break;
	case 1:
		c->lose = true;
		break;
	case 2:
		pcap_release(c);
		break;
	case 3:			/* clocks of captures go back as well */
		c->ns -= (uint64_t)o->y << o->x % 24;
		break;
	case 4:
		if (c->lasts > o->x % HELD_MAX)
			pcap_add(c, &c->last[(c->lasts - 1 - o->x % HELD_MAX) % HELD_MAX]);
		break;
	default:
		c->ns += (uint64_t)(o->y + 1) << o->x % 36;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct world w;
	static void (*const act[])(struct world *, struct order *) = {
		data, acknowledge, data, acknowledge, shake, shake, say, data,
	};
	struct file capture = file_new();

	memset(&w, 0, sizeof(w));
	pcap_open(&w.pcap);
	for (unsigned i = 0; i < CONNS; i++)
		begin(&w, &(struct order){ .c = &w.conn[i], .conn = i, .mode = i % 3 });
	for (; size >= 4; size -= 4, bytes += 4) {
		struct order o = { .conn = bytes[1] & 3, .path = bytes[1] >> 2 & 3,
				   .from = bytes[1] >> 4 & 1, .mode = bytes[1] >> 5,
				   .x = bytes[2], .y = bytes[3] };

		o.c = &w.conn[o.conn];
		o.p = &o.c->path[o.path];
		w.pcap.ns += 1000000;
		if (bytes[0] % 10 < 8)
			act[bytes[0] % 10](&w, &o);
		else if (bytes[0] % 10 == 8)
			happen(&w, &o);
		else if (o.x > 200)
			begin(&w, &o);
	}
	pcap_release(&w.pcap);
	file_write(&capture, w.pcap.at, w.pcap.n);
	check_capture(&capture, w.pcap.at, w.pcap.n);
	file_close(&capture);
	free(w.pcap.at);
	return 0;
}
