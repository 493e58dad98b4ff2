/* ledger: against an array that has, for each byte of the data, who sent it first and when. */
#include "test.h"

#include "ledger.h"
#include "spread.h"

enum { LOW = -1000, HIGH = 5000, NOBODY = -1 };

struct model {
	int owner[HIGH - LOW];	/* a stream */
	int64_t time_ns[HIGH - LOW], seq[HIGH - LOW];
	uint64_t pkt[HIGH - LOW], pkts;
	unsigned copies[HIGH - LOW];
	uint32_t keep;
	int64_t end;		/* of the highest data sent */
	int64_t acked, floor;
	bool has_ack;
	uint64_t rng;
};

static int *owner(struct model *m, int64_t at)
{
	assert_true(at >= LOW && at < HIGH);
	return &m->owner[at - LOW];
}

static void model_init(struct model *m, bool has_ack)
{
	*m = (struct model){ .has_ack = has_ack, .rng = m->rng, .keep = m->keep };
	for (size_t i = 0; i < HIGH - LOW; i++)
		m->owner[i] = NOBODY;
}

/* What is sent again is told in order, whole, and with whose it was. */
struct told {
	const struct ledger *ledger;
	struct model *m;
	int64_t at;		/* the next byte to be told of */
};

/* With a history, all of the sending is known, acknowledged or not. */
static void same_sending(struct model *m, int64_t at, const struct ledger_copy *copy,
			 bool hazy)
{
	const struct ledger_run *first = copy->first;

	assert_true(copy->acked == (m->has_ack && at < m->acked));
	if (copy->count == 0) {		/* without one, the stream, and more until it is acknowledged */
		assert_true(!m->keep);
		assert_true(hazy || m->time_ns[at - LOW] == first->time_ns);
		return;
	}
	assert_int_equal(copy->count, ++m->copies[at - LOW]);
	assert_true(first->time_ns == m->time_ns[at - LOW]);
	assert_true(first->pkt == m->pkt[at - LOW] && first->sf == first->stream + 7);
	assert_true(at + first->shift == m->seq[at - LOW]);
}

static void again(void *arg, const struct ledger_copy *copy)
{
	struct told *t = arg;
	const struct ledger_run *first = copy->first;
	int64_t from = copy->data.from, to = copy->data.to;
	uint64_t got = 0;

	assert_true(from < to && from >= t->at);
	while (t->at < from)
		assert_int_equal(*owner(t->m, t->at++), NOBODY);
	assert_true(first && first->data.from <= from && to <= first->data.to);
	for (; t->at < to; t->at++) {
		bool acked = t->m->has_ack && t->at < t->m->acked;

		assert_int_equal(*owner(t->m, t->at), first->stream);
		same_sending(t->m, t->at, copy, acked || !ledger_more(t->ledger)->history);
		got += acked;
	}
	assert_int_equal(ledger_acked(t->ledger, from, to), got);
}

static void send_data(struct ledger *l, struct model *m, int64_t from, int64_t to,
		      int64_t ns, uint32_t stream)
{
	struct told t = { l, m, from };
	int64_t shift = (int)random_below(&m->rng, 100000);
	uint64_t want = 0, fresh = ledger_send(l, &(struct ledger_run){
		{ from, to }, ns, shift, ++m->pkts, stream, stream + 7 }, again, &t);

	for (int64_t i = from; i < to; i++) {
		assert_true(*owner(m, i) == NOBODY || i < t.at);
		if (*owner(m, i) != NOBODY)
			continue;
		want++;
		m->time_ns[i - LOW] = ns;
		m->seq[i - LOW] = i + shift;
		m->pkt[i - LOW] = m->pkts;
		*owner(m, i) = (int)stream;
	}
	m->end = to > m->end ? to : m->end;
	assert_int_equal(fresh, want);
}

static void ack_data(struct ledger *l, struct model *m, int64_t dack, int64_t ns)
{
	struct spread got = { 0 }, want = { 0 };

	for (int64_t i = m->has_ack ? m->acked : LOW; i < dack; i++)
		if (*owner(m, i) != NOBODY)
			spread_add(&want, ns - m->time_ns[i - LOW], 1);
	m->acked = m->has_ack && dack < m->acked ? m->acked : dack;
	m->has_ack = true;
	ledger_ack(l, dack, ns, &got);
	assert_true(got.n == want.n && got.min == want.min && got.max == want.max);
	assert_true(!want.n || spread_mean(&got) == spread_mean(&want));
}

static void renumber(struct ledger *l, struct model *m, int64_t by)
{
	static struct model was;

	was = *m;
	model_init(m, was.has_ack);
	for (int64_t i = 0; i < HIGH - LOW; i++)
		if (was.owner[i] != NOBODY) {
			*owner(m, LOW + i + by) = was.owner[i];
			m->time_ns[i + by] = was.time_ns[i];
			m->seq[i + by] = was.seq[i];
			m->pkt[i + by] = was.pkt[i];
			m->copies[i + by] = was.copies[i];
		}
	m->end = was.end + by;
	m->acked = was.has_ack ? was.acked + by : 0;
	m->pkts = was.pkts;
	ledger_renumber(l, by);
}

static void in_order(const struct runs *r)
{
	int64_t end = INT64_MIN;

	for (size_t i = 0; i < runs_n(r); i++) {
		const struct range *v = runs_at(r, i);

		assert_true(end <= v->from && v->from < v->to);
		end = v->to;
	}
}

static void past_in_order(const struct trail *t)
{
	struct trail_run run[LEDGER_PAST_MAX];
	int64_t end = INT64_MIN;

	assert_true(trail_n(t) <= LEDGER_PAST_MAX);
	trail_list(t, run);
	for (size_t i = 0; i < trail_n(t); i++) {
		assert_true(end <= run[i].from && run[i].from < run[i].to);
		end = run[i].to;
	}
}

static bool is_known(struct model *m, int64_t i)
{
	return *owner(m, i) != NOBODY || (m->has_ack && i >= m->floor && i < m->acked);
}

static void same_as_model(const struct ledger *l, struct model *m)
{
	int64_t gap = m->acked > 0 ? m->acked : 0;
	int64_t fin = LOW + (int)random_below(&m->rng, HIGH - LOW);
	uint64_t beyond = 0, bytes = 0;

	assert_true(l->has_ack == m->has_ack && l->acked == m->acked);
	assert_int_equal(ledger_in_flight(l), m->end > m->acked ? m->end - m->acked : 0);
	while (gap < m->end && *owner(m, gap) != NOBODY)
		gap++;
	while (gap < m->end)
		beyond += *owner(m, gap++) != NOBODY;
	assert_int_equal(ledger_beyond_gap(l), beyond);
	for (int64_t i = LOW; i < HIGH; i++)
		bytes += is_known(m, i);
	assert_int_equal(ledger_bytes(l, false, fin), bytes);
	assert_int_equal(ledger_bytes(l, true, fin), bytes - is_known(m, fin));
	in_order(&l->runs);
	past_in_order(&l->past);
	if (ledger_more(l)->history) {
		in_order(&l->more->history->runs);
		in_order(&l->more->history->copies);
	}
}

/* Data at the end, in a gap or again, on three streams; ACKs for parts of it. */
static void step(struct ledger *l, struct model *m, int64_t ns)
{
	int64_t from = m->end + (random_below(&m->rng, 4) ? 0 : (int)random_below(&m->rng, 90));
	int64_t dack = m->acked - 20 + (int)random_below(&m->rng, 120), to;

	if (random_below(&m->rng, 3) == 0)
		from = m->acked - 300 + (int)random_below(&m->rng, 600);
	to = from + 1 + (int)random_below(&m->rng, 60);
	if (random_below(&m->rng, 4)) {
		if (from > LOW && to < HIGH)
			send_data(l, m, from, to, ns, random_below(&m->rng, 3));
		return;
	}
	if (dack > LOW / 2 && dack < HIGH)
		ack_data(l, m, dack, ns);
	if (random_below(&m->rng, 2)) {
		m->floor = dack < m->floor ? dack : m->floor;
		ledger_lower_floor(l, dack);
	}
}

static void live(struct ledger *l, struct model *m, unsigned steps, bool move)
{
	for (unsigned i = 0; i < steps; i++) {
		int64_t by = (int)random_below(&m->rng, 200) - 100;

		step(l, m, 1000 * i);
		if (move && random_below(&m->rng, 40) == 0 && m->end + by < HIGH &&
		    seen_from(&l->seen) + by > LOW && m->acked + by > LOW)
			renumber(l, m, by);
		same_as_model(l, m);
	}
}

static void lives(bool has_ack, bool move, uint32_t keep, uint64_t rng)
{
	static struct model m;

	m.rng = rng;
	m.keep = keep;
	for (int life = 0; life < 60; life++) {
		struct ledger l;

		ledger_init(&l, has_ack, keep);
		model_init(&m, has_ack);
		live(&l, &m, 90, move);
		ledger_free(&l);
	}
}

static void any_order(void **state)
{
	(void)state;
	for (uint32_t keep = 0; keep <= 1000; keep += 1000) {
		lives(false, false, keep, 1);
		lives(true, false, keep, 2);
		lives(true, true, keep, 3);
	}
}

/* Before any ACK, all is outstanding from 0 on, wherever data turns out to begin. */
static void renumbered(void **state)
{
	(void)state;
	lives(false, true, 0, 4);
	lives(false, true, 1000, 5);
}

/* Who sent a byte first: of two that know, the one merged into; of one, it or nobody. */
static void first_of_both(void *arg, const struct ledger_copy *copy)
{
	struct model *m = arg;
	const struct ledger_run *first = copy->first;
	int64_t at = copy->data.from;
	bool own = *owner(m, at) != NOBODY;

	assert_int_equal(at + 1, copy->data.to);
	if (own)
		assert_true(first && (int)first->stream == *owner(m, at));
	else if (first)
		assert_int_equal(first->stream, *owner(m + 1, at));
	if (!m->keep)
		return;
	assert_int_equal(copy->count, m[0].copies[at - LOW] + m[1].copies[at - LOW] + 1);
	assert_int_equal(first->sf, first->stream + (own ? 7 : 10));
	assert_true(first->pkt == m[!own].pkt[at - LOW]);
}

static void same_as_both(struct ledger *l, struct model m[2])
{
	assert_true(l->has_ack == (m[0].has_ack || m[1].has_ack));
	in_order(&l->runs);
	past_in_order(&l->past);
	for (int64_t i = LOW; i < HIGH; i++) {
		bool seen = *owner(&m[0], i) != NOBODY || *owner(&m[1], i) != NOBODY;
		struct ledger_run run = { { i, i + 1 }, 0, 0, 1, 9, 9 };

		assert_int_equal(seen_missing(&l->seen, i, i + 1), !seen);
		if (seen)
			ledger_send(l, &run, first_of_both, m);
	}
}

static void merge(uint32_t keep)
{
	static struct model m[2] = { { .rng = 5 }, { .rng = 6 } };

	m[0].keep = m[1].keep = keep;
	for (int life = 0; life < 100; life++) {
		struct ledger l[2];

		for (int i = 0; i < 2; i++) {
			ledger_init(&l[i], false, keep);
			model_init(&m[i], false);
			live(&l[i], &m[i], random_below(&m[i].rng, 35), false);
		}
		ledger_merge(&l[0], &l[1], 3);
		same_as_both(&l[0], m);
		ledger_free(&l[0]);
		ledger_free(&l[1]);
	}
}

static void merged(void **state)
{
	(void)state;
	merge(0);
	merge(1000);
}

static void unknown(void *arg, const struct ledger_copy *copy)
{
	*(unsigned *)arg += !copy->first && copy->data.from < copy->data.to;
}

/* Data of which only the stream is remembered has no delay. */
static void merged_past(void **state)
{
	struct ledger into, from;
	struct spread delays = { 0 };
	enum { RUNS = 300, KEPT = 256 };

	(void)state;
	ledger_init(&into, true, 0);
	ledger_init(&from, false, 0);
	for (int64_t i = 0; i < RUNS; i++)
		ledger_send(&from, &(struct ledger_run){
			{ 10 * i, 10 * i + 10 }, 1000000 + i, 0, (uint64_t)i + 1, 1, 0
		}, unknown, NULL);
	ledger_merge(&into, &from, 0);
	ledger_ack(&into, 10 * RUNS, 1000000 + RUNS, &delays);
	assert_int_equal(delays.n, 10 * KEPT);
	assert_true(delays.min == 1 && delays.max == KEPT);
	ledger_free(&into);
	ledger_free(&from);
}

/* Whatever is never acknowledged, and whoever sent what was, memory ends growing. */
static void bounded(void **state)
{
	struct spread delays = { 0 };
	unsigned unknowns = 0;
	struct ledger l;

	(void)state;
	ledger_init(&l, false, 0);
	for (int64_t i = 0; i < 70000; i++) {
		ledger_send(&l, &(struct ledger_run){ { 10 * i, 10 * i + 10 }, i, 0, 1 + (uint64_t)i, i & 1, 0 },
			    unknown, &unknowns);
		assert_true(runs_n(&l.runs) <= (i < 3000 ? 256 : 1 << 16));
		if (i == 3000)	/* an ACK for what is no longer known */
			ledger_ack(&l, 20000, 5000, &delays);
	}
	assert_true(delays.n == 0 && runs_n(&l.runs) == 1 << 16);
	for (int64_t i = 0; i < 70000; i += 7) {
		ledger_ack(&l, 10 * i, 5000, &delays);
		assert_true(trail_n(&l.past) <= LEDGER_PAST_MAX && trail_weight(&l.past) < 1024);
	}
	ledger_send(&l, &(struct ledger_run){ { 699700, 700000 }, 0, 0, 1, 3, 0 }, unknown, &unknowns);
	assert_int_equal(unknowns, 0);	/* the last few are remembered */
	ledger_send(&l, &(struct ledger_run){ { 100, 200 }, 0, 0, 1, 3, 0 }, unknown, &unknowns);
	assert_int_equal(unknowns, 1);
	ledger_free(&l);
}

/* What the last copy of a byte was said to be. */
struct last {
	uint64_t pkt;
	uint32_t count;
	bool first;
	unsigned told;
};

static void remember(void *arg, const struct ledger_copy *copy)
{
	struct last *last = arg;

	last->first = copy->first;
	last->pkt = copy->first ? copy->first->pkt : 0;
	last->count = copy->count;
	last->told++;
}

static struct last resend(struct ledger *l, int64_t from, int64_t to)
{
	struct last last = { 0 };

	ledger_send(l, &(struct ledger_run){ { from, to }, 0, 0, 9999999, 1, 1 }, remember, &last);
	return last;
}

/* Of data acknowledged, the last `keep` segments are remembered, and no more. */
static void history(void **state)
{
	enum { KEEP = 100, SENT = 100000 };
	struct spread delays = { 0 };
	struct last last;
	struct ledger l;

	(void)state;
	ledger_init(&l, true, KEEP);
	for (int64_t i = 0; i < SENT; i++) {
		ledger_send(&l, &(struct ledger_run){ { 10 * i, 10 * i + 10 }, i, 0, 1 + (uint64_t)i, i / 1000 & 1, 0 },
			    remember, &last);
		/* in two parts: it stays one segment */
		ledger_ack(&l, 10 * i + 5, i, &delays);
		ledger_ack(&l, 10 * i + 10, i, &delays);
		if (i % 3 == 0) {
			last = resend(&l, 10 * i + 2, 10 * i + 4);
			assert_true(last.count == 1 && last.pkt == 1 + (uint64_t)i);
		}
		assert_true(runs_n(&l.more->history->runs) <= KEEP &&
			    l.more->history->runs.room->cap <= 4 * KEEP);
		assert_true(runs_n(&l.more->history->copies) <= KEEP &&
			    (!l.more->history->copies.room ||
			     l.more->history->copies.room->cap <= 4 * KEEP));
	}
	last = resend(&l, 10 * (SENT - KEEP) + 5, 10 * (SENT - KEEP) + 10);
	assert_true(last.pkt == SENT - KEEP + 1 && last.count == 1);
	last = resend(&l, 10 * (SENT - KEEP) + 5, 10 * (SENT - KEEP) + 10);
	assert_true(last.told == 1 && last.count == 2);
	/* of what came before, the stream, but no segment and no count */
	last = resend(&l, 10 * (SENT - KEEP - 1), 10 * (SENT - KEEP));
	assert_true(last.first && last.pkt == 0 && last.count == 0);
	ledger_free(&l);
}

/* Copies of any cut are counted within bounds: the lowest are forgotten, and that is said. */
static void many_copies(void **state)
{
	struct last last;
	struct ledger l;

	(void)state;
	ledger_init(&l, false, 1);
	ledger_send(&l, &(struct ledger_run){ { 0, 1000000 }, 0, 0, 1, 0, 0 }, remember, &last);
	for (int64_t i = 0; i < 200000; i += 2)
		last = resend(&l, i, i + 1);
	assert_true(last.count == 1 && runs_n(&l.more->history->copies) <= 1 << 16);
	last = resend(&l, 199998, 199999);
	assert_true(last.count == 2 && last.pkt == 1);
	last = resend(&l, 0, 1);
	assert_true(last.count == 0 && last.pkt == 1);
	ledger_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(renumbered),
		cmocka_unit_test(merged),
		cmocka_unit_test(merged_past),
		cmocka_unit_test(bounded),
		cmocka_unit_test(history),
		cmocka_unit_test(many_copies),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
