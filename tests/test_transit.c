/* What crossed between two captures, against a network that knows what it did. */
#include "test.h"

#include "seq.h"
#include "transit.h"

enum { SENDS = 300, UNIT = 700, PACKETS = 8192, BYTES_MAX = 1 << 20 };

#define MS INT64_C(1000000)

static const struct transit_span always = { INT64_MIN, INT64_MAX };

/* A packet on the way: a piece of a sending. */
struct packet {
	struct passage p;
	uint64_t tx_pkt;
	bool again;		/* doubled by the network */
	bool uncaught;		/* the receiver's capture misses it */
};

struct world {
	uint64_t state;
	struct passage sent[SENDS];
	unsigned sends;
	struct packet packet[PACKETS];
	unsigned packets;
	/* what has to come out, and what did, per sending and unit: times */
	uint8_t want[SENDS + 1][BYTES_MAX / UNIT][4], got[SENDS + 1][BYTES_MAX / UNIT][4];
	bool stamps, ids;	/* hosts use TSval, IP id */
};

static struct world w;

/* What a network does. */
struct habits {
	unsigned loss, doubling, missed;	/* percent */
	bool stamps, ids, merges;
	unsigned same_stamp;	/* sendings in a row with one TSval */
};

static void send_on(const struct habits *h, unsigned k, int64_t from, int64_t to)
{
	struct packet *q = &w.packet[w.packets];
	const struct passage *tx = &w.sent[k];
	int64_t unit = from / UNIT;

	if (random_below(&w.state, 100) < h->loss) {
		for (; unit < to / UNIT; unit++)
			w.want[k][unit][FATE_LOST]++;
		return;
	}
	*q = (struct packet){ .p = *tx, .tx_pkt = tx->pkt };
	q->p.seq = from;
	q->p.end = to;
	q->p.ip_id = (uint16_t)(tx->ip_id + (from - tx->seq) / UNIT);
	q->p.at_ns = tx->at_ns + 20 * MS + random_below(&w.state, 3) * MS / 2;
	w.packets++;
	if (random_below(&w.state, 100) < h->doubling) {
		q[1] = q[0];
		q[1].p.at_ns += random_below(&w.state, 3) * MS;
		q[1].again = true;
		w.packets++;
	}
}

static int by_time(const void *x, const void *y)
{
	const struct packet *a = x, *b = y;

	if (a->p.at_ns != b->p.at_ns)
		return a->p.at_ns < b->p.at_ns ? -1 : 1;
	if (a->tx_pkt != b->tx_pkt)
		return a->tx_pkt < b->tx_pkt ? -1 : 1;
	return a->p.seq != b->p.seq ? (a->p.seq < b->p.seq ? -1 : 1) :
	       a->again - b->again;
}

static void crossed(void *arg, const struct crossing *c)
{
	uint64_t k = c->tx ? c->tx->pkt : SENDS;

	(void)arg;
	assert_true(c->from < c->to);
	assert_true(!c->tx || (c->tx->seq <= c->from && c->to <= c->tx->end));
	assert_true(!c->rx || (c->rx->seq <= c->from && c->to <= c->rx->end));
	assert_int_equal(c->from % UNIT, 0);
	for (int64_t unit = c->from / UNIT; unit < c->to / UNIT; unit++)
		w.got[k][unit][c->fate]++;
	if (c->clean)
		assert_true(c->tx->seq == c->rx->seq && c->tx->end == c->rx->end);
}

/* New data mostly, else what was sent before, cut in any other way. */
static void make_sends(const struct habits *h)
{
	int64_t next = 0, now = 0;

	for (unsigned k = 0; k < SENDS; k++) {
		struct passage *p = &w.sent[k];
		int64_t units = 1 + random_below(&w.state, 8), from = next;

		if (next && random_below(&w.state, 5) == 0) {
			from = next - (1 + (int64_t)random_below(&w.state, 30)) * UNIT;
			from = from < 0 ? 0 : from;
			now += 40 * MS;	/* a timeout at least */
		}
		*p = (struct passage){ .pkt = k, .seq = from, .end = from + units * UNIT,
			.time_ns = now, .at_ns = now, .has_ack = true, .ack = 1, .win = 9,
			.has_tsval = h->stamps, .tsval = 1000 + k / h->same_stamp,
			.has_ip_id = h->ids, .ip_id = (uint16_t)(65400 + 8 * k) };
		if (next < p->end)
			next = p->end;
		now += MS;
		for (int64_t pos = p->seq; pos < p->end; pos += UNIT)
			send_on(h, k, pos, pos + UNIT);
	}
	w.sends = SENDS;
}

/* As GRO does: what follows in time and number with the same TSval becomes one. */
static void merge(void)
{
	unsigned n = 0;

	for (unsigned i = 1; i < w.packets; i++) {
		struct packet *a = &w.packet[n], *b = &w.packet[i];

		if (a->tx_pkt == b->tx_pkt && a->p.end == b->p.seq && !a->again &&
		    !b->again && !a->uncaught && !b->uncaught)
			a->p.end = b->p.end;
		else
			w.packet[++n] = *b;
	}
	w.packets = n + 1;
}

static void expect(void)
{
	for (unsigned i = 0; i < w.packets; i++) {
		const struct packet *q = &w.packet[i];

		for (int64_t unit = q->p.seq / UNIT; unit < q->p.end / UNIT; unit++)
			w.want[q->tx_pkt][unit][q->uncaught ? FATE_UNSEEN :
				q->again ? FATE_DUP : FATE_ARRIVED]++;
	}
}

static void run(const struct habits *h, uint64_t state)
{
	struct transit t;
	unsigned k = 0;

	memset(&w, 0, sizeof(w));
	w.state = state;
	make_sends(h);
	qsort(w.packet, w.packets, sizeof(*w.packet), by_time);
	for (unsigned i = 0; i < w.packets; i++)
		w.packet[i].uncaught = random_below(&w.state, 100) < h->missed;
	if (h->merges)
		merge();
	expect();
	transit_init(&t, &always, &always, crossed, NULL);
	t.path.timed = true;
	for (unsigned i = 0; i < w.packets; i++) {
		for (; k < SENDS && w.sent[k].at_ns <= w.packet[i].p.at_ns; k++)
			transit_send(&t, &w.sent[k]);
		w.packet[i].p.pkt = i;
		if (!w.packet[i].uncaught)
			transit_arrive(&t, &w.packet[i].p);
		transit_pass(&t, w.packet[i].p.at_ns);
	}
	for (; k < SENDS; k++)
		transit_send(&t, &w.sent[k]);
	if (h->missed)
		transit_ack(&t, INT64_MAX);
	transit_end(&t);
	for (unsigned i = 0; i < TRANSIT_LAYERS; i++)
		assert_int_equal(t.over[i], runs_n(&t.layer[i]));
	transit_free(&t);
}

/* Sendings told apart by their TSval, their IP identification, or neither needed. */
static void test_told_apart(void **unused)
{
	static const struct habits h[] = {
		{ .loss = 10, .stamps = true, .same_stamp = 1 },
		{ .loss = 10, .doubling = 5, .stamps = true, .same_stamp = 1 },
		{ .loss = 30, .doubling = 5, .stamps = true, .same_stamp = 1, .merges = true },
		{ .loss = 10, .doubling = 5, .ids = true, .same_stamp = 1 },
		{ .loss = 10, .stamps = true, .ids = true, .same_stamp = 1000, .merges = true },
		{ .stamps = true, .same_stamp = 1 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(h); i++)
		for (uint64_t seed = 1; seed <= 20; seed++) {
			run(&h[i], seed);
			assert_memory_equal(w.got, w.want, sizeof(w.got));
		}
}

/* What the receiver's capture missed was acknowledged. */
static void test_unseen(void **unused)
{
	static const struct habits h = { .missed = 10, .stamps = true, .same_stamp = 1 };
	unsigned unseen = 0, lost = 0;

	(void)unused;
	run(&h, 7);
	for (unsigned k = 0; k < SENDS; k++)
		for (unsigned u = 0; u < BYTES_MAX / UNIT; u++) {
			unseen += w.got[k][u][FATE_UNSEEN];
			lost += w.got[k][u][FATE_LOST];
			assert_int_equal(w.got[k][u][FATE_ARRIVED],
					 w.want[k][u][FATE_ARRIVED]);
			assert_int_equal(w.got[k][u][FATE_UNSEEN] + w.got[k][u][FATE_LOST],
					 w.want[k][u][FATE_UNSEEN]);
		}
	assert_true(unseen > 50 && lost < unseen);
}

/* Without any mark every unit arrives once at least, and from where it was sent. */
static void test_no_marks(void **unused)
{
	static const struct habits h = { .loss = 10, .doubling = 5, .same_stamp = 1,
					 .merges = true };

	(void)unused;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		run(&h, seed);
		for (unsigned u = 0; u < BYTES_MAX / UNIT; u++) {
			unsigned got = 0, want = 0;

			for (unsigned k = 0; k <= SENDS; k++) {
				got += w.got[k][u][FATE_ARRIVED] + w.got[k][u][FATE_DUP];
				want += w.want[k][u][FATE_ARRIVED] + w.want[k][u][FATE_DUP];
			}
			assert_int_equal(got, want);
		}
	}
}

struct tale {
	struct crossing c[64];
	struct passage tx[64], rx[64];
	unsigned n;
};

static void tell(void *arg, const struct crossing *c)
{
	struct tale *t = arg;

	assert_true(t->n < COUNT(t->c));
	t->c[t->n] = *c;
	if (c->tx)
		t->tx[t->n] = *c->tx;
	if (c->rx)
		t->rx[t->n] = *c->rx;
	t->n++;
}

static struct passage pure(uint64_t pkt, int64_t ms, int64_t ack, uint32_t tsval, uint16_t id)
{
	return (struct passage){ .pkt = pkt, .time_ns = ms * MS, .at_ns = ms * MS, .seq = 1,
		.end = 1, .has_ack = true, .ack = ack, .flags = 16, .has_tsval = true,
		.tsval = tsval, .has_ip_id = id, .ip_id = id };
}

/* Duplicate ACKs: one of them lost, all of one time stamp. */
static void test_pure(void **unused)
{
	struct tale tale = { .n = 0 };
	struct transit t;
	struct passage p;
	static const uint64_t come[] = { 1, 2, 4, 4, 5 };

	(void)unused;
	transit_init(&t, &always, &always, tell, &tale);
	for (uint64_t k = 1; k <= 5; k++) {
		p = pure(k, (int64_t)k, k < 5 ? 100 : 200, 7, (uint16_t)k);
		transit_send(&t, &p);
	}
	for (size_t i = 0; i < COUNT(come); i++) {
		p = pure(i + 1, 30 + (int64_t)i, come[i] < 5 ? 100 : 200, 7, (uint16_t)come[i]);
		transit_arrive(&t, &p);
	}
	transit_end(&t);
	assert_int_equal(tale.n, 6);
	for (size_t i = 0; i < COUNT(come); i++)
		assert_int_equal(tale.tx[i].pkt, come[i]);
	assert_int_equal(tale.c[3].fate, FATE_DUP);
	assert_int_equal(tale.c[4].fate, FATE_ARRIVED);
	assert_int_equal(tale.c[5].fate, FATE_LOST);
	assert_int_equal(tale.tx[5].pkt, 3);
	transit_free(&t);
}

/* An ACK that the sender's capture missed is none of those that are like it. */
static void test_pure_missed(void **unused)
{
	struct tale tale = { .n = 0 };
	struct transit t;
	struct passage p;

	(void)unused;
	transit_init(&t, &(struct transit_span){ 0, INT64_MAX }, &always, tell, &tale);
	for (uint64_t k = 1; k <= 4; k++) {
		p = pure(k, (int64_t)k, 100, 7, (uint16_t)k);
		if (k != 2)
			transit_send(&t, &p);
	}
	for (uint64_t k = 1; k <= 4; k++) {
		p = pure(k, 30 + (int64_t)k, 100, 7, (uint16_t)k);
		transit_arrive(&t, &p);
	}
	transit_end(&t);
	assert_int_equal(tale.n, 4);
	for (uint64_t k = 1; k <= 4; k++) {
		assert_int_equal(tale.c[k - 1].fate, FATE_ARRIVED);
		assert_int_equal(tale.tx[k - 1].pkt, k == 2 ? 0 : k);
	}
	transit_free(&t);
}

/* As long as ACKs repeat, and of any number, none is looked at twice. */
static void test_many(void **unused)
{
	struct transit t;
	struct passage p;

	struct tale tale = { .n = 0 };

	(void)unused;
	transit_init(&t, &always, &always, tell, &tale);
	for (uint64_t k = 0; k < 200000; k++) {
		p = pure(k, (int64_t)k, 100, 7, (uint16_t)(k % 65535 + 1));
		transit_send(&t, &p);
		if (k < 1000)
			continue;
		p = pure(k, (int64_t)k + 5, 100, 7, (uint16_t)((k - 1000) % 65535 + 1));
		tale.n = 0;
		transit_arrive(&t, &p);
		assert_int_equal(tale.n, 1);
		assert_int_equal(tale.tx[0].pkt, k - 1000);
		assert_true(runs_n(&t.pure) < 4096);
	}
	transit_free(&t);
}

/* Outside the time that a capture covers nothing is lost. */
static void test_edges(void **unused)
{
	struct tale tale = { .n = 0 };
	struct transit t;
	struct passage p = { .seq = 1, .end = 101, .pkt = 1, .at_ns = 10 * MS };

	(void)unused;
	transit_init(&t, &always, &(struct transit_span){ 50 * MS, 200 * MS }, tell, &tale);
	transit_send(&t, &p);		/* before */
	p = (struct passage){ .seq = 101, .end = 201, .pkt = 2, .at_ns = 60 * MS };
	transit_send(&t, &p);		/* lost: the next one came */
	p = (struct passage){ .seq = 201, .end = 301, .pkt = 3, .at_ns = 70 * MS };
	transit_send(&t, &p);
	p.at_ns = 170 * MS;
	transit_arrive(&t, &p);
	p = (struct passage){ .seq = 301, .end = 401, .pkt = 4, .at_ns = 90 * MS };
	transit_send(&t, &p);		/* lost: it would be there */
	p = (struct passage){ .seq = 401, .end = 501, .pkt = 5, .at_ns = 110 * MS };
	transit_send(&t, &p);		/* may still be under way */
	transit_end(&t);
	assert_int_equal(tale.n, 3);
	assert_int_equal(tale.c[0].fate, FATE_ARRIVED);
	assert_int_equal(tale.tx[1].pkt, 2);
	assert_int_equal(tale.c[1].fate, FATE_LOST);
	assert_int_equal(tale.tx[2].pkt, 4);
	transit_free(&t);
}

static void ignore(void *arg, const struct crossing *c)
{
	*(uint64_t *)arg += c->fate == FATE_LOST;
}

/* Memory is what is under way, however much is lost for good. */
static void test_bounded(void **unused)
{
	uint64_t lost = 0;
	struct transit t;

	(void)unused;
	transit_init(&t, &always, &always, ignore, &lost);
	for (int64_t k = 0; k < 300000; k++) {
		struct passage p = { .seq = k * 100, .end = k * 100 + 100,
			.pkt = (uint64_t)k, .at_ns = k * MS };

		transit_send(&t, &p);
		if (k % 10)
			transit_arrive(&t, &p);
		transit_pass(&t, k * MS);
		assert_true(runs_n(&t.layer[0]) < 8192);
	}
	assert_true(lost > 25000);
	transit_end(&t);
	assert_int_equal(lost, 30000);
	transit_free(&t);
}

/* Nor when nothing of it ever arrives, with payload or without. */
static void test_silent(void **unused)
{
	enum { MANY = TRANSIT_SENT_MAX + 1000 };
	uint64_t lost = 0;
	struct transit t;

	(void)unused;
	transit_init(&t, &always, &always, ignore, &lost);
	for (int64_t k = 0; k < MANY; k++) {
		struct passage p = { .seq = k * 100, .end = k * 100 + 100,
			.pkt = 2 * (uint64_t)k, .at_ns = k };
		struct passage ack = { .seq = 1, .end = 1, .ack = k, .has_ack = true,
			.pkt = 2 * (uint64_t)k + 1, .at_ns = k };

		transit_send(&t, &p);
		transit_send(&t, &ack);
		assert_true(runs_n(&t.layer[0]) <= TRANSIT_SENT_MAX);
		assert_true(runs_n(&t.pure) <= TRANSIT_SENT_MAX);
	}
	transit_end(&t);
	assert_int_equal(lost, 2 * MANY);
	transit_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_apart),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_no_marks),
		cmocka_unit_test(test_pure),
		cmocka_unit_test(test_pure_missed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
