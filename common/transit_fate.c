/* What became of what did not cross as it should, and when that is certain. */
#include "seq.h"
#include "transit.h"

const char *fate_name(enum fate fate)
{
	static const char *const names[] = { "arrived", "lost", "dup", "unseen" };

	return names[fate];
}

void transit_crossed(struct transit *t, const struct crossing *c)
{
	int64_t delay;

	if (c->tx && c->rx) {
		delay = seq_minus(c->rx->at_ns, c->tx->at_ns);
		if (!t->has_delay || t->delay_max < delay)
			t->delay_max = delay;
		t->has_delay = true;
		if (t->newest_pkt < c->tx->pkt)
			t->newest_pkt = c->tx->pkt;
	}
	t->cross(t->arg, c);
}

/*
 * It arrived but was not seen leaving: the sender's capture missed it, unless it
 * can have left before that began or after it ended.
 */
void transit_unsent(struct transit *t, const struct passage *rx, int64_t from,
		    int64_t to, bool again)
{
	struct crossing c = { .rx = rx, .from = from, .to = to, .copy = again,
			      .fate = again ? FATE_DUP : FATE_ARRIVED };

	if (!t->has_delay ||
	    seq_minus(rx->at_ns, t->delay_max) <= t->sender->first_ns ||
	    rx->at_ns >= t->sender->last_ns)
		return;
	transit_crossed(t, &c);
}

/*
 * Whether the receiver's capture would have seen it, had it arrived: it was
 * there all the time, as something sent later proves, or for long enough.
 */
static bool would_be_seen(const struct transit *t, const struct passage *p)
{
	int64_t delay = t->has_delay ? t->delay_max : 0;

	if (p->at_ns < t->receiver->first_ns)
		return false;
	return p->pkt < t->newest_pkt ||
	       seq_minus(t->receiver->last_ns, p->at_ns) > delay;
}

/* Whether the byte at pos was sent again after this sending. */
static bool sent_again(const struct transit *t, const struct transit_sent *s, int64_t pos)
{
	struct candidate c[TRANSIT_LAYERS];
	int64_t to = INT64_MAX;
	unsigned n = transit_gather(t, pos, &to, c);

	return n && c[n - 1].ref != s;
}

static enum fate fate_of(const struct transit *t, const struct transit_sent *s,
			 int64_t pos, bool arrived)
{
	return !arrived && pos < t->acked && !sent_again(t, s, pos) ? FATE_UNSEEN
								     : FATE_LOST;
}

/* [from, to) of what was sent did not arrive. */
static void miss(struct transit *t, const struct transit_sent *s, int64_t from,
		 int64_t to)
{
	struct crossing c = { .tx = &s->passage, .from = from };

	for (int64_t pos = from; pos < to; pos = c.to) {
		bool arrived = false;
		int64_t end = seen_piece(&t->arrived, pos, to, &arrived);
		enum fate fate = fate_of(t, s, pos, arrived);

		if (pos < t->acked && end > t->acked)
			end = t->acked;
		if (pos > from && fate != c.fate) {
			transit_crossed(t, &c);
			c.from = pos;
		}
		c.to = end;
		c.fate = fate;
		c.copy = c.from < s->fresh ? s->copy : 0;
	}
	transit_crossed(t, &c);
}

/* A SYN or FIN that was acknowledged arrived, the last copy at the latest; of an ACK nobody can tell. */
static void miss_pure(struct transit *t, const struct transit_sent *s)
{
	const struct passage *p = &s->passage;
	bool last = (p->flags & PASSAGE_SYN && p->pkt == t->syn_pkt) ||
		    (p->flags & PASSAGE_FIN && p->pkt == t->fin_pkt);
	bool taken = last && !(p->flags & t->came) && p->seq < t->acked;
	struct crossing c = { .tx = p, .from = p->seq, .to = p->end,
			      .copy = s->copy, .fate = taken ? FATE_UNSEEN : FATE_LOST };

	transit_crossed(t, &c);
}

void transit_settle(struct transit *t, struct transit_sent *s)
{
	int64_t from = s->bytes.from;

	if (would_be_seen(t, &s->passage) && s->layer == TRANSIT_PURE) {
		miss_pure(t, s);
	} else if (would_be_seen(t, &s->passage)) {
		for (size_t i = 0; i < s->arrived.n; i++) {
			if (s->arrived.range[i].from > from)
				miss(t, s, from, s->arrived.range[i].from);
			from = s->arrived.range[i].to;
		}
		if (from < s->bytes.to)
			miss(t, s, from, s->bytes.to);
	}
	transit_close(t, s);
}

static bool is_late(const struct transit *t, const struct transit_sent *s)
{
	return s->passage.pkt < t->late_pkt ||
	       (uint8_t)(t->checks - s->check) >= TRANSIT_SILENT;
}

static void settle_late(struct transit *t, struct runs *r, uint32_t *over, bool all)
{
	for (size_t i = 0; i < runs_n(r); i++) {
		struct transit_sent *s = runs_at(r, i);

		if (!s->over && (all || is_late(t, s)))
			transit_settle(t, s);
	}
	transit_tidy(r, over);
}

static void settle_all(struct transit *t, bool all)
{
	for (unsigned k = 0; k < t->layers; k++)
		settle_late(t, &t->layer[k], &t->over[k], all);
	settle_late(t, &t->pure, &t->pure_over, all);
	t->hint = 0;
}

void transit_pass(struct transit *t, int64_t at_ns)
{
	int64_t since = seq_minus(at_ns, t->checked_ns);

	if (t->checked_ns != INT64_MIN && since >= 0 && since < TRANSIT_LATE_NS)
		return;
	if (t->checked_ns != INT64_MIN && since >= 0) {
		t->checks++;
		settle_all(t, false);
	}
	t->late_pkt = t->newest_pkt;
	t->checked_ns = at_ns;
}

void transit_end(struct transit *t)
{
	settle_all(t, true);
}
