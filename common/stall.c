#include "stall.h"

#include "seq.h"

static const int64_t shortest_ns = 200000000;

void stall_send(struct stall *s, int64_t end, const struct moment *now)
{
	if (end <= s->sent)
		return;
	if (s->sent <= s->acked)
		s->since = *now;
	s->sent = end;
	if (!s->timing && end > s->acked) {
		s->timing = true;
		s->timed = end;
		s->timed_ns = now->time_ns;
	}
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

bool stall_ack(struct stall *s, int64_t acked, const struct moment *now,
	       struct moment *from)
{
	bool ends = s->stalled;

	if (acked <= s->acked)
		return false;
	time_trip(s, acked, now->time_ns);
	s->acked = acked;
	s->stalled = false;
	*from = s->since;
	s->since = *now;
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
	if (s->stalled || s->sent <= s->acked)
		return false;
	if (seq_minus(now_ns, s->since.time_ns) <= stall_threshold(s, set_ns))
		return false;
	s->stalled = true;
	return true;
}

void stall_renumber(struct stall *s, int64_t by)
{
	s->sent = seq_plus(s->sent, by);
	s->acked = seq_plus(s->acked, by);
	s->timed = seq_plus(s->timed, by);
}
