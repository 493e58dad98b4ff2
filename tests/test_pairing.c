/* pairing: matches of streams found while both captures go on. */
#include "test.h"

#include "conn.h"
#include "pairing.h"
#include "track.h"

enum { S = TCP_SYN, A = TCP_ACK, SA = TCP_SYN | TCP_ACK, F = TCP_FIN | TCP_ACK };

/* One capture: what a middlebox does to what it shows. */
struct view {
	struct pairing *pairing;
	unsigned which;
	struct track track;
	uint16_t port_shift;		/* of the client */
	uint32_t seq_shift[2];		/* of the client's numbers, the server's */
	struct print *print;		/* of the last segment */
};

struct test {
	struct pairing pairing;
	struct view view[2];
	int64_t time_ns;
};

static void stream_gone(void *arg, struct stream *s)
{
	struct view *v = arg;

	pairing_forget(v->pairing, v->which, s);
}

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	pairing_init(&t->pairing, true);
	for (unsigned i = 0; i < 2; i++) {
		struct conn_hooks hooks = { .arg = &t->view[i], .stream_gone = stream_gone };

		t->view[i].pairing = &t->pairing;
		t->view[i].which = i;
		track_init(&t->view[i].track, &hooks, NULL);
	}
	t->time_ns = INT64_C(1700000000000000000);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	for (unsigned i = 0; i < 2; i++) {
		pairing_end(&t->pairing, i);
		track_end(&t->view[i].track);
		assert_null(t->pairing.prints[i].first);
	}
	pairing_free(&t->pairing);
	free(t);
	return 0;
}

/* A segment of plain TCP; ts is its TSval if not 0, and one less than its TSecr. */
struct wire {
	uint16_t port;
	bool back;
	unsigned flags;
	uint32_t seq, ack, len, ts;
};

/* It passes one of the captures. */
static struct print *see(struct test *t, unsigned which, struct wire w)
{
	static const uint8_t address[2][4] = { { 10, 0, 1, 1 }, { 10, 0, 9, 1 } };
	struct view *v = &t->view[which];
	uint16_t port = (uint16_t)(w.port + v->port_shift);
	struct segment s;

	memset(&s, 0, sizeof(s));
	s.has = COLUMN(TIME_NS) | COLUMN(SEQ) | COLUMN(LEN) | (w.flags & A ? COLUMN(ACK) : 0);
	s.time_ns = t->time_ns;
	s.src = addr_v4(address[w.back]);
	s.dst = addr_v4(address[!w.back]);
	s.sport = w.back ? 80 : port;
	s.dport = w.back ? port : 80;
	s.flags = (uint8_t)w.flags;
	s.seq = w.seq + v->seq_shift[w.back];
	s.ack = w.ack + v->seq_shift[!w.back];
	s.len = w.len;
	if (w.ts) {
		s.has |= COLUMN(TSVAL) | COLUMN(TSECR);
		s.opt.has = HAS_TS;
		s.opt.tsval = w.ts;
		s.opt.tsecr = w.ts - 1;
	}
	t->time_ns += 1000000;
	v->print = pairing_observe(&t->pairing, which, track_segment(&v->track, &s), &s);
	return v->print;
}

static void see_both(struct test *t, struct wire w)
{
	see(t, PAIR_A, w);
	see(t, PAIR_B, w);
}

/* The prints of the last segments are a pair, with these shifts of a's numbers. */
static void check_pair(struct test *t, int64_t client, int64_t server, uint16_t port)
{
	struct print *a = t->view[PAIR_A].print, *b = t->view[PAIR_B].print;
	unsigned end = a->end[0].port == port ? 0 : 1;

	assert_non_null(a->pair);
	assert_ptr_equal(a->pair, b->pair);
	assert_ptr_equal(a->pair->a, a);
	assert_ptr_equal(a->pair->b, b);
	assert_true(b->end[pair_end_b(a->pair, end)].port ==
		    port + t->view[PAIR_B].port_shift);
	assert_true(a->pair->end[end].shifted && a->pair->end[!end].shifted);
	assert_int_equal(a->pair->end[end].rel_shift, client);
	assert_int_equal(a->pair->end[!end].rel_shift, server);
	assert_int_equal(a->pair->end[end].isn_shift, (int32_t)t->view[PAIR_B].seq_shift[0]);
	assert_int_equal(a->pair->end[!end].isn_shift, (int32_t)t->view[PAIR_B].seq_shift[1]);
}

/* A SYN in both is enough, and its answer tells the rest. */
static void test_handshake(void **state)
{
	struct test *t = *state;

	assert_null(see(t, PAIR_A, (struct wire){ 4000, 0, S, 100, 0, 0, 7 })->pair);
	assert_non_null(see(t, PAIR_B, (struct wire){ 4000, 0, S, 100, 0, 0, 7 })->pair);
	see_both(t, (struct wire){ 4000, 1, SA, 900, 101, 0, 8 });
	check_pair(t, 0, 0, 4000);
}

/* Translated, renumbered: the time stamps of the SYNs tell. */
static void test_middlebox(void **state)
{
	struct test *t = *state;

	t->view[PAIR_B].port_shift = 77;
	t->view[PAIR_B].seq_shift[0] = 0x80000001;
	t->view[PAIR_B].seq_shift[1] = 12345;
	see_both(t, (struct wire){ 4000, 0, S, 0xffffffff, 0, 0, 7 });
	see_both(t, (struct wire){ 4000, 1, SA, 900, 0, 0, 8 });
	check_pair(t, 0, 0, 4000);
}

/* Both begin later, and B after A: rel_seq is not the same. */
static void test_late(void **state)
{
	struct test *t = *state;
	uint32_t seq = 5000, ts = 1;

	t->view[PAIR_B].port_shift = 2000;
	t->view[PAIR_B].seq_shift[0] = 1u << 31;
	for (unsigned i = 0; i < 40; i++, seq += 1000) {
		struct wire data = { 4000, 0, A, seq, 33, 1000, ts += 3 };
		struct wire ack = { 4000, 1, A, 33, seq + 1000, 0, ts += 2 };

		see(t, PAIR_A, data);
		see(t, PAIR_A, ack);
		if (i < 7)
			continue;
		see(t, PAIR_B, data);
		see(t, PAIR_B, ack);
	}
	check_pair(t, -7000, 0, 4000);
}

/* No segment is the same, but the numbers overlap: they are not shifted then. */
static void test_overlap(void **state)
{
	struct test *t = *state;

	for (uint32_t i = 0; i < 80; i++) {
		see(t, PAIR_A, (struct wire){ 4000, 0, A, 5000 + 1000 * i, 33, 1000, 0 });
		see(t, PAIR_B, (struct wire){ 4000, 0, A, 5300 + 700 * i, 33, 700, 0 });
		see(t, PAIR_A, (struct wire){ 4000, 1, A, 33, 6000 + 1000 * i, 0, 0 });
		see(t, PAIR_B, (struct wire){ 4000, 1, A, 33, 6001 + 700 * i, 0, 0 });
	}
	check_pair(t, -300, 0, 4000);
}

/* The SYN/ACK comes late in A, behind ACKs that were numbered from elsewhere. */
static void test_late_synack(void **state)
{
	struct test *t = *state;

	t->view[PAIR_B].port_shift = 1;
	for (uint32_t i = 0; i < 20; i++) {
		struct wire w = { 4000, 0, A, 5000 + 1000 * i, 33, 1000, 7 + 3 * i };
		struct wire ack = { 4000, 1, A, 33, 6000 + 1000 * i, 0, 8 + 3 * i };

		see(t, PAIR_A, w);
		see(t, PAIR_A, ack);
		if (i == 17)
			see(t, PAIR_A, (struct wire){ 4000, 1, SA, 22, 5000, 0, 1 });
		see(t, PAIR_B, w);
		see(t, PAIR_B, ack);
	}
	check_pair(t, 0, -10, 4000);
}

/* Streams of the same hosts share a clock: what was sent by then tells them apart. */
static void test_same_clock(void **state)
{
	struct test *t = *state;
	uint32_t ts = 1;

	t->view[PAIR_B].port_shift = 9;
	t->view[PAIR_B].seq_shift[0] = 4242;
	for (uint32_t i = 0; i < 40; i++) {
		struct wire one = { 4000, 0, A, 5000 + 1000 * i, 33, 1000, ts += 3 };
		struct wire two = { 5000, 0, A, 8000 + 700 * i, 44, 700, ts };

		see(t, PAIR_A, one);
		see(t, PAIR_A, two);
		see(t, PAIR_B, one);
		if (t->view[PAIR_B].print->pair)
			assert_int_equal(t->view[PAIR_B].print->pair->a->stream, 0);
		see(t, PAIR_B, two);
		if (i > 30)
			check_pair(t, 0, 0, 5000);
	}
}

/* A stream that is forgotten leaves its partner alone. */
static void test_forget(void **state)
{
	struct test *t = *state;
	struct print *b;

	see_both(t, (struct wire){ 4000, 0, S, 100, 0, 0, 7 });
	b = t->view[PAIR_B].print;
	assert_non_null(b->pair);
	see(t, PAIR_A, (struct wire){ 4000, 0, F, 101, 901, 0, 9 });
	see(t, PAIR_A, (struct wire){ 4000, 1, F, 901, 102, 0, 9 });
	t->time_ns += INT64_C(70000000000);
	see(t, PAIR_A, (struct wire){ 6000, 0, S, 100, 0, 0, 7777 });
	assert_null(b->pair);
}

/* A stream that has so many segments, each with a time stamp, and is forgotten. */
static void pass(struct prints *prints, uint32_t index, unsigned segments)
{
	struct stream s = { .index = index };
	struct segment seg = { .has = COLUMN(TIME_NS) | COLUMN(TSVAL) | COLUMN(TSECR),
			       .time_ns = index };

	for (unsigned i = 0; i < segments; i++) {
		seg.opt.tsval = i;
		prints_observe(prints, &s, &seg);
	}
	prints_forget(&s);
}

/* Those of few segments go, but all the time there come more: then of more, too. */
static void test_room(void **state)
{
	struct prints prints = { .most = 16 << 20 };

	(void)state;
	pass(&prints, 0, 2000);
	for (uint32_t i = 1; i <= 30000; i++) {
		pass(&prints, i, 1 + i % 64);
		assert_true(prints.weight < prints.most / 2 * 3);
	}
	assert_int_equal(prints.n + prints.dropped, 30001);
	assert_int_equal(prints.first->stream, 0);
	prints_free(&prints);
}

/* What a print takes is what it has of marks, and no more than those have room. */
static void test_weight(void **state)
{
	struct prints prints = { .most = UINT64_MAX };
	uint64_t marks = SKETCH_MAX * sizeof(struct mark), one, many;

	(void)state;
	pass(&prints, 0, 1);
	one = prints.weight;
	assert_true(one > sizeof(struct print) && one < 2 * sizeof(struct print));
	pass(&prints, 1, 1000);
	many = prints.weight - one;
	assert_true(many > one + marks && many < one + 2 * marks);
	prints_free(&prints);
	assert_int_equal(prints.weight, 0);
}

/* What was known of its connection is known no more: it takes less. */
static void test_less_weight(void **state)
{
	struct prints prints = { .most = UINT64_MAX };
	struct conn conn = { .version = 1 };
	struct subflow subflow = { .conn = &conn };
	struct stream s = { .subflow = &subflow };
	struct segment seg = { .has = COLUMN(TIME_NS), .flags = TCP_SYN };
	uint64_t bare;

	(void)state;
	prints_observe(&prints, &s, &seg);
	bare = prints.weight;
	conn.side[CLIENT].has_token = true;
	prints_observe(&prints, &s, &seg);
	assert_true(prints.weight > bare);
	conn.side[CLIENT].has_token = false;
	prints_observe(&prints, &s, &seg);
	assert_int_equal(prints.weight, bare);
	prints_forget(&s);
	prints_free(&prints);
	assert_int_equal(prints.weight, 0);
}

/* Pairs are no more than they may be, and the best of each print among them. */
static void test_pairs(void **state)
{
	enum { MOST = 2000, STREAMS = 300 };
	struct test *t = *state;
	struct pairing *p = &t->pairing;

	p->live = false;
	p->most = MOST;
	for (uint16_t i = 0; i < STREAMS; i++)
		for (unsigned which = 0; which < 2; which++)
			see(t, which, (struct wire){ (uint16_t)(2000 + i), 0, S, 100, 0, 0, 7 });
	pairing_finish(p);
	assert_true(p->n <= MOST && p->cap <= MOST + CANDIDATES_MAX);
	assert_true(p->n > STREAMS);
	for (const struct print *x = p->prints[0].first; x; x = x->next) {
		assert_non_null(x->pair);
		assert_true(x->pair->b->stream == x->stream);
	}
	pairing_free(p);
	pairing_init(p, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_handshake, setup, teardown),
		cmocka_unit_test_setup_teardown(test_middlebox, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overlap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_synack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_weight),
		cmocka_unit_test(test_less_weight),
		cmocka_unit_test_setup_teardown(test_pairs, setup, teardown),
	};

	return cmocka_run_group_tests_name("pairing", tests, NULL, NULL);
}
