/*
 * genstorm - put a storm of packets between those of a capture
 *
 * genstorm kind n [end] < capture > mixed
 *
 * Spreads n packets evenly over the capture, which gencap has written (pcap,
 * Ethernet, nanoseconds), at times between its own; their server is 172.16.0.2.
 * Times of the storm are odd; those of the capture are made even, also with n = 0.
 *
 * With an end, as captured there, 0 is the clients', with 60 us for each way: what
 * the other one sent is stamped, and stands, so much later.  A storm's handshakes
 * have the answers to a packet APART packets after it, so that they come after it
 * at both ends.
 *
 * Kinds, see the table at the end:
 *
 * syn, capable, join	SYNs from as many addresses, never answered: plain, with
 *		MP_CAPABLE, with MP_JOIN of tokens that nobody has
 * stray	data of streams whose beginning was not captured
 * open, key	connections that are established, carry data and never close; all
 *		with other keys, or with the same
 * subflows	one connection: subflows that are established and carry data
 * overlap, dsn, gaps	few connections, whose mappings overlap in every way; whose
 *		data sequence numbers and data ACKs jump by 2^63; of whose bytes
 *		every second one is missing
 * option	segments of few connections whose options make no sense
 */
#include <nettle/hmac.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENT, SERVER };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { SERVER_PORT = 443, FEW = 10, SEGMENT = 1000 };
enum { APART = 60 /* packets */ };
enum { WAY_NS = 60000, UNDER_WAY_MAX = 1 << 12, FRAME_MAX = 1514 };

static const uint32_t server_ip = 0xac100002;	/* 172.16.0.2 */

static uint64_t seed = 88172645463325252, now;

static int end = -1;	/* where it is captured, or -1 */

/* A record of the capture. */
struct record {
	uint32_t s, ns, len, sent_len;
	uint8_t frame[FRAME_MAX];
};

/* A ring of the records that have yet to come from the other end, oldest first. */
static struct record under_way[UNDER_WAY_MAX];
static size_t oldest, n_under_way;

static void put_record(const struct record *r)
{
	fwrite(r, offsetof(struct record, frame) + r->len, 1, stdout);
}

/* Those that are there by then. */
static void put_arrived(uint64_t until)
{
	for (; n_under_way; n_under_way--) {
		const struct record *r = under_way + oldest;

		if (r->s * 1000000000ull + r->ns > until)
			break;
		put_record(r);
		oldest = (oldest + 1) % UNDER_WAY_MAX;
	}
}

/* `at` is never before that of the last one; a way too full ends the program. */
static void send_record(struct record *r, int side, uint64_t at)
{
	int far = end >= 0 && side != end;
	uint64_t seen = far ? at + WAY_NS : at;

	r->s = seen / 1000000000;
	r->ns = seen % 1000000000;
	put_arrived(at);
	if (!far)
		put_record(r);
	else if (n_under_way < UNDER_WAY_MAX)
		under_way[(oldest + n_under_way++) % UNDER_WAY_MAX] = *r;
	else
		exit(2);
}

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* A number that looks like no other, the same for the same i. */
static uint64_t mix(uint64_t i)
{
	i = (i + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 29) * 0x94d049bb133111eb;
	return i ^ i >> 32;
}

static uint8_t *be(uint8_t *p, uint64_t v, int n)
{
	for (int i = n; i-- > 0; v >>= 8)
		p[i] = v;
	return p + n;
}

/* One end of a stream: the i-th client of a storm, or its server. */
struct stream {
	uint32_t ip;
	uint16_t port;
	uint32_t seq[2];	/* next to send, by side */
};

static struct stream stream_of(unsigned long i)
{
	return (struct stream){ 0x0b000000 + (uint32_t)(i & 0xffffff),
		(uint16_t)(1024 + (i >> 24)), { (uint32_t)mix(i), (uint32_t)mix(~i) } };
}

/* A segment, sent by `side`; its options are n bytes, filled up with NOPs. */
static void put(const struct stream *s, int side, unsigned flags, uint32_t seq,
	uint32_t ack, const uint8_t *opt, size_t n, size_t payload)
{
	size_t options = (n + 3) & ~(size_t)3, len = 54 + options;
	struct record r = { .len = len, .sent_len = len + payload,
		.frame = "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" };
	uint8_t *ip = r.frame + 14, *tcp = ip + 20;
	uint32_t from = side ? server_ip : s->ip, to = side ? s->ip : server_ip;

	be(be(be(be(ip, 0x45000000 + len - 14 + payload, 4), 0, 4), 0x40060000, 4), from, 4);
	be(ip + 16, to, 4);
	be(be(tcp, side ? SERVER_PORT : s->port, 2), side ? s->port : SERVER_PORT, 2);
	be(be(be(tcp + 4, seq, 4), flags & ACK ? ack : 0, 4), (20 + options) / 4 << 4, 1);
	be(be(tcp + 13, flags, 1), 512, 2);
	memset(tcp + 20, 1, 40);
	memcpy(tcp + 20, opt, n);
	send_record(&r, side, now);
}

/* A connection: its first stream, keys, and where its data begins. */
struct conn {
	struct stream s;
	uint8_t key[2][8], token[4];
	uint64_t dsn[2];
};

static struct conn conn_of(unsigned long i, uint64_t keys)
{
	struct conn c = { .s = stream_of(i) };

	for (int side = 0; side < 2; side++) {
		struct sha256_ctx ctx;
		uint8_t digest[32];

		be(c.key[side], mix(2 * keys + side), 8);
		sha256_init(&ctx);
		sha256_update(&ctx, 8, c.key[side]);
		sha256_digest(&ctx, 32, digest);
		if (side == SERVER)
			memcpy(c.token, digest, 4);
		for (int j = 24; j < 32; j++)
			c.dsn[side] = c.dsn[side] << 8 | digest[j];
		c.dsn[side]++;
	}
	return c;
}

enum { HANDSHAKE = 3, LIFE = 6, SUBFLOW = 5 /* segments */ };

/*
 * APART streams live at the same time, each with so many steps: returns whose is the
 * i-th packet, and which one it is.
 */
static unsigned long abreast(unsigned long i, unsigned steps, unsigned *step)
{
	*step = i / APART % steps;
	return i / (APART * steps) * APART + i % APART;
}

/* The first three segments. */
static void handshake(const struct conn *c, unsigned step)
{
	uint8_t o[20] = { 30, 4, 1, 1 };
	uint32_t seq = c->s.seq[CLIENT], ack = c->s.seq[SERVER];

	if (step == 0) {
		put(&c->s, CLIENT, SYN, seq, 0, o, 4, 0);
	} else if (step == 1) {
		o[1] = 12;
		memcpy(o + 4, c->key[SERVER], 8);
		put(&c->s, SERVER, SYN | ACK, ack, seq + 1, o, 12, 0);
	} else {
		o[1] = 20;
		memcpy(o + 4, c->key, 16);
		put(&c->s, CLIENT, ACK, seq + 1, ack + 1, o, 20, 0);
	}
}

/* One of them in each `wait` packets of the connection; false: that is over. */
static int slow_handshake(const struct conn *c, unsigned long i, unsigned wait)
{
	if (i < HANDSHAKE * wait && i % wait == 0)
		handshake(c, i / wait);
	return i < HANDSHAKE * wait;
}

/* Bytes of the stream from `at` on, mapped from ssn to dsn, so many. */
static void data(const struct conn *c, const struct stream *s, int side, uint32_t at,
	uint64_t dsn, uint64_t dack, uint32_t ssn, unsigned len, unsigned payload)
{
	uint8_t o[26] = { 30, 26, 0x20, 0x0f };

	(void)c;
	be(be(be(be(o + 4, dack, 8), dsn, 8), ssn, 4), len, 2);
	put(s, side, ACK | PSH, s->seq[side] + at, s->seq[!side] + 1, o, 26, payload);
}

/* An ACK of all the data below. */
static void acknowledge(const struct stream *s, int side, uint32_t ack, uint64_t dack)
{
	uint8_t o[12] = { 30, 12, 0x20, 0x03 };

	be(o + 4, dack, 8);
	put(s, side, ACK, s->seq[side] + 1, s->seq[!side] + ack, o, 12, 0);
}

static void syn(unsigned long i)
{
	struct stream s = stream_of(i);

	put(&s, CLIENT, SYN, s.seq[CLIENT], 0, (const uint8_t *)"\2\4\5\xb4", 4, 0);
}

static void capable(unsigned long i)
{
	struct conn c = conn_of(i, i);

	handshake(&c, 0);
}

static void join_syn(const struct stream *s, const uint8_t token[4], uint32_t nonce)
{
	uint8_t o[12] = { 30, 12, 0x10, 1 };

	memcpy(o + 4, token, 4);
	be(o + 8, nonce, 4);
	put(s, CLIENT, SYN, s->seq[CLIENT], 0, o, 12, 0);
}

static void join(unsigned long i)
{
	struct stream s = stream_of(i);
	uint8_t token[4];

	be(token, mix(i) >> 7, 4);
	join_syn(&s, token, (uint32_t)i);
}

static void stray(unsigned long i)
{
	struct stream s = stream_of(i);

	data(NULL, &s, rnd() % 2, 1, rnd(), rnd(), 1, SEGMENT, SEGMENT);
}

/* What a connection that never closes says, six segments of it. */
static void life(const struct conn *c, unsigned step)
{
	uint64_t up = c->dsn[CLIENT], down = c->dsn[SERVER];

	if (step < HANDSHAKE)
		handshake(c, step);
	else if (step == 3)
		data(c, &c->s, CLIENT, 1, up, down, 1, SEGMENT, SEGMENT);
	else if (step == 4)
		acknowledge(&c->s, SERVER, 1 + SEGMENT, up + SEGMENT);
	else
		data(c, &c->s, SERVER, 1, down, up + SEGMENT, 1, SEGMENT, SEGMENT);
}

static void open_conn(unsigned long i)
{
	unsigned step;
	unsigned long k = abreast(i, LIFE, &step);
	struct conn c = conn_of(k, k);

	life(&c, step);
}

static void same_key(unsigned long i)
{
	unsigned step;
	struct conn c = conn_of(abreast(i, LIFE, &step), 1);

	life(&c, step);
}

static void hmac(const struct conn *c, int first, uint32_t nonce1, uint32_t nonce2,
	size_t n, uint8_t *out)
{
	struct hmac_sha256_ctx ctx;
	uint8_t key[16], nonce[8];

	memcpy(key, c->key[first], 8);
	memcpy(key + 8, c->key[!first], 8);
	be(be(nonce, nonce1, 4), nonce2, 4);
	hmac_sha256_set_key(&ctx, 16, key);
	hmac_sha256_update(&ctx, 8, nonce);
	hmac_sha256_digest(&ctx, n, out);
}

/* One subflow: its JOIN, data that goes on, and the ACK. */
static void subflow(const struct conn *c, unsigned long k, unsigned step)
{
	struct stream s = stream_of(k + 1);
	uint8_t o[24] = { 30, 16, 0x10, 0 };
	uint32_t client = (uint32_t)k, server = ~client;
	uint64_t at = c->dsn[CLIENT] + k * SEGMENT;

	if (step == 0) {
		join_syn(&s, c->token, client);
	} else if (step == 1) {
		hmac(c, SERVER, server, client, 8, o + 4);
		be(o + 12, server, 4);
		put(&s, SERVER, SYN | ACK, s.seq[SERVER], s.seq[CLIENT] + 1, o, 16, 0);
	} else if (step == 2) {
		o[1] = 24;
		hmac(c, CLIENT, client, server, 20, o + 4);
		put(&s, CLIENT, ACK, s.seq[CLIENT] + 1, s.seq[SERVER] + 1, o, 24, 0);
	} else if (step == 3) {
		data(c, &s, CLIENT, 1, at, c->dsn[SERVER], 1, SEGMENT, SEGMENT);
	} else {
		acknowledge(&s, SERVER, 1 + SEGMENT, at + SEGMENT);
	}
}

static void subflows(unsigned long i)
{
	struct conn c = conn_of(0, 0);
	unsigned step;
	unsigned long k;

	if (slow_handshake(&c, i, APART))
		return;
	k = abreast(i - HANDSHAKE * APART, SUBFLOW, &step);
	subflow(&c, k, step);
}

/* The i-th segment is the n-th of one of few connections; false: of its handshake. */
static int few(unsigned long i, struct conn *c, unsigned long *n)
{
	*c = conn_of(i % FEW, i % FEW);
	*n = i / FEW;
	if (slow_handshake(c, *n, APART / FEW))
		return 0;
	*n -= HANDSHAKE * (APART / FEW);
	return 1;
}

static void overlap(unsigned long i)
{
	struct conn c;
	unsigned long n;
	uint32_t at, ssn;

	if (!few(i, &c, &n))
		return;
	at = 1 + n * 50 + rnd() % 20000;
	ssn = at + 500 - rnd() % 1000;
	data(&c, &c.s, CLIENT, at, c.dsn[CLIENT] + ssn - rnd() % 4, c.dsn[SERVER], ssn,
		1 + rnd() % 3000, 1 + rnd() % 1400);
}

static void dsn(unsigned long i)
{
	struct conn c;
	unsigned long n;

	if (!few(i, &c, &n))
		return;
	data(&c, &c.s, n % 2, 1 + n * SEGMENT, c.dsn[n % 2] + n * SEGMENT + (n / 4 % 2 ? 1ull << 63 : 0),
		c.dsn[!(n % 2)] + (n / 8 % 2 ? 1ull << 63 : 0), 1 + n * SEGMENT, SEGMENT, SEGMENT);
}

static void gaps(unsigned long i)
{
	struct conn c;
	unsigned long n;

	if (!few(i, &c, &n))
		return;
	data(&c, &c.s, n % 2, 1 + 2 * n, c.dsn[n % 2] + 2 * n, c.dsn[!(n % 2)], 1 + 2 * n, 1, 1);
}

/* Options that are none: of length 0 and 1, cut, too long, repeated; any bytes. */
static void option(unsigned long i)
{
	static const uint8_t bad[][4] = {
		{ 30, 0 }, { 30, 1 }, { 0 }, { 1, 1, 30, 40 }, { 30, 2 }, { 30, 3, 0x20 },
		{ 8, 0 }, { 5, 1 }, { 254, 255 }, { 30, 40, 0x30, 1 }, { 30, 8, 0x31, 1 },
		{ 30, 20, 0x20, 0xff }, { 30, 4, 0x40, 1 }, { 30, 12, 0x60, 0 },
	};
	struct conn c;
	unsigned long n;
	uint8_t o[40];
	size_t len = 0;

	if (!few(i, &c, &n))
		return;
	for (size_t j = 0; j < sizeof(o); j++)
		o[j] = rnd() >> 20;
	while (len < sizeof(o) && rnd() % 4) {
		memcpy(o + len, bad[rnd() % (sizeof(bad) / sizeof(*bad))], 4);
		len += 4 + rnd() % 3 * 4;
	}
	put(&c.s, rnd() % 2, rnd() % 8 ? ACK : rnd() % 32, c.s.seq[0] + rnd() % 100000,
		c.s.seq[1] + rnd() % 100000, o, rnd() % 4 ? 40 : len > 40 ? 40 : len, rnd() % 2000);
}

static const struct {
	const char *name;
	void (*packet)(unsigned long i);
} kinds[] = {
	{ "syn", syn }, { "capable", capable }, { "join", join }, { "stray", stray },
	{ "open", open_conn }, { "key", same_key }, { "subflows", subflows },
	{ "overlap", overlap }, { "dsn", dsn }, { "gaps", gaps }, { "option", option },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* The frames of the capture: returns it, and where each begins. */
static uint8_t *read_all(size_t *size)
{
	size_t cap = 1 << 20;
	uint8_t *p = malloc(cap);

	for (*size = 0; p; ) {
		*size += fread(p + *size, 1, cap - *size, stdin);
		if (*size < cap)
			break;
		p = realloc(p, cap *= 2);
	}
	return p;
}

static uint32_t word(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* Rounded down to an even number of nanoseconds. */
static uint64_t time_of(const uint8_t *record)
{
	return word(record) * 1000000000ull + (word(record + 4) & ~1u);
}

/* The frame itself, at that time. */
static void put_own(const uint8_t *record)
{
	struct record r = { .len = word(record + 8), .sent_len = word(record + 12) };
	const uint8_t *port = r.frame + 14 + 20;

	if (r.len > FRAME_MAX)
		exit(2);
	memcpy(r.frame, record + 16, r.len);
	send_record(&r, (port[0] << 8 | port[1]) == SERVER_PORT, time_of(record));
}

int main(int argc, char **argv)
{
	unsigned long n, done = 0, frames = 0, frame = 0;
	size_t size, kind = 0, next;
	uint8_t *p = read_all(&size);

	while (kind < KINDS && argc >= 3 && strcmp(argv[1], kinds[kind].name) != 0)
		kind++;
	if (argc < 3 || argc > 4 || kind == KINDS || !p || size < 24 || word(p) != 0xa1b23c4d)
		return 2;
	n = strtoul(argv[2], NULL, 10);
	if (argc == 4)
		end = atoi(argv[3]);
	for (size_t at = 24; at + 16 <= size; at += 16 + word(p + at + 8))
		frames++;
	fwrite(p, 24, 1, stdout);
	for (size_t at = 24; at + 16 <= size; at = next, frame++) {
		unsigned long until = n * (frame + 1) / frames, begun = done;
		uint64_t from = time_of(p + at), to;

		next = at + 16 + word(p + at + 8);
		to = next + 16 <= size ? time_of(p + next) : from + 100000;
		put_own(p + at);
		for (; done < until; done++) {
			now = (from + (to - from) * (done - begun + 1) / (until - begun + 1)) | 1;
			kinds[kind].packet(done);
		}
	}
	put_arrived(UINT64_MAX);
	free(p);
	return fflush(stdout) || ferror(stdout);
}
