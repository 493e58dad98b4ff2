/*
 * gencap - make a capture of Multipath TCP connections, as large as wanted
 *
 * gencap [-CS] [-e end] [-n packets] [-c conns] [-s subflows] [-k packets] [-r seed]
 *        [-w mappings [-o] [-x percent]]
 *
 * Writes n packets of c version 1 connections that live at the same time,
 * each with s subflows.  A connection ends after about k packets (0: never)
 * and a new one takes its place.  Keys, tokens, HMACs, sequence numbers and
 * header checksums are right; the payload is zeros, and only captured with -S.
 * With -C, there are DSS checksums.
 *
 * Data is acknowledged at once; every 64th mapping or so is reinjected.  With
 * -w, each segment has a mapping of its own, and w of them are under way each
 * way before the first is acknowledged, as at the sender.  With -o, w segments
 * of the first subflow are held up instead, as at the receiver: what the other
 * subflows carry goes past them, and waits for them above as many holes.  With
 * -x, so many percent of the segments make one of those under way be sent
 * again, on its own subflow or on another.
 *
 * With -e, as captured at one end, 0 is the client's, with 60 us for each way:
 * what the other one sent is stamped so much later.
 */
#include <nettle/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENT, SERVER };
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
enum { MAX_SUBFLOWS = 64, SEGMENT = 1400, MAPPED = 4 /* segments */,
	GAP_NS = 250000, WAY_NS = 60000 };
enum { DSS_ACK = 0x03, DSS_MAP = 0x0f, DSS_FIN = 0x1f };

struct flow {
	uint32_t ip[2];			/* by side */
	uint16_t port[2];
	uint32_t isn[2], seq[2];	/* seq: next to send */
	uint32_t acked[2];		/* the other side has all below */
	uint32_t tsval[2], echo[2];	/* sent last; what is echoed */
	uint16_t ip_id[2];
};

/* A segment under a mapping of its own. */
struct sent {
	uint64_t dsn;
	uint32_t seq, tsval;
	unsigned flow;
};

/* A ring of `window` segments, oldest first. */
struct queue {
	struct sent *sent;
	unsigned first, n;
};

struct conn {
	struct flow *flow;
	struct queue under_way[2];	/* by sender; with -o not sent yet */
	uint8_t key[2][8];
	uint8_t token[2][4];
	uint64_t dsn[2], data_acked[2];	/* dsn: next to send */
	unsigned long packets, limit;	/* written; close after so many */
	int open;
};

static unsigned long total = 1000000, written, per_conn = 1000, serial;
static unsigned n_flows = 2, snap = 128, window, resent;
static int hold_up, checksums, end = -1;
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

static void write_record(size_t len, int sender)
{
	uint64_t at = end < 0 || sender == end ? now : now + WAY_NS;
	uint32_t head[4] = { at / 1000000000, at % 1000000000,
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
	memset(p, 1, 40);		/* NOPs */
	if (flags & SYN)
		p = memcpy(p, "\2\4\5\xb4\4\2\x08\x0a\0\0\0\0\0\0\0\0\1\3\3\7",
			20);
	else
		be(p + 2, 0x080a, 2);
	be(p + (flags & SYN ? 8 : 4), f->tsval[side], 4);
	be(p + (flags & SYN ? 12 : 8), f->echo[!side], 4);
	memcpy(p + (flags & SYN ? 20 : 12), opt, n);
	be(be(tcp, f->port[side], 2), f->port[!side], 2);
	be(tcp + 4, f->seq[side], 4);
	be(tcp + 8, flags & ACK ? f->acked[!side] : 0, 4);
	be(be(be(tcp + 12, (20 + options) / 4 << 4, 1), flags, 1),
		window ? 65535 : 512, 2);
	be(tcp + 16, 0, 4);
	be(be(ip, 0x45000000 + 40 + options + payload, 4),
		f->ip_id[side]++, 2);
	be(ip + 6, 0x400040060000, 6);
	be(be(ip + 12, f->ip[side], 4), f->ip[!side], 4);
	be(ip + 10, checksum(ip, 20, 0), 2);
	be(tcp + 16, checksum(ip + 12, 28 + options,
		6 + 20 + options + payload), 2);
	memset(tcp + 20 + options, 0, 40 - options);
	if (!payload && f->acked[side] == f->seq[side]) {
		f->echo[side] = f->tsval[side];
		f->acked[side] += flags & (SYN | FIN) ? 1 : 0;
	}
	f->seq[side] += payload + (flags & (SYN | FIN) ? 1 : 0);
	c->packets++;
	write_record(54 + options + payload, side);
}

/* A segment with a DSS: its data ACK, and for some kinds a mapping. */
static void dss(struct conn *c, struct flow *f, int side, unsigned kind,
	uint64_t dsn, uint32_t ssn, size_t len, size_t payload)
{
	size_t n = kind == DSS_ACK ? 12 : checksums ? 28 : 26;
	uint8_t o[28] = { 30, n, 0x20, kind };
	uint8_t *p = be(be(be(be(o + 4, c->data_acked[!side], 8), dsn, 8), ssn, 4), len, 2);

	be(p, checksum(o + 12, 14, 0), 2);	/* zeros add nothing */
	segment(c, f, side, payload ? ACK | PSH : ACK, o, n, payload);
}

/* The other side has got all that this one sent there. */
static void received(struct conn *c, struct flow *f, int side)
{
	f->acked[side] = f->seq[side];
	f->echo[side] = f->tsval[side];
	c->data_acked[side] = c->dsn[side];
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
		received(c, f, side);
		if (i % 2 == 0)
			dss(c, f, !side, DSS_ACK, 0, 0, 0, 0);
	}
}

/* Write a segment, which may not be the next one of its subflow. */
static void send_one(struct conn *c, int side, struct sent *s)
{
	struct flow *f = c->flow + s->flow;
	uint32_t next = f->seq[side];

	f->seq[side] = s->seq;
	dss(c, f, side, DSS_MAP, s->dsn, s->seq - f->isn[side], SEGMENT,
		SEGMENT);
	f->seq[side] = next;
	s->tsval = f->tsval[side];
}

/* The other side gets a segment; it acknowledges every second one. */
static void arrive(struct conn *c, int side, const struct sent *s)
{
	const struct queue *q = &c->under_way[side];
	uint64_t dack = q->n ? q->sent[q->first].dsn : c->dsn[side];
	struct flow *f = c->flow + s->flow;

	f->acked[side] = s->seq + SEGMENT;
	if (c->data_acked[side] < dack)
		c->data_acked[side] = dack;
	if ((s->seq - f->isn[side]) / SEGMENT % 2 == 0)
		f->echo[side] = s->tsval;
	else
		dss(c, f, !side, DSS_ACK, 0, 0, 0, 0);
}

/* The oldest segment under way comes through. */
static void oldest_arrives(struct conn *c, int side)
{
	struct queue *q = &c->under_way[side];
	struct sent *s = q->sent + q->first;

	q->first = (q->first + 1) % window;
	q->n--;
	if (hold_up)
		send_one(c, side, s);
	arrive(c, side, s);
}

/* Send SEGMENT bytes of data as the next ones of a subflow. */
static void send_data(struct conn *c, int side, unsigned flow, uint64_t dsn)
{
	struct queue *q = &c->under_way[side];
	struct flow *f = c->flow + flow;
	struct sent s = { dsn, f->seq[side], 0, flow };

	f->seq[side] += SEGMENT;
	if (dsn == c->dsn[side])
		c->dsn[side] += SEGMENT;
	if (!hold_up || flow > 0)
		send_one(c, side, &s);
	if (hold_up && flow > 0) {
		arrive(c, side, &s);
		return;
	}
	if (q->n == window)
		oldest_arrives(c, side);
	q->sent[(q->first + q->n++) % window] = s;
}

/* Send again, on its subflow or on the next one, what is under way. */
static void send_again(struct conn *c, int side)
{
	struct queue *q = &c->under_way[side];
	struct sent *s = q->sent + (q->first + rnd() % q->n) % window;

	if (n_flows == 1 || rnd() % 2)
		send_one(c, side, s);
	else
		send_data(c, side, (s->flow + 1) % n_flows, s->dsn);
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
	uint8_t o[24] = { 30, 4, 0, checksums ? 0x81 : 1 };
	uint8_t mapped[14] = { 0 };

	o[2] = 1;			/* subtype 0, version 1 */
	segment(c, f, CLIENT, SYN, o, 4, 0);
	o[1] = 12;
	memcpy(o + 4, c->key[SERVER], 8);
	segment(c, f, SERVER, SYN | ACK, o, 12, 0);
	o[1] = 20;
	memcpy(o + 4, c->key, 16);
	segment(c, f, CLIENT, ACK, o, 20, 0);
	o[1] = checksums ? 24 : 22;
	be(o + 20, MAPPED * SEGMENT, 2);
	be(be(be(mapped, c->dsn[CLIENT], 8), 1, 4), MAPPED * SEGMENT, 2);
	be(o + 22, checksum(mapped, sizeof(mapped), 0), 2);
	for (int i = 0; i < MAPPED; i++)
		segment(c, f, CLIENT, ACK | PSH, o, o[1], SEGMENT);
	c->dsn[CLIENT] += MAPPED * SEGMENT;
	received(c, f, CLIENT);
	dss(c, f, SERVER, DSS_ACK, 0, 0, 0, 0);
}

/* A new connection, which takes the place of the one that was there. */
static void open_conn(struct conn *c)
{
	memset(c->flow, 0, n_flows * sizeof(*c->flow));
	memset(c->dsn, 0, sizeof(c->dsn));
	c->packets = 0;
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
		c->data_acked[side] = c->dsn[side];
		for (unsigned i = 0; i < n_flows; i++)
			c->flow[i].isn[side] = c->flow[i].seq[side] =
				c->flow[i].acked[side] = rnd();
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

/* What is under way comes, then DATA_FINs, then the FINs of every subflow. */
static void close_conn(struct conn *c)
{
	uint8_t o[12] = { 30, 12, 0x20, DSS_ACK };

	for (int side = 0; side < 2; side++)
		while (c->under_way[side].n)
			oldest_arrives(c, side);
	dss(c, c->flow, CLIENT, DSS_FIN, c->dsn[CLIENT], 0, 1, 0);
	c->data_acked[CLIENT] = ++c->dsn[CLIENT];
	dss(c, c->flow, SERVER, DSS_FIN, c->dsn[SERVER], 0, 1, 0);
	c->data_acked[SERVER] = ++c->dsn[SERVER];
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
	} else if (window) {
		for (int i = 0; i < MAPPED; i++)
			send_data(c, side, rnd() % n_flows, c->dsn[side]);
		for (int i = 0; i < MAPPED && c->under_way[side].n; i++)
			if (rnd() % 100 < resent)
				send_again(c, side);
	} else {
		send_mapping(c, c->flow + flow, side, dsn);
		if (rnd() % 64 == 0)	/* reinject it */
			send_mapping(c, c->flow + (flow + 1) % n_flows, side,
				dsn);
	}
}

/* Places for connections that live at the same time; NULL: no memory. */
static struct conn *places(size_t n)
{
	struct conn *conns = calloc(n, sizeof(*conns));
	struct flow *flows = calloc(n * n_flows, sizeof(*flows));
	struct sent *sent = calloc(2 * n * window + 1, sizeof(*sent));

	if (!conns || !flows || !sent)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		conns[i].flow = flows + i * n_flows;
		conns[i].under_way[CLIENT].sent = sent + 2 * i * window;
		conns[i].under_way[SERVER].sent = sent + (2 * i + 1) * window;
	}
	return conns;
}

int main(int argc, char **argv)
{
	static const uint32_t head[6] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0,
		262144, 1 };
	unsigned long n_conns = 100;
	struct conn *conns;
	int c;

	while ((c = getopt(argc, argv, "CSon:c:s:k:r:w:x:e:")) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (c) {
		case 'C': checksums = 1; break;
		case 'S': snap = 262144; break;
		case 'e': end = v; break;
		case 'o': hold_up = 1; break;
		case 'n': total = v; break;
		case 'c': n_conns = v; break;
		case 's': n_flows = v; break;
		case 'k': per_conn = v; break;
		case 'r': seed = v; break;
		case 'w': window = v; break;
		case 'x': resent = v; break;
		default: return 2;
		}
	}
	if (!seed || n_flows < 1 || n_flows > MAX_SUBFLOWS)
		return 2;
	conns = places(n_conns);
	if (!conns)
		return 2;
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0", 14);
	fwrite(head, sizeof(head), 1, stdout);
	for (unsigned long i = 0; written < total && !ferror(stdout); i++)
		step(conns + i % n_conns);
	free(conns->flow);
	free(conns->under_way[CLIENT].sent);
	free(conns);
	return fflush(stdout) || ferror(stdout);
}
