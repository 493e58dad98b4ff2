#include "stream.h"

#include "segment.h"
#include "seq.h"

enum { SHORT = 32 };	/* segments from which on a stream is worth more */

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

void stream_enqueue(struct streams *t, struct stream *s, unsigned queue,
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

void stream_requeue(struct streams *t, struct stream *s)
{
	dequeue(t, s);
	stream_enqueue(t, s, s->queue, s->last_ns);
}

void stream_forget(struct streams *t, struct stream *s)
{
	stream_unlist(t, s);
	dequeue(t, s);
	if (t->heaviest == s)
		t->heaviest = NULL;
	if (t->forget)
		t->forget(t->arg, s);	/* which may weigh it for the last time */
	budget_weigh(t->budget, &s->weight, 0);
	pool_free(s);
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

/* An end is heard from its first segment on: that has number 0 or 1, unless a table says more. */
static bool both_heard(const struct stream *s)
{
	return s->side[0].next > 0 && s->side[1].next > 0;
}

void stream_queue_update(struct streams *t, struct stream *s)
{
	unsigned queue = stream_closed(s) ? QUEUE_CLOSED :
			 !s->established || s->over ? QUEUE_SYN :
			 !both_heard(s) ? QUEUE_STRAY :
			 s->segments < SHORT || (s->side[0].acked <= 1 && s->side[1].acked <= 1) ?
			 QUEUE_SHORT : QUEUE_OPEN;

	if (queue == s->queue)
		return;
	dequeue(t, s);
	stream_enqueue(t, s, queue, t->now_ns);
}

void stream_set_over(struct streams *t, struct stream *s)
{
	s->over = true;
	stream_queue_update(t, s);
}
