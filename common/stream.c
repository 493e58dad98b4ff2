#include "stream.h"

#include <stdlib.h>

#include "column.h"
#include "mem.h"
#include "segment.h"
#include "seq.h"

enum {
	STRAYS_MAX = 3,		/* segments that a SYN may find before it */
	REORDER_MAX = 1 << 20,	/* and how far ahead of it their numbers may be */
	SHORT = 32		/* segments from which on a stream is worth more */
};

#define SECOND INT64_C(1000000000)

/* No single segment moves the clock by more: its time stamp may be nonsense. */
static const int64_t tick_max_ns = 600 * SECOND;

static int64_t timeout_ns(const struct streams *t, unsigned queue)
{
	return queue == QUEUE_SYN ? 240 * SECOND :
	       queue == QUEUE_CLOSED ? t->linger_ns : 7440 * SECOND;
}

void streams_init(struct streams *t)
{
	*t = (struct streams){ .linger_ns = 60 * SECOND };
	map_init(&t->map);
}

bool stream_closed(const struct stream *s)
{
	return s->reset || (s->side[0].fin && s->side[1].fin);
}

static void enqueue(struct streams *t, struct stream *s, unsigned queue,
		    int64_t time_ns)
{
	struct stream_queue *q = &t->queue[queue];

	s->queue = (uint8_t)queue;
	s->queued_ns = time_ns;
	if (!q->first && t->due_ns > time_ns + timeout_ns(t, queue))
		t->due_ns = time_ns + timeout_ns(t, queue);
	q->n++;
	s->next = NULL;
	s->prev = q->last;
	*(q->last ? &q->last->next : &q->first) = s;
	q->last = s;
}

static void dequeue(struct streams *t, struct stream *s)
{
	struct stream_queue *q = &t->queue[s->queue];

	q->n--;
	*(s->prev ? &s->prev->next : &q->first) = s->next;
	*(s->next ? &s->next->prev : &q->last) = s->prev;
}

static void unlist(struct streams *t, struct stream *s)
{
	if (s->listed)
		map_remove(&t->map, s->hash, s);
	s->listed = false;
	if (t->recent == s)
		t->recent = NULL;
}

void stream_requeue(struct streams *t, struct stream *s)
{
	dequeue(t, s);
	enqueue(t, s, s->queue, s->last_ns);
}

void stream_forget(struct streams *t, struct stream *s)
{
	budget_weigh(t->budget, &s->weight, 0);
	unlist(t, s);
	dequeue(t, s);
	if (t->forget)
		t->forget(t->arg, s);
	free(s);
}

void streams_free(struct streams *t)
{
	for (int i = 0; i < QUEUES; i++)
		while (t->queue[i].first)
			stream_forget(t, t->queue[i].first);
	map_free(&t->map);
}

/*
 * A stream stays where it was put until it is first; only then is it looked at
 * whether it was active since, so that a packet costs nothing here.
 */
static void expire(struct streams *t, unsigned queue)
{
	int64_t timeout = timeout_ns(t, queue);
	struct stream *s;

	while ((s = t->queue[queue].first) &&
	       t->now_ns - s->queued_ns >= timeout) {
		if (t->now_ns - s->last_ns >= timeout)
			stream_forget(t, s);
		else
			stream_requeue(t, s);
	}
	if (s && t->due_ns > s->queued_ns + timeout)
		t->due_ns = s->queued_ns + timeout;
}

void streams_tick(struct streams *t, const struct segment *seg)
{
	int64_t passed = seq_minus(seg->time_ns, t->seen_ns);

	if (!t->ticking) {
		t->now_ns = 0;
		t->ticking = true;
		t->seen_ns = seg->time_ns;
		passed = 0;
	}
	if (passed < 0 && passed > -STREAM_STEP_BACK_NS)
		return;		/* merely out of order */
	t->seen_ns = seg->time_ns;
	if (passed <= 0)
		return;
	t->now_ns += passed > tick_max_ns ? tick_max_ns : passed;
	if (t->now_ns < t->due_ns)
		return;
	t->due_ns = INT64_MAX;
	for (unsigned i = 0; i < QUEUES; i++)
		expire(t, i);
}

/* Whether the source is the smaller end. */
static bool source_first(const struct segment *seg)
{
	int order = addr_cmp(&seg->src, &seg->dst);

	return order < 0 || (order == 0 && seg->sport <= seg->dport);
}

static uint32_t hash_tuple(const struct map *m, const struct segment *seg,
			   bool first)
{
	uint8_t key[36];

	memcpy(key, (first ? &seg->src : &seg->dst)->b, 16);
	memcpy(key + 16, (first ? &seg->dst : &seg->src)->b, 16);
	memcpy(key + 32, first ? &seg->sport : &seg->dport, 2);
	memcpy(key + 34, first ? &seg->dport : &seg->sport, 2);
	return map_hash(m, key, sizeof(key));
}

static bool same_tuple(const struct stream *s, const struct segment *seg)
{
	unsigned from = stream_sender(s, seg);

	return seg->sport == s->port[from] && seg->dport == s->port[!from] &&
	       addr_cmp(&seg->src, &s->addr[from]) == 0 &&
	       addr_cmp(&seg->dst, &s->addr[!from]) == 0;
}

/*
 * Whether a SYN opens a new stream on a 4-tuple already seen. The same ISN is
 * a retransmission, even after RST or FIN, as for Wireshark. What came before any SYN belongs
 * to it when the numbers fit (captures are not always in order) or when there
 * was little of it.
 */
static bool opens_anew(const struct stream *s, const struct segment *seg)
{
	unsigned from = stream_sender(s, seg);
	const struct stream_side *side = &s->side[from];
	int32_t ahead = seq_ahead(seg->seq, side->base);

	if (side->syn)
		return ahead != 0;
	if (s->segments <= STRAYS_MAX)
		return false;
	return stream_closed(s) || !side->known || ahead < 0 ||
	       ahead > REORDER_MAX;
}

static struct stream *stream_new(struct streams *t, struct segment *seg,
				 uint32_t hash)
{
	struct stream *s = mem_zero(sizeof(*s));
	bool first = source_first(seg);

	s->addr[0] = first ? seg->src : seg->dst;
	s->addr[1] = first ? seg->dst : seg->src;
	s->port[0] = first ? seg->sport : seg->dport;
	s->port[1] = first ? seg->dport : seg->sport;
	/* the higher port is the client's; of equal ones, the first sender's */
	s->client = s->port[0] == s->port[1] ? !first : s->port[0] < s->port[1];
	s->index = seg->tracked ? seg->stream : t->count++;
	s->hash = hash;
	s->listed = true;
	map_add(&t->map, hash, s);
	enqueue(t, s, QUEUE_SYN, t->now_ns);
	return s;
}

static struct stream *find_index(struct streams *t, struct segment *seg)
{
	uint32_t hash;
	struct stream *s;
	size_t at = 0;

	if (t->recent && t->recent->index == seg->stream)
		return t->recent;
	hash = map_hash(&t->map, &seg->stream, sizeof(seg->stream));
	while ((s = map_next(&t->map, hash, &at)))
		if (s->index == seg->stream)
			return s;
	column_fetch(seg, STREAM_COLUMNS);
	return stream_new(t, seg, hash);
}

static struct stream *find_tuple(struct streams *t, struct segment *seg)
{
	struct stream *s = t->recent;
	uint32_t hash = 0;
	size_t at = 0;

	if (!s || !same_tuple(s, seg)) {
		hash = hash_tuple(&t->map, seg, source_first(seg));
		while ((s = map_next(&t->map, hash, &at)))
			if (same_tuple(s, seg))
				break;
	}
	if (s && (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	    opens_anew(s, seg)) {
		hash = s->hash;
		unlist(t, s);
		s = NULL;
	}
	return s ? s : stream_new(t, seg, hash);
}

struct stream *stream_find(struct streams *t, struct segment *seg)
{
	struct stream *s;

	s = seg->tracked ? find_index(t, seg) : find_tuple(t, seg);
	if (seg->flags & TCP_SYN || s->port[0] == s->port[1])
		column_fetch(seg, STREAM_COLUMNS);
	t->recent = s;
	s->last_ns = t->now_ns;
	if (s->queue == QUEUE_CLOSED) {	/* it lingers from its last segment on, and no longer */
		dequeue(t, s);
		enqueue(t, s, QUEUE_CLOSED, t->now_ns);
	}
	if (++s->segments == 0)
		s->segments = UINT32_C(1) << 31;
	seg->stream = s->index;
	seg->has |= COLUMN(STREAM);
	return s;
}

void stream_queue_update(struct streams *t, struct stream *s)
{
	unsigned queue = stream_closed(s) ? QUEUE_CLOSED :
			 !s->established || s->over ? QUEUE_SYN :
			 s->segments < SHORT || (s->side[0].acked <= 1 && s->side[1].acked <= 1) ?
			 QUEUE_SHORT : QUEUE_OPEN;

	if (queue == s->queue)
		return;
	dequeue(t, s);
	enqueue(t, s, queue, t->now_ns);
}

void stream_set_over(struct streams *t, struct stream *s)
{
	s->over = true;
	stream_queue_update(t, s);
}
