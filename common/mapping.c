#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

enum {
	FEW_AGAIN = (MAPPING_FEW + MAPPING_KEPT) / 2,	/* so as not to go to and fro */
	RUNS_MAX = 4096		/* of any kind: no ACK may ever be captured */
};

void mapping_free(struct mapping *m)
{
	trail_free(&m->runs);
	if (m->more) {
		free(m->more->run);
		free(m->more->waits.at);
	}
	free(m->more);
}

uint64_t mapping_weight(const struct mapping *m)
{
	const struct mapping_more *more = m->more;

	return trail_weight(&m->runs) +
	       (more ? sizeof(*more) + more->cap * sizeof(*more->run) +
		       more->waits.cap * sizeof(*more->waits.at) : 0);
}

struct mapping_more *mapping_more_of(struct mapping *m)
{
	if (!m->more)
		m->more = mem_zero(sizeof(*m->more));
	return m->more;
}

void mapping_tidy(struct mapping *m)
{
	struct mapping_more *more = m->more;

	if (!more->waits.n) {
		free(more->waits.at);
		more->waits = (struct mapping_waits){ .at = NULL };
	}
	if (!more->n && !more->waits.n) {
		free(more);
		m->more = NULL;
	}
}

static bool are_many(const struct mapping *m)
{
	return m->more && m->more->n;
}

/* The first run of many that ends after seq; n if there is none. */
static size_t find_run(const struct mapping_more *m, int64_t seq)
{
	size_t low = 0, high = m->n;

	if (m->run[high - 1].to <= seq)
		return high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (m->run[mid].to <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* They are no longer few. */
static void spread_out(struct mapping *m)
{
	struct mapping_more *more = mapping_more_of(m);
	size_t n = trail_n(&m->runs);

	more->run = mem_grow32(more->run, &more->cap, 3 * n / 2, sizeof(*more->run));
	more->n = (uint32_t)n;
	trail_list(&m->runs, more->run);
	trail_set(&m->runs, &more->run[n - 1], 1);
}

/* They are few again. */
static void gather(struct mapping *m)
{
	struct mapping_more *more = m->more;

	trail_set(&m->runs, more->run, more->n);
	free(more->run);
	more->run = NULL;
	more->n = more->cap = 0;
	mapping_tidy(m);
}

static bool joins(const struct trail_run *a, const struct trail_run *b)
{
	return a->to == b->from && a->value == b->value;
}

static void insert_many(struct mapping_more *m, struct trail_run run)
{
	size_t i = find_run(m, run.from);
	bool before = i > 0 && joins(&m->run[i - 1], &run);
	bool after = i < m->n && joins(&run, &m->run[i]);

	if (before && after) {
		m->run[i - 1].to = m->run[i].to;
		memmove(m->run + i, m->run + i + 1, (--m->n - i) * sizeof(*m->run));
	} else if (before) {
		m->run[i - 1].to = run.to;
	} else if (after) {
		m->run[i].from = run.from;
	} else {
		m->run = mem_grow32(m->run, &m->cap, m->n + 1, sizeof(*m->run));
		memmove(m->run + i + 1, m->run + i, (m->n - i) * sizeof(*m->run));
		m->run[i] = run;
		m->n++;
	}
}

static void insert(struct mapping *m, struct trail_run run)
{
	struct trail_run *top = &m->runs.top;
	size_t n = trail_n(&m->runs);
	bool many = are_many(m);

	if (!many && n && joins(top, &run)) {
		top->to = run.to;
	} else if (!many && (!n || (run.from >= top->to && n < MAPPING_FEW))) {
		trail_push(&m->runs, run);
	} else {
		if (!many)
			spread_out(m);
		insert_many(m->more, run);
		*top = m->more->run[m->more->n - 1];
	}
}

static void drop_first(struct mapping_more *m, size_t n)
{
	m->n -= (uint32_t)n;
	memmove(m->run, m->run + n, m->n * sizeof(*m->run));
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The first run that ends after seq, or false. */
static bool find(const struct mapping *m, int64_t seq, struct trail_run *run)
{
	size_t i;

	if (!are_many(m))
		return trail_find(&m->runs, seq, run);
	i = find_run(m->more, seq);
	if (i == m->more->n)
		return false;
	*run = m->more->run[i];
	return true;
}

bool mapping_piece(const struct mapping *m, int64_t from, int64_t to,
		   struct trail_run *piece)
{
	if (!find(m, from, piece))
		return false;
	piece->from = larger(piece->from, from);
	piece->to = smaller(piece->to, to);
	return piece->from < piece->to;
}

bool mapping_add(struct mapping *m, int64_t seq, int64_t len, int64_t dsn,
		 mapping_located *located, void *arg)
{
	struct trail_run new = { seq, seq + len, dsn - seq }, known;
	bool agrees = true;

	if (are_many(m) && m->more->n >= RUNS_MAX)
		drop_first(m->more, m->more->n / 2);
	while (new.from < new.to) {
		struct trail_run piece = new;

		if (mapping_piece(m, new.from, new.to, &known))
			piece.to = known.from;
		if (piece.from == piece.to) {
			agrees &= known.value == new.value;
			new.from = known.to;
			continue;
		}
		insert(m, piece);
		if (mapping_waits(m) && piece.from < mapping_waits(m)->end)
			mapping_locate_waiting(m, piece, located, arg);
		new.from = piece.to;
	}
	return agrees;
}

void mapping_extend(struct mapping *m, int64_t shift,
		    mapping_located *located, void *arg)
{
	int64_t from = m->runs.top.to;	/* 0, if there is no run */

	if (mapping_n(m))
		shift = m->runs.top.value;
	mapping_add(m, from, MAPPING_FOREVER - from, seq_plus(from, shift),
		    located, arg);
}

bool mapping_find(const struct mapping *m, int64_t seq, int64_t *dsn)
{
	struct trail_run piece;

	if (!mapping_piece(m, seq, seq + 1, &piece))
		return false;
	*dsn = seq_plus(seq, piece.value);
	return true;
}

void mapping_locate(struct mapping *m, const struct mapping_wait *segment,
		    mapping_located *located, void *arg)
{
	int64_t seq = segment->bytes.from, end = segment->bytes.to;
	struct trail_run piece;

	for (; seq < end; seq = piece.to) {
		bool mapped = mapping_piece(m, seq, end, &piece);

		if (!mapped)
			piece.from = piece.to = end;
		if (seq < piece.from)
			mapping_add_wait(m, segment, seq, piece.from);
		if (mapped)
			located(arg, piece.from, seq_plus(piece.from, piece.value),
				piece.to - piece.from, NULL);
	}
}

void mapping_renumber(struct mapping *m, int64_t by)
{
	trail_raise(&m->runs, by);
	for (size_t i = 0; m->more && i < m->more->n; i++)
		m->more->run[i].value = seq_plus(m->more->run[i].value, by);
}

void mapping_trim_many(struct mapping *m, int64_t acked)
{
	struct mapping_more *more = m->more;
	size_t i = more->n > MAPPING_FEW ? find_run(more, acked) : 0;

	if (i > MAPPING_KEPT)
		drop_first(more, i - MAPPING_KEPT);
	if (more->n && more->n <= FEW_AGAIN)
		gather(m);
}

void mapping_trim_few(struct mapping *m, int64_t acked)
{
	size_t n = MAPPING_KEPT + trail_above(&m->runs, acked);

	if (n <= FEW_AGAIN)
		trail_keep(&m->runs, n);
}
