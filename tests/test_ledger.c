/* ledger: against an array that has, for each byte of the data, who sent it first and when. */
#include "test.h"

#include "ledger.h"
#include "spread.h"

enum { LOW = -1000, HIGH = 5000, NOBODY = -1 };

struct model {
	int owner[HIGH - LOW];	/* a stream */
	int64_t time_ns[HIGH - LOW];
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
	*m = (struct model){ .has_ack = has_ack, .rng = m->rng };
	for (size_t i = 0; i < HIGH - LOW; i++)
		m->owner[i] = NOBODY;
}

/* What is sent again is told in order, whole, and with whose it was. */
struct told {
	const struct ledger *ledger;
	struct model *m;
	int64_t at;		/* the next byte to be told of */
};

static void again(void *arg, int64_t from, int64_t to, const struct ledger_run *first)
{
	struct told *t = arg;
	uint64_t got = 0;

	assert_true(from < to && from >= t->at);
	while (t->at < from)
		assert_int_equal(*owner(t->m, t->at++), NOBODY);
	assert_true(first && first->data.from <= from && to <= first->data.to);
	for (; t->at < to; t->at++) {
		bool acked = t->m->has_ack && t->at < t->m->acked;

		assert_int_equal(*owner(t->m, t->at), first->stream);
		assert_true(acked || t->m->time_ns[t->at - LOW] == first->time_ns);
		got += acked;
	}
	assert_int_equal(ledger_acked(t->ledger, from, to), got);
}

static void send_data(struct ledger *l, struct model *m, int64_t from, int64_t to,
		      int64_t ns, uint32_t stream)
{
	struct told t = { l, m, from };
	uint64_t want = 0, fresh = ledger_send(l, &(struct ledger_run){
		{ from, to }, ns, stream }, again, &t);

	for (int64_t i = from; i < to; i++) {
		assert_true(*owner(m, i) == NOBODY || i < t.at);
		if (*owner(m, i) != NOBODY)
			continue;
		want++;
		m->time_ns[i - LOW] = ns;
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
		}
	m->end = was.end + by;
	m->acked = was.has_ack ? was.acked + by : 0;
	ledger_renumber(l, by);
}

static void in_order(const struct runs *r)
{
	int64_t end = INT64_MIN;

	for (size_t i = 0; i < r->n; i++) {
		const struct range *v = runs_at(r, i);

		assert_true(end <= v->from && v->from < v->to);
		end = v->to;
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
	in_order(&l->past);
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
		    l->seen.from + by > LOW && m->acked + by > LOW)
			renumber(l, m, by);
		same_as_model(l, m);
	}
}

static void lives(bool has_ack, bool move, uint64_t rng)
{
	static struct model m;

	m.rng = rng;
	for (int life = 0; life < 60; life++) {
		struct ledger l;

		ledger_init(&l, has_ack);
		model_init(&m, has_ack);
		live(&l, &m, 90, move);
		ledger_free(&l);
	}
}

static void any_order(void **state)
{
	(void)state;
	lives(false, false, 1);
	lives(true, false, 2);
	lives(true, true, 3);
}

/* Before any ACK, all is outstanding from 0 on, wherever data turns out to begin. */
static void renumbered(void **state)
{
	(void)state;
	lives(false, true, 4);
}

/* Who sent a byte first: of two that know, the one merged into; of one, it or nobody. */
static void first_of_both(void *arg, int64_t from, int64_t to,
			  const struct ledger_run *first)
{
	struct model *m = arg;
	int known = *owner(m, from);

	if (known != NOBODY)
		assert_true(first && (int)first->stream == known);
	else if (first)
		assert_int_equal(first->stream, *owner(m + 1, to - 1));
}

static void same_as_both(struct ledger *l, struct model m[2])
{
	assert_true(l->has_ack == (m[0].has_ack || m[1].has_ack));
	in_order(&l->runs);
	in_order(&l->past);
	for (int64_t i = LOW; i < HIGH; i++) {
		bool seen = *owner(&m[0], i) != NOBODY || *owner(&m[1], i) != NOBODY;
		struct ledger_run run = { { i, i + 1 }, 0, 9 };

		assert_int_equal(seen_missing(&l->seen, i, i + 1), !seen);
		if (seen)
			ledger_send(l, &run, first_of_both, m);
	}
}

static void merged(void **state)
{
	static struct model m[2] = { { .rng = 5 }, { .rng = 6 } };

	(void)state;
	for (int life = 0; life < 100; life++) {
		struct ledger l[2];

		for (int i = 0; i < 2; i++) {
			ledger_init(&l[i], false);
			model_init(&m[i], false);
			live(&l[i], &m[i], random_below(&m[i].rng, 35), false);
		}
		ledger_merge(&l[0], &l[1]);
		same_as_both(&l[0], m);
		ledger_free(&l[0]);
		ledger_free(&l[1]);
	}
}

static void unknown(void *arg, int64_t from, int64_t to, const struct ledger_run *first)
{
	*(unsigned *)arg += !first && from < to;
}

/* Whatever is never acknowledged, and whoever sent what was, memory ends growing. */
static void bounded(void **state)
{
	struct spread delays = { 0 };
	unsigned unknowns = 0;
	struct ledger l;

	(void)state;
	ledger_init(&l, false);
	for (int64_t i = 0; i < 70000; i++) {
		ledger_send(&l, &(struct ledger_run){ { 10 * i, 10 * i + 10 }, i, i & 1 },
			    unknown, &unknowns);
		assert_true(l.runs.n <= (i < 3000 ? 256 : 1 << 16));
		if (i == 3000)	/* an ACK for what is no longer known */
			ledger_ack(&l, 20000, 5000, &delays);
	}
	assert_true(delays.n == 0 && l.runs.n == 1 << 16);
	for (int64_t i = 0; i < 70000; i += 7) {
		ledger_ack(&l, 10 * i, 5000, &delays);
		assert_true(l.past.n <= 64 && l.past.cap <= 256);
	}
	ledger_send(&l, &(struct ledger_run){ { 699700, 700000 }, 0, 3 }, unknown, &unknowns);
	assert_int_equal(unknowns, 0);	/* the last few are remembered */
	ledger_send(&l, &(struct ledger_run){ { 100, 200 }, 0, 3 }, unknown, &unknowns);
	assert_int_equal(unknowns, 1);
	ledger_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(renumbered),
		cmocka_unit_test(merged),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
