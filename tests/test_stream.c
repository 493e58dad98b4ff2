/* stream: which segments are one, their numbers, and when they are forgotten. */
#include "test.h"

#include "segment.h"
#include "stream.h"

#define SECOND INT64_C(1000000000)

enum { S = TCP_SYN, A = TCP_ACK, SA = TCP_SYN | TCP_ACK, FA = TCP_FIN | TCP_ACK,
       R = TCP_RST };

/* One conversation: a client's port, and the time that goes on. */
struct test {
	struct streams streams;
	int64_t time_ns;
	struct segment seg;	/* the last one */
	struct stream *stream;	/* and its stream */
	unsigned forgotten;
	uint32_t forgotten_index;
};

static void forget(void *arg, struct stream *s)
{
	struct test *t = arg;

	t->forgotten++;
	t->forgotten_index = s->index;
}

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	streams_init(&t->streams);
	t->streams.forget = forget;
	t->streams.arg = t;
	t->time_ns = 1700000000 * SECOND;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	streams_free(&t->streams);
	free(t);
	return 0;
}

static void take(struct test *t)
{
	struct segment *s = &t->seg;

	s->time_ns = t->time_ns;
	streams_tick(&t->streams, s);
	t->stream = stream_find(&t->streams, s);
	stream_observe(&t->streams, t->stream, s, stream_sender(t->stream, s));
}

/* A segment of the client at this port (or, above 65535, to it), from a capture. */
static void see(struct test *t, uint32_t port, unsigned flags, uint32_t seq,
		uint32_t ack, uint32_t len)
{
	static const uint8_t address[2][4] = { { 10, 0, 1, 1 }, { 10, 0, 9, 1 } };
	bool back = port > UINT16_MAX;
	struct segment *s = &t->seg;

	memset(s, 0, sizeof(*s));
	s->has = COLUMN(SEQ) | COLUMN(LEN) | (flags & A ? COLUMN(ACK) : 0);
	s->src = addr_v4(address[back]);
	s->dst = addr_v4(address[!back]);
	s->sport = back ? 80 : (uint16_t)port;
	s->dport = back ? (uint16_t)port : 80;
	s->flags = (uint8_t)flags;
	s->seq = seq;
	s->ack = ack;
	s->len = len;
	s->win = 1000;
	take(t);
}

enum { BACK = 1 << 16 };	/* added to a port: from the server */

static void handshake(struct test *t, uint32_t port, uint32_t client, uint32_t server)
{
	see(t, port, S, client, 0, 0);
	see(t, port + BACK, SA, server, client + 1, 0);
	see(t, port, A, client + 1, server + 1, 0);
}

static void assert_rel(const struct test *t, int64_t seq, int64_t ack)
{
	assert_true(t->seg.has & COLUMN(REL_SEQ));
	assert_int_equal(t->seg.rel_seq, seq);
	assert_int_equal(!!(t->seg.has & COLUMN(REL_ACK)), ack >= 0);
	if (ack >= 0)
		assert_int_equal(t->seg.rel_ack, ack);
}

static void numbers(void **state)
{
	struct test *t = *state;

	see(t, 5000, S, 0xffffff00, 0, 0);
	assert_rel(t, 0, -1);
	see(t, 5000 + BACK, SA, 7, 0xffffff01, 0);
	assert_rel(t, 0, 1);
	assert_int_equal(t->seg.stream, 0);
	see(t, 5000, A, 0xffffff01, 8, 1000);
	assert_rel(t, 1, 1);
	see(t, 5000, A, 0xffffff01 + 1000, 8, 1000);
	assert_rel(t, 1001, 1);
	see(t, 5000 + BACK, A, 8, 0xffffff01 + 1000, 0);
	assert_rel(t, 1, 1001);
	see(t, 5000, A, 0xffffff00, 8, 1);	/* keep-alive */
	assert_rel(t, 0, 1);
	see(t, 5001, A, 500, 900, 100);
	assert_int_equal(t->seg.stream, 1);
	assert_rel(t, 1, 1);
	see(t, 5001 + BACK, A, 900, 600, 0);
	assert_rel(t, 1, 101);
	see(t, 5001, A, 400, 900, 100);		/* before the first one seen */
	assert_rel(t, -99, 1);
}

/* Far over 4 GiB, with holes, and reordered by almost 2 GiB. */
static void unwrap(void **state)
{
	struct test *t = *state;
	int64_t at = 1;
	uint64_t rng = 1;

	handshake(t, 5000, 0xf0000000, 1);
	while (at < INT64_C(1) << 36) {
		at += (int64_t)(random64(&rng) >> 33);
		see(t, 5000, A, (uint32_t)(0xf0000000 + (uint64_t)at), 2, 1448);
		assert_rel(t, at, 1);
		if (at > INT32_MAX) {
			int64_t late = at - (int64_t)(random64(&rng) >> 34);

			see(t, 5000, A, (uint32_t)(0xf0000000 + (uint64_t)late), 2, 10);
			assert_rel(t, late, 1);
		}
		see(t, 5000 + BACK, A, 2, (uint32_t)(0xf0000000 + (uint64_t)at), 0);
		assert_rel(t, 1, at);
	}
	/* only ACKs are there: the other direction is numbered by them */
	handshake(t, 5001, 5, 6);
	for (at = 1; at < INT64_C(1) << 35; at += 1 << 30) {
		see(t, 5001 + BACK, A, 7, (uint32_t)(5 + (uint64_t)at), 0);
		assert_rel(t, 1, at);
	}
}

static void same_syn(void **state)
{
	struct test *t = *state;

	handshake(t, 5000, 100, 200);
	see(t, 5000, S, 100, 0, 0);		/* sent again */
	assert_int_equal(t->seg.stream, 0);
	see(t, 5000 + BACK, R | A, 0, 101, 0);
	see(t, 5000, S, 100, 0, 0);		/* even after a RST */
	assert_int_equal(t->seg.stream, 0);
	assert_false(stream_closed(t->stream));
	see(t, 5000 + BACK, SA, 300, 101, 0);	/* which no SYN/ACK changes */
	assert_int_equal(t->seg.stream, 0);
}

static void new_syn(void **state)
{
	struct test *t = *state;
	struct stream *old;

	handshake(t, 5000, 100, 200);
	old = t->stream;
	see(t, 5000, S, 101, 0, 0);
	assert_int_equal(t->seg.stream, 1);
	assert_rel(t, 0, -1);
	assert_false(old->listed);
	see(t, 5000 + BACK, SA, 900, 102, 0);
	assert_int_equal(t->seg.stream, 1);
	assert_int_equal(t->forgotten, 0);
	/* from the other end too: then that is the client */
	see(t, 5000 + BACK, S, 77, 0, 0);
	assert_int_equal(t->seg.stream, 2);
	assert_int_equal(stream_sender(t->stream, &t->seg), t->stream->client);
}

static void syn_after_fins(void **state)
{
	struct test *t = *state;

	handshake(t, 5000, 100, 200);
	see(t, 5000, FA, 101, 201, 0);
	see(t, 5000, S, 100, 0, 0);
	assert_int_equal(t->seg.stream, 0);
	see(t, 5000 + BACK, FA, 201, 102, 0);
	assert_true(stream_closed(t->stream));
	see(t, 5000, A, 102, 202, 0);
	assert_int_equal(t->seg.stream, 0);
	see(t, 5000, S, 100, 0, 0);	/* the same ISN: as Wireshark counts */
	assert_int_equal(t->seg.stream, 0);
	see(t, 5000, S, 101, 0, 0);
	assert_int_equal(t->seg.stream, 1);
}

/* What came before a SYN is part of it if its numbers count from the ISN. */
static void strays(void **state)
{
	struct test *t = *state;

	see(t, 5000 + BACK, R, 5, 0, 0);	/* that tells none of its numbers */
	see(t, 5000, S, 100, 0, 0);
	assert_int_equal(t->seg.stream, 0);
	assert_rel(t, 0, -1);

	for (uint32_t i = 0; i < 10; i++)	/* a handshake out of order */
		see(t, 5001, A, 101 + 10 * i, 201, 10);
	assert_rel(t, 91, 1);
	see(t, 5001, S, 100, 0, 0);
	assert_int_equal(t->seg.stream, 1);
	assert_rel(t, 0, -1);
	see(t, 5001, A, 201, 201, 10);
	assert_rel(t, 101, 1);

	see(t, 5002, A, 151, 201, 10);
	see(t, 5002, S, 100, 0, 0);
	assert_int_equal(t->seg.stream, 3);
	assert_rel(t, 0, -1);
}

/* A SYN/ACK says what numbers count from, unless they are in use. */
static void stray_answers(void **state)
{
	struct test *t = *state;

	see(t, 5000, S, 100, 0, 0);
	see(t, 5000 + BACK, A, 7000000, 9000, 0);	/* a challenge ACK, RFC 5961 4 */
	see(t, 5000, R, 9000, 0, 0);
	see(t, 5000, S, 100, 0, 0);
	see(t, 5000 + BACK, SA, 300, 101, 0);
	assert_int_equal(t->seg.stream, 0);
	assert_rel(t, 0, 1);
	see(t, 5000 + BACK, SA, 400, 101, 0);	/* SYN cookies */
	assert_rel(t, 0, 1);
	see(t, 5000, A, 101, 401, 0);
	assert_rel(t, 1, 1);
	see(t, 5000 + BACK, SA, 500, 101, 0);	/* too late */
	assert_rel(t, 100, 1);
	see(t, 5000 + BACK, A, 401, 101, 10);
	assert_rel(t, 1, 1);

	see(t, 5001 + BACK, A, 1000, 500, 0);
	see(t, 5001 + BACK, A, 901, 500, 10);
	see(t, 5001 + BACK, SA, 900, 400, 0);
	assert_rel(t, -99, 1);		/* nothing of the client was captured */
	assert_false(t->stream->side[stream_sender(t->stream, &t->seg)].syn);
	see(t, 5001 + BACK, A, 911, 500, 10);
	assert_rel(t, -88, 101);
}

static void clients(void **state)
{
	struct test *t = *state;

	see(t, 5000 + BACK, A, 1, 1, 0);	/* the higher port is the client's */
	assert_int_equal(stream_sender(t->stream, &t->seg), !t->stream->client);
	assert_false(t->stream->client_known);
	see(t, 5001 + BACK, SA, 1, 1, 0);
	assert_int_equal(stream_sender(t->stream, &t->seg), !t->stream->client);
	assert_true(t->stream->client_known);
	see(t, 5002 + BACK, S, 1, 0, 0);
	assert_int_equal(stream_sender(t->stream, &t->seg), t->stream->client);
	see(t, 80 + BACK, A, 1, 1, 0);		/* of equal ones the first sender */
	assert_int_equal(stream_sender(t->stream, &t->seg), t->stream->client);
}

static void syn_with_scale(struct test *t, uint32_t port, unsigned flags, int shift)
{
	see(t, port, 0, 0, 0, 0);	/* only to have the addresses */
	t->seg.flags = (uint8_t)flags;
	t->seg.has = COLUMN(SEQ) | COLUMN(LEN) | (flags & A ? COLUMN(ACK) : 0);
	t->seg.seq = 100;
	t->seg.ack = 101;
	if (shift >= 0) {
		t->seg.opt.has = HAS_WSCALE;
		t->seg.opt.wscale = (uint8_t)shift;
	}
	take(t);
	assert_true(t->seg.has & COLUMN(WIN_BYTES));
	assert_int_equal(t->seg.win_bytes, 1000);	/* never scaled in a SYN */
}

static void windows(void **state)
{
	struct test *t = *state;

	syn_with_scale(t, 5000, S, 7);
	syn_with_scale(t, 5000 + BACK, SA, 3);
	see(t, 5000, A, 101, 101, 0);
	assert_int_equal(t->seg.win_bytes, 1000 << 7);
	see(t, 5000 + BACK, A, 101, 101, 0);
	assert_int_equal(t->seg.win_bytes, 1000 << 3);
	syn_with_scale(t, 5001, S, 255);		/* RFC 7323 2.3: 14 */
	syn_with_scale(t, 5001 + BACK, SA, 0);
	see(t, 5001, A, 101, 101, 0);
	assert_int_equal(t->seg.win_bytes, 1000 << 14);
	syn_with_scale(t, 5002, S, 7);			/* both or none */
	syn_with_scale(t, 5002 + BACK, SA, -1);
	see(t, 5002, A, 101, 101, 0);
	assert_int_equal(t->seg.win_bytes, 1000);
	see(t, 5003, A, 101, 101, 0);			/* no handshake */
	assert_false(t->seg.has & COLUMN(WIN_BYTES));
	syn_with_scale(t, 5004, S, 7);			/* half of it */
	see(t, 5004, A, 101, 101, 0);
	assert_false(t->seg.has & COLUMN(WIN_BYTES));
}

/* Let time pass, with another stream's segments all along. */
static void pass(struct test *t, int seconds)
{
	for (int64_t end = t->time_ns + seconds * SECOND; t->time_ns < end; ) {
		t->time_ns += SECOND;
		see(t, 40000, A, 1, 1, 0);
	}
}

static void expiry(void **state)
{
	struct test *t = *state;

	see(t, 40000, A, 1, 1, 0);
	handshake(t, 5000, 100, 200);			/* 1: closed */
	see(t, 5000 + BACK, R | A, 201, 101, 0);
	see(t, 5001, S, 100, 0, 0);			/* 2: never answered */
	handshake(t, 5002, 100, 200);			/* 3: open */
	pass(t, 59);
	assert_int_equal(t->forgotten, 0);
	pass(t, 2);
	assert_int_equal(t->forgotten, 1);
	assert_int_equal(t->forgotten_index, 1);
	pass(t, 178);
	assert_int_equal(t->forgotten, 1);
	pass(t, 2);
	assert_int_equal(t->forgotten, 2);
	assert_int_equal(t->forgotten_index, 2);
	pass(t, 3600);
	see(t, 5002, A, 101, 201, 0);			/* alive */
	assert_int_equal(t->seg.stream, 3);
	pass(t, 7400);
	assert_int_equal(t->forgotten, 2);
	pass(t, 7440);	/* it may take as long again until it is looked at */
	assert_int_equal(t->forgotten, 3);
	assert_int_equal(t->forgotten_index, 3);
	see(t, 5002, A, 101, 201, 0);			/* too late */
	assert_int_equal(t->seg.stream, 4);
	assert_rel(t, 1, 1);
}

/* A time stamp that is nonsense makes nobody forget all. */
static void clock_steps(void **state)
{
	struct test *t = *state;
	const int64_t good = t->time_ns;

	handshake(t, 5000, 100, 200);
	t->time_ns = INT64_MAX;
	see(t, 5001, A, 1, 1, 0);
	t->time_ns = good;
	see(t, 5000, A, 101, 201, 0);
	assert_int_equal(t->seg.stream, 0);
	t->time_ns = INT64_MIN;
	see(t, 5000, A, 101, 201, 0);
	assert_int_equal(t->seg.stream, 0);
	t->time_ns = 0;
	pass(t, 1000);
	see(t, 5000, A, 101, 201, 0);
	assert_int_equal(t->seg.stream, 0);
	assert_int_equal(t->forgotten, 0);
}

/* Rows of TSV say themselves which stream it is, and keep their numbers. */
static void tracked(void **state)
{
	struct test *t = *state;

	for (uint32_t i = 0; i < 3; i++) {
		see(t, 5000, S, 100, 0, 0);
		t->seg.tracked = true;
		t->seg.stream = 1000 - i;
		t->seg.rel_seq = 5;
		t->seg.has |= COLUMN(STREAM) | COLUMN(REL_SEQ);
		take(t);
		assert_int_equal(t->stream->index, 1000 - i);
		assert_int_equal(t->seg.rel_seq, 5);
	}
}

/* The client's data is there, as the server says, and enough to make it long. */
static void transfer(struct test *t, uint32_t port)
{
	handshake(t, port, 100, 500);
	for (uint32_t i = 0; i < 32; i++)
		see(t, port, A, 101, 501, 1000);
	see(t, port + BACK, A, 501, 1101, 0);
}

/* Give up the one that is worth least, which has to be this one. */
static void gives_up(struct test *t, uint32_t index)
{
	unsigned before = t->forgotten;

	assert_int_equal(streams_least(&t->streams)->index, index);
	streams_give_up(&t->streams, streams_least(&t->streams));
	assert_int_equal(t->forgotten, before + 1);
	assert_int_equal(t->forgotten_index, index);
}

/* What is silent goes first, by what it came to, then by how long. */
static void least(void **state)
{
	struct test *t = *state;
	struct budget b = { 0 };

	t->streams.budget = &b;
	transfer(t, 1);
	transfer(t, 2);
	t->time_ns += SECOND;
	handshake(t, 3, 100, 500);		/* no data */
	t->time_ns += SECOND;
	transfer(t, 4);
	see(t, 4, R, 1101, 0, 0);		/* closed */
	t->time_ns += SECOND;
	see(t, 5, S, 100, 0, 0);		/* no answer */
	see(t, 6, S, 100, 0, 0);
	t->time_ns += SECOND;
	see(t, 1, A, 1101, 501, 10);		/* it was active again */
	gives_up(t, 4);
	gives_up(t, 5);
	gives_up(t, 3);
	gives_up(t, 2);
	gives_up(t, 1);
	gives_up(t, 0);
	assert_null(streams_least(&t->streams));
	assert_int_equal(b.given_up, 6);
	assert_false(b.giving_up);
}

/* Those that have just begun, or ended, stay as long as they are few of all. */
static void least_of_young(void **state)
{
	struct test *t = *state;
	struct budget b = { 0 };

	t->streams.budget = &b;
	for (uint32_t i = 0; i < 16; i++)
		transfer(t, 1000 + i);
	see(t, 1, S, 100, 0, 0);
	see(t, 2, S, 100, 0, 0);
	handshake(t, 3, 100, 500);
	gives_up(t, 0);				/* 2 of 19 are not many */
	see(t, 4, S, 100, 0, 0);
	gives_up(t, 16);			/* 3 of 19 are */
	gives_up(t, 1);
}

/*
 * Streams that keep coming, each active once more a moment later, are given up in
 * their order; one that is active now and then is not, although it began first.
 */
static void least_of_passing(void **state)
{
	struct test *t = *state;
	struct budget b = { 0 };

	t->streams.budget = &b;
	handshake(t, 1, 100, 500);
	for (uint32_t i = 1; i < 2000; i++) {
		handshake(t, 1000 + i, 100, 500);
		t->time_ns += SECOND / 1000;
		see(t, 1000 + i, A, 101, 501, 10);
		if (i % 16 == 0)
			see(t, 1, A, 101, 501, 10);
		if (i > 64)
			gives_up(t, i - 64);
	}
}

/* What came since it was weighed is a quarter of that at most, however long it is. */
static void due(void **state)
{
	struct stream s = { .segments = 0 };
	unsigned last = 0;

	(void)state;
	for (unsigned n = 1; n < 5000; n++) {
		s.segments = (uint16_t)n;
		if (stream_is_due(&s))
			last = n;
		assert_in_range(n - last, 0, last / 4);
	}
}

static void all_forgotten(void **state)
{
	struct test t = { .time_ns = SECOND };

	(void)state;
	streams_init(&t.streams);
	t.streams.forget = forget;
	t.streams.arg = &t;
	for (uint32_t i = 0; i < 5000; i++)
		see(&t, 1000 + i % 2500, S, i, 0, 0);
	streams_free(&t.streams);
	assert_int_equal(t.forgotten, 5000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers), TEST(unwrap), TEST(same_syn), TEST(new_syn),
		TEST(syn_after_fins), TEST(strays), TEST(stray_answers), TEST(clients), TEST(windows),
		TEST(expiry), TEST(clock_steps), TEST(tracked), TEST(least),
		TEST(least_of_young), TEST(least_of_passing),
		cmocka_unit_test(due), cmocka_unit_test(all_forgotten),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
