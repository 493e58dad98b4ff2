/* Which streams are worth least, when all would take more than the budget. */
#include "stream.h"

/* An answer, or what was on its way at the end, comes within so long. */
#define SOON_NS INT64_C(1000000000)

enum { SHARE = 8 };	/* a larger part of all is many */
enum { LITTLE = 4 };	/* kinds that are worth less than others */

enum { LOOKS = 8 };	/* streams looked at to find one */

/*
 * The one of a queue that was silent for longest, roughly: of the first ones. Those
 * active since they were put there go to its end, see expire() in stream.c; but not
 * if they were silent for most of the time since: behind younger ones those would
 * make way for them, and what is first would be young.
 */
static struct stream *oldest(struct streams *t, unsigned queue)
{
	struct stream *s = t->queue[queue].first, *next, *found = s;

	for (unsigned i = 0; s && i < LOOKS; s = next, i++) {
		next = s->next;
		if (s->last_ns < found->last_ns)
			found = s;
		if (s->last_ns - s->queued_ns > t->now_ns - s->last_ns)
			stream_requeue(t, s);
	}
	return found;
}

/* Whether this many streams are more than a few of all. */
static bool are_many(const struct streams *t, uint32_t n)
{
	return n > streams_count(t) / SHARE;
}

/*
 * First those that never came about, those that are closed, those that one end
 * says nothing to, and those that are short, or in which no host has shown that it
 * got data, which anyone can make up: if they are silent, then if they are many.
 * The latest of them may become worth more. Of all others, and of each kind, those
 * that were silent for longest.
 */
struct stream *streams_least(struct streams *t)
{
	static const unsigned queue[LITTLE] = { QUEUE_SYN, QUEUE_CLOSED, QUEUE_STRAY, QUEUE_SHORT };
	struct stream *s;

	for (unsigned i = 0; i < LITTLE; i++)
		if ((s = oldest(t, queue[i])) && t->now_ns - s->last_ns >= SOON_NS)
			return s;
	for (unsigned i = 0; i < LITTLE; i++)
		if (are_many(t, t->queue[queue[i]].n))
			return oldest(t, queue[i]);
	return oldest(t, QUEUE_OPEN);
}

void streams_give_up(struct streams *t, struct stream *s)
{
	if (!t->budget->unsure && !s->row) {
		t->budget->unsure = true;
		t->budget->sure = t->count;
	}
	t->budget->given_up++;
	t->budget->giving_up = true;
	stream_forget(t, s);
	t->budget->giving_up = false;
}
