#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

enum {
	RUNS_KEPT = 16,		/* acknowledged ones that stay */
	RUNS_MAX = 4096,	/* of any kind: no ACK may ever be captured */
	UNMAPPED_MAX = 256	/* ranges that wait for a mapping */
};

void mapping_free(struct mapping *m)
{
	free(m->run);
	ranges_free(&m->unmapped);
}

/* The first run that ends after seq; n if there is none. */
static size_t find_run(const struct mapping *m, int64_t seq)
{
	size_t low = 0, high = m->n;

	/* most segments are in the last run, or behind it */
	if (high && m->run[high - 1].from <= seq)
		return m->run[high - 1].to > seq ? high - 1 : high;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (m->run[mid].to <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool joins(const struct mapping_run *a, const struct mapping_run *b)
{
	return a->to == b->from && a->shift == b->shift;
}

static void insert(struct mapping *m, size_t i, struct mapping_run run)
{
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

static void drop_first(struct mapping *m, size_t n)
{
	m->n -= (uint32_t)n;
	memmove(m->run, m->run + n, m->n * sizeof(*m->run));
}

/* Hand on what waited for bytes [from, to). */
static void locate_waiting(struct mapping *m, struct mapping_run run,
			   mapping_located *located, void *arg)
{
	for (size_t i; (i = ranges_find(&m->unmapped, run.from)) < m->unmapped.n; ) {
		struct range r = m->unmapped.range[i];

		if (r.from >= run.to)
			break;
		if (r.from < run.from)
			r.from = run.from;
		if (r.to > run.to)
			r.to = run.to;
		ranges_remove(&m->unmapped, r.from, r.to);
		if (located)
			located(arg, r.from, seq_plus(r.from, run.shift),
				r.to - r.from);
	}
}

bool mapping_add(struct mapping *m, int64_t seq, int64_t len, int64_t dsn,
		 mapping_located *located, void *arg)
{
	struct mapping_run new = { seq, seq + len, dsn - seq };
	bool agrees = true;
	size_t i = find_run(m, seq);

	if (m->n >= RUNS_MAX)
		drop_first(m, m->n / 2), i = find_run(m, seq);
	while (new.from < new.to) {
		struct mapping_run piece = new;

		if (i < m->n && m->run[i].from <= new.from) {
			agrees &= m->run[i].shift == new.shift;
			new.from = m->run[i++].to;
			continue;
		}
		if (i < m->n && m->run[i].from < new.to)
			piece.to = m->run[i].from;
		insert(m, i, piece);
		i = find_run(m, piece.to);
		if (m->unmapped.n)
			locate_waiting(m, piece, located, arg);
		new.from = piece.to;
	}
	return agrees;
}

void mapping_extend(struct mapping *m, int64_t shift,
		    mapping_located *located, void *arg)
{
	int64_t from = 0;

	if (m->n) {
		from = m->run[m->n - 1].to;
		shift = m->run[m->n - 1].shift;
	}
	mapping_add(m, from, MAPPING_FOREVER - from, seq_plus(from, shift),
		    located, arg);
}

bool mapping_find(const struct mapping *m, int64_t seq, int64_t *dsn)
{
	size_t i = find_run(m, seq);

	if (i == m->n || m->run[i].from > seq)
		return false;
	*dsn = seq_plus(seq, m->run[i].shift);
	return true;
}

void mapping_locate(struct mapping *m, int64_t seq, int64_t len,
		    mapping_located *located, void *arg)
{
	int64_t end = seq + len;

	for (size_t i = find_run(m, seq); seq < end; i++) {
		int64_t mapped = i < m->n && m->run[i].from < end ?
				 m->run[i].from : end;
		int64_t to;

		if (mapped > seq) {
			if (m->unmapped.n >= UNMAPPED_MAX)
				ranges_remove(&m->unmapped, m->unmapped.range[0].from,
					      m->unmapped.range[0].to);
			ranges_add(&m->unmapped, seq, mapped);
			seq = mapped;
		}
		if (seq >= end)
			break;
		to = m->run[i].to < end ? m->run[i].to : end;
		located(arg, seq, seq_plus(seq, m->run[i].shift), to - seq);
		seq = to;
	}
}

void mapping_renumber(struct mapping *m, int64_t by)
{
	for (size_t i = 0; i < m->n; i++)
		m->run[i].shift = seq_plus(m->run[i].shift, by);
}

void mapping_trim(struct mapping *m, int64_t acked)
{
	size_t i;

	if (m->n <= 2 * RUNS_KEPT)
		return;
	i = find_run(m, acked);
	if (i > RUNS_KEPT)
		drop_first(m, i - RUNS_KEPT);
}
