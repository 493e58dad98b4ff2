/*
 * gencap - make a capture of Multipath TCP connections, as large as wanted
 *
 * gencap [-S] [-n packets] [-c conns] [-s subflows] [-k packets] [-r seed]
 *
 * Writes n packets of c version 1 connections that live at the same time,
 * each with s subflows.  A connection ends after about k packets (0: never)
 * and a new one takes its place.  Keys, tokens, HMACs, sequence numbers and
 * header checksums are right; the payload is zeros, and only captured with -S.
 */
#include <nettle/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENT, SERVER };
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
enum { MAX_SUBFLOWS = 8, SEGMENT = 1400, MAPPED = 4 /* segments */,
	GAP_NS = 250000 };
enum { DSS_ACK = 0x03, DSS_MAP = 0x0f, DSS_FIN = 0x1f };

struct flow {
	uint32_t ip[2];			/* by side */
	uint16_t port[2];
	uint32_t isn[2], seq[2];	/* seq: next to send */
	uint32_t tsval[2];
	uint16_t ip_id[2];
};

struct conn {
	struct flow flow[MAX_SUBFLOWS];
	uint8_t key[2][8];
	uint8_t token[2][4];
	uint64_t dsn[2];		/* next to send */
	unsigned long packets, limit;	/* written; close after so many */
	int open;
};

static unsigned long total = 1000000, written, per_conn = 1000, serial;
static unsigned n_flows = 2, snap = 128;
static uint64_t now = 1700000000000000000, seed = 1;
static uint8_t frame[14 + 20 + 60 + SEGMENT];	/* payload: never written */

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* An n-byte big-endian integer; returns what follows it. */
static uint8_t *be(uint8_t *p, uint64_t v, int n)
{
	for (int i = n; i-- > 0; v >>= 8)
		p[i] = v;
	return p + n;
}

/* Internet checksum of an even number of bytes. */
static unsigned checksum(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16)) & 0xffff;
}

static void write_record(size_t len)
{
	uint32_t head[4] = { now / 1000000000, now % 1000000000,
		len < snap ? len : snap, len };

	fwrite(head, sizeof(head), 1, stdout);
	fwrite(frame, head[2], 1, stdout);
	written++;
	now += GAP_NS / 2 + rnd() % GAP_NS;
}

/* Write a segment; its MPTCP option is n bytes at opt. */
static void segment(struct conn *c, struct flow *f, int side, unsigned flags,
	const uint8_t *opt, size_t n, size_t payload)
{
	uint8_t *ip = frame + 14, *tcp = ip + 20, *p = tcp + 20;
	size_t options = ((flags & SYN ? 20 : 12) + n + 3) & ~(size_t)3;

	if (written == total)
		return;
	f->tsval[side] = now / 1000000 + f->isn[side];
	memset(p, 1, 60);		/* NOPs */
	if (flags & SYN)
		p = memcpy(p, "\2\4\5\xb4\4\2\x08\x0a\0\0\0\0\0\0\0\0\1\3\3\7",
			20);
	else
		be(p + 2, 0x080a, 2);
	be(p + (flags & SYN ? 8 : 4), f->tsval[side], 4);
	be(p + (flags & SYN ? 12 : 8), f->tsval[!side], 4);
	memcpy(p + (flags & SYN ? 20 : 12), opt, n);
	be(be(tcp, f->port[side], 2), f->port[!side], 2);
	be(tcp + 4, f->seq[side], 4);
	be(tcp + 8, flags & ACK ? f->seq[!side] : 0, 4);
	be(be(be(tcp + 12, (20 + options) / 4 << 4, 1), flags, 1), 512, 2);
	be(tcp + 16, 0, 4);
	be(be(ip, 0x45000000 + 40 + options + payload, 4),
		f->ip_id[side]++, 2);
	be(ip + 6, 0x400040060000, 6);
	be(be(ip + 12, f->ip[side], 4), f->ip[!side], 4);
	be(ip + 10, checksum(ip, 20, 0), 2);
	be(tcp + 16, checksum(ip + 12, 28 + options,
		6 + 20 + options + payload), 2);
	memset(tcp + 20 + options, 0, 40 - options);
	f->seq[side] += payload + (flags & (SYN | FIN) ? 1 : 0);
	c->packets++;
	write_record(54 + options + payload);
}

/* A segment with a DSS: its data ACK, and for some kinds a mapping. */
static void dss(struct conn *c, struct flow *f, int side, unsigned kind,
	uint64_t dsn, uint32_t ssn, size_t len, size_t payload)
{
	size_t n = kind == DSS_ACK ? 12 : 26;
	uint8_t o[26] = { 30, n, 0x20, kind };

	be(be(be(be(o + 4, c->dsn[!side], 8), dsn, 8), ssn, 4), len, 2);
	segment(c, f, side, payload ? ACK | PSH : ACK, o, n, payload);
}

/* Some segments under one mapping, and the ACKs for them. */
static void send_mapping(struct conn *c, struct flow *f, int side,
	uint64_t dsn)
{
	uint32_t ssn = f->seq[side] - f->isn[side];

	for (int i = 1; i <= MAPPED; i++) {
		dss(c, f, side, DSS_MAP, dsn, ssn, MAPPED * SEGMENT, SEGMENT);
		if (c->dsn[side] < dsn + i * SEGMENT)
			c->dsn[side] = dsn + i * SEGMENT;
		if (i % 2 == 0)
			dss(c, f, !side, DSS_ACK, 0, 0, 0, 0);
	}
}

static void hmac(const struct conn *c, int first, const uint8_t *nonce1,
	const uint8_t *nonce2, size_t n, uint8_t *out)
{
	struct hmac_sha256_ctx ctx;
	uint8_t key[16];

	memcpy(key, c->key[first], 8);
	memcpy(key + 8, c->key[!first], 8);
	hmac_sha256_set_key(&ctx, 16, key);
	hmac_sha256_update(&ctx, 4, nonce1);
	hmac_sha256_update(&ctx, 4, nonce2);
	hmac_sha256_digest(&ctx, n, out);
}

static void join(struct conn *c, struct flow *f, unsigned id)
{
	uint8_t syn[12] = { 30, 12, 0x10, id }, ack[24] = { 30, 24, 0x10 };
	uint8_t synack[16] = { 30, 16, 0x10, 0 };

	memcpy(syn + 4, c->token[SERVER], 4);
	be(syn + 8, rnd() >> 32, 4);
	be(synack + 12, rnd() >> 32, 4);
	hmac(c, SERVER, synack + 12, syn + 8, 8, synack + 4);
	hmac(c, CLIENT, syn + 8, synack + 12, 20, ack + 4);
	segment(c, f, CLIENT, SYN, syn, 12, 0);
	segment(c, f, SERVER, SYN | ACK, synack, 16, 0);
	segment(c, f, CLIENT, ACK, ack, 24, 0);
	dss(c, f, SERVER, DSS_ACK, 0, 0, 0, 0);
}

/* The three-way handshake, and the first data with both keys. */
static void capable(struct conn *c, struct flow *f)
{
	uint8_t o[22] = { 30, 4, 0, 1 };

	o[2] = 1;			/* subtype 0, version 1 */
	segment(c, f, CLIENT, SYN, o, 4, 0);
	o[1] = 12;
	memcpy(o + 4, c->key[SERVER], 8);
	segment(c, f, SERVER, SYN | ACK, o, 12, 0);
	o[1] = 20;
	memcpy(o + 4, c->key, 16);
	segment(c, f, CLIENT, ACK, o, 20, 0);
	o[1] = 22;
	be(o + 20, MAPPED * SEGMENT, 2);
	for (int i = 0; i < MAPPED; i++)
		segment(c, f, CLIENT, ACK | PSH, o, 22, SEGMENT);
	c->dsn[CLIENT] += MAPPED * SEGMENT;
	dss(c, f, SERVER, DSS_ACK, 0, 0, 0, 0);
}

static void open_conn(struct conn *c)
{
	memset(c, 0, sizeof(*c));
	for (int side = 0; side < 2; side++) {
		struct sha256_ctx ctx;
		uint8_t digest[32];

		be(c->key[side], rnd(), 8);
		sha256_init(&ctx);
		sha256_update(&ctx, 8, c->key[side]);
		sha256_digest(&ctx, 32, digest);
		memcpy(c->token[side], digest, 4);
		for (int i = 24; i < 32; i++)
			c->dsn[side] = c->dsn[side] << 8 | digest[i];
		c->dsn[side]++;		/* the handshake took one */
		for (unsigned i = 0; i < n_flows; i++)
			c->flow[i].isn[side] = c->flow[i].seq[side] = rnd();
	}
	for (unsigned i = 0; i < n_flows; i++) {
		struct flow *f = c->flow + i;

		f->ip[CLIENT] = (10 << 24 | i << 16) + serial % 65536;
		f->ip[SERVER] = 0xac100001;
		f->port[CLIENT] = 10000 + serial / 65536 % 50000;
		f->port[SERVER] = 443;
	}
	serial++;
	c->open = 1;
	c->limit = per_conn ? per_conn / 2 + rnd() % per_conn : -1UL;
	capable(c, c->flow);
	for (unsigned i = 1; i < n_flows; i++)
		join(c, c->flow + i, i);
}

/* DATA_FINs, then the FINs of every subflow. */
static void close_conn(struct conn *c)
{
	uint8_t o[12] = { 30, 12, 0x20, DSS_ACK };

	dss(c, c->flow, CLIENT, DSS_FIN, c->dsn[CLIENT], 0, 1, 0);
	c->dsn[CLIENT]++;
	dss(c, c->flow, SERVER, DSS_FIN, c->dsn[SERVER], 0, 1, 0);
	c->dsn[SERVER]++;
	dss(c, c->flow, CLIENT, DSS_ACK, 0, 0, 0, 0);
	for (struct flow *f = c->flow; f < c->flow + n_flows; f++) {
		be(o + 4, c->dsn[SERVER], 8);
		segment(c, f, CLIENT, FIN | ACK, o, 12, 0);
		be(o + 4, c->dsn[CLIENT], 8);
		segment(c, f, SERVER, FIN | ACK, o, 12, 0);
		dss(c, f, CLIENT, DSS_ACK, 0, 0, 0, 0);
	}
	c->open = 0;
}

/* What a connection does next: some packets in one go. */
static void step(struct conn *c)
{
	int side = rnd() % 4 ? CLIENT : SERVER;
	unsigned flow = rnd() % n_flows;
	uint64_t dsn = c->dsn[side];

	if (!c->open) {
		open_conn(c);
	} else if (c->packets >= c->limit) {
		close_conn(c);
	} else {
		send_mapping(c, c->flow + flow, side, dsn);
		if (rnd() % 64 == 0)	/* reinject it */
			send_mapping(c, c->flow + (flow + 1) % n_flows, side,
				dsn);
	}
}

int main(int argc, char **argv)
{
	static const uint32_t head[6] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0,
		262144, 1 };
	unsigned long n_conns = 100;
	struct conn *conns;
	int c;

	while ((c = getopt(argc, argv, "Sn:c:s:k:r:")) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (c) {
		case 'S': snap = 262144; break;
		case 'n': total = v; break;
		case 'c': n_conns = v; break;
		case 's': n_flows = v; break;
		case 'k': per_conn = v; break;
		case 'r': seed = v; break;
		default: return 2;
		}
	}
	conns = calloc(n_conns, sizeof(*conns));
	if (!conns || !seed || n_flows < 1 || n_flows > MAX_SUBFLOWS)
		return 2;
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0", 14);
	fwrite(head, sizeof(head), 1, stdout);
	for (unsigned long i = 0; written < total && !ferror(stdout); i++)
		step(conns + i % n_conns);
	free(conns);
	return fflush(stdout) || ferror(stdout);
}
