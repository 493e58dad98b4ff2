#include "stall.h"

#include "seq.h"

static const int64_t shortest_ns = 200000000;
static const int64_t mark_ns = 1000000;		/* data sent within this has one mark */

enum { MARKS_MAX = 4096 };	/* no data ACK may ever be captured */

struct mark {
	struct range data;
	struct moment at;	/* sent first */
	uint32_t stream;	/* that sent it last */
};

void stall_init(struct stall *s)
{
	*s = (struct stall){ .had = false };
}

void stall_free(struct stall *s)
{
	runs_free(&s->marks);
}

static void mark(struct stall *s, int64_t end, uint32_t stream, const struct moment *now)
{
	size_t n = runs_n(&s->marks);
	struct mark *last = n ? runs_at(&s->marks, n - 1) : NULL;
	int64_t from = s->sent > s->acked ? s->sent : s->acked;
	int64_t since_ns = last ? seq_minus(now->time_ns, last->at.time_ns) : 0;

	if (last && ((last->stream == stream && since_ns >= 0 && since_ns < mark_ns) ||
		     n >= MARKS_MAX)) {
		last->data.to = end;
		return;
	}
	last = runs_insert(&s->marks, n, sizeof(*last), 1);
	*last = (struct mark){ { from, end }, *now, stream };
}

/* Two of it: what is below `at`, and the rest. */
static void split(struct stall *s, size_t i, int64_t at)
{
	struct mark *low = runs_insert(&s->marks, i, sizeof(*low), 1);
	struct mark *high = runs_at(&s->marks, i + 1);

	*low = *high;
	low->data.to = high->data.from = at;
}

/* Data [from, to) that was sent before is sent again. */
static void mark_again(struct stall *s, int64_t from, int64_t to, uint32_t stream)
{
	for (size_t i = runs_find(&s->marks, from); i < runs_n(&s->marks); i++) {
		struct mark *m = runs_at(&s->marks, i);

		if (m->data.from >= to || runs_n(&s->marks) >= MARKS_MAX)
			break;
		if (m->stream == stream)
			continue;
		if (m->data.from < from) {
			split(s, i, from);
			continue;
		}
		if (m->data.to > to)
			split(s, i, to);
		m = runs_at(&s->marks, i);
		m->stream = stream;
	}
}

void stall_send(struct stall *s, int64_t from, int64_t end, uint32_t stream,
		const struct moment *now)
{
	if (from < s->sent)
		mark_again(s, from, end, stream);
	if (end <= s->sent)
		return;
	if (end > s->acked) {
		if (s->sent <= s->acked)
			s->moved = *now;
		mark(s, end, stream, now);
		if (!s->timing) {
			s->timing = true;
			s->timed = end;
			s->timed_ns = now->time_ns;
		}
	}
	s->sent = end;
}

/* As RFC 6298 2.3 smooths them; one that a stall is part of is none. */
static void time_trip(struct stall *s, int64_t acked, int64_t now_ns)
{
	int64_t trip_ns = seq_minus(now_ns, s->timed_ns);

	if (!s->timing || acked < s->timed)
		return;
	s->timing = false;
	if (s->stalled || trip_ns < 0 || !seq_is_sane(trip_ns))
		return;
	s->rtt_ns = s->rtt_ns ? s->rtt_ns + (trip_ns - s->rtt_ns) / 8 : trip_ns;
}

/* Which subflow sent last what the data ACK waited for. */
static void find_carrier(struct stall *s)
{
	size_t i = runs_find(&s->marks, s->acked);
	const struct mark *m = i < runs_n(&s->marks) ? runs_at(&s->marks, i) : NULL;

	s->carried = m && m->data.from <= s->acked;
	if (s->carried)
		s->carrier = m->stream;
}

bool stall_ack(struct stall *s, int64_t acked, const struct moment *now)
{
	bool ends = s->stalled;

	if (acked <= s->acked)
		return false;
	time_trip(s, acked, now->time_ns);
	if (ends)
		find_carrier(s);
	s->acked = acked;
	s->moved = *now;
	runs_drop(&s->marks, runs_find(&s->marks, acked));
	s->stalled = false;
	if (ends) {
		s->had = true;
		s->ended_ns = now->time_ns;
	}
	return ends;
}

int64_t stall_threshold(const struct stall *s, int64_t set_ns)
{
	if (set_ns)
		return set_ns;
	return s->rtt_ns > shortest_ns / 2 ? seq_plus(s->rtt_ns, s->rtt_ns) : shortest_ns;
}

bool stall_check(struct stall *s, int64_t set_ns, int64_t now_ns)
{
	const struct mark *first;

	if (s->stalled || !runs_n(&s->marks) ||
	    seq_minus(now_ns, s->moved.time_ns) <= stall_threshold(s, set_ns))
		return false;
	first = runs_at(&s->marks, 0);
	s->since = first->at;
	/* what one stall held up does not make the next one begin before its end */
	if (s->had && seq_minus(s->ended_ns, s->since.time_ns) > 0)
		s->since = s->moved;
	s->stalled = true;
	return true;
}

void stall_renumber(struct stall *s, int64_t by)
{
	runs_shift(&s->marks, by);
	s->sent = seq_plus(s->sent, by);
	s->acked = seq_plus(s->acked, by);
	s->timed = seq_plus(s->timed, by);
}
