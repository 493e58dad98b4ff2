#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"

enum {
	RUNS_MAX = 4096,	/* of any kind: no ACK may ever be captured */
	WAITS_MAX = 256		/* segments that wait for a mapping */
};

static void free_waits(struct mapping *m)
{
	if (m->waits)
		free(m->waits->at);
	free(m->waits);
	m->waits = NULL;
}

void mapping_free(struct mapping *m)
{
	free(m->run);
	free_waits(m);
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

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void drop_waits(struct mapping_waits *w, uint32_t n)
{
	w->n -= n;
	memmove(w->at, w->at + n, w->n * sizeof(*w->at));
}

/* Of many that wait, those that follow each other become one, or the older go. */
static void shrink_waits(struct mapping_waits *w)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < w->n; i++) {
		struct mapping_wait *last = &w->at[n];

		if (last->bytes.to == w->at[i].bytes.from) {
			last->bytes.to = w->at[i].bytes.to;
			last->pkt = 0;
		} else {
			w->at[++n] = w->at[i];
		}
	}
	w->n = n + 1;
	if (w->n > WAITS_MAX / 2)
		drop_waits(w, w->n - WAITS_MAX / 2);
}

static void add_wait(struct mapping *m, const struct mapping_wait *segment,
		     int64_t from, int64_t to)
{
	struct mapping_waits *w = m->waits;

	if (!w)
		w = m->waits = mem_zero(sizeof(*w));
	if (w->n >= WAITS_MAX)
		shrink_waits(w);
	w->at = mem_grow32(w->at, &w->cap, w->n + 1, sizeof(*w->at));
	w->at[w->n] = *segment;
	w->at[w->n++].bytes = (struct range){ from, to };
	w->end = w->n == 1 ? to : larger(w->end, to);
}

/* Bytes [from, to) that came as `w` are mapped now; `sent` of them were sent before. */
static void hand_on(const struct mapping_wait *w, struct mapping_run run,
		    struct ranges *sent, mapping_located *located, void *arg)
{
	while (run.from < run.to) {
		size_t i = ranges_find(sent, run.from);
		const struct range *r = i < sent->n ? &sent->range[i] : NULL;
		struct mapping_wait piece = *w;

		piece.again = r && r->from <= run.from;
		piece.bytes.from = run.from;
		piece.bytes.to = !r ? run.to :
				 smaller(run.to, piece.again ? r->to : r->from);
		ranges_add(sent, piece.bytes.from, piece.bytes.to);
		located(arg, run.from, seq_plus(run.from, run.shift),
			piece.bytes.to - run.from, &piece);
		run.from = piece.bytes.to;
	}
}

/* Keep of `w` what is not mapped by `run`. */
static void keep_rest(struct mapping_wait **at, const struct mapping_wait *w,
		      struct mapping_run run)
{
	struct mapping_wait old = *w;

	if (old.bytes.from < run.from) {
		*(*at) = old;
		(*at)++->bytes.to = smaller(old.bytes.to, run.from);
	}
	if (old.bytes.to > run.to) {
		*(*at) = old;
		(*at)++->bytes.from = larger(old.bytes.from, run.to);
	}
}

/* Hand on what waited for these bytes. */
static void locate_waiting(struct mapping *m, struct mapping_run run,
			   mapping_located *located, void *arg)
{
	struct mapping_waits *w = m->waits;
	struct mapping_wait *old = w->at, *end = old + w->n, *at;
	struct ranges sent = { 0 };

	w->cap = 2 * w->n;	/* each may leave two */
	w->at = at = mem_resize(NULL, w->cap * sizeof(*at));
	for (const struct mapping_wait *x = old; x < end; x++) {
		struct mapping_run part = {
			larger(run.from, x->bytes.from),
			smaller(run.to, x->bytes.to), run.shift
		};

		keep_rest(&at, x, run);
		if (located && part.from < part.to)
			hand_on(x, part, &sent, located, arg);
	}
	w->n = (uint32_t)(at - w->at);
	if (w->n == 0)
		free_waits(m);
	else if (w->n > WAITS_MAX)
		drop_waits(w, w->n - WAITS_MAX);
	ranges_free(&sent);
	free(old);
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
		if (m->waits && piece.from < m->waits->end)
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

void mapping_locate(struct mapping *m, const struct mapping_wait *segment,
		    mapping_located *located, void *arg)
{
	int64_t seq = segment->bytes.from, end = segment->bytes.to;

	for (size_t i = find_run(m, seq); seq < end; i++) {
		int64_t mapped = i < m->n && m->run[i].from < end ?
				 m->run[i].from : end;
		int64_t to;

		if (mapped > seq) {
			add_wait(m, segment, seq, mapped);
			seq = mapped;
		}
		if (seq >= end)
			break;
		to = smaller(m->run[i].to, end);
		located(arg, seq, seq_plus(seq, m->run[i].shift), to - seq, NULL);
		seq = to;
	}
}

void mapping_renumber(struct mapping *m, int64_t by)
{
	for (size_t i = 0; i < m->n; i++)
		m->run[i].shift = seq_plus(m->run[i].shift, by);
}

void mapping_trim_many(struct mapping *m, int64_t acked)
{
	size_t i = find_run(m, acked);

	if (i > MAPPING_KEPT)
		drop_first(m, i - MAPPING_KEPT);
}
