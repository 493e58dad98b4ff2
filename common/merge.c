#include "merge.h"

#include <stdlib.h>

#include "input.h"
#include "mem.h"
#include "msg.h"

void merge_init(struct merge *m, struct msg *msg, int max)
{
	*m = (struct merge){ .msg = msg };
	m->operand = mem_zero((size_t)max * sizeof(*m->operand));
}

static void damaged(const struct merge *m, const struct operand *o)
{
	msg_error(m->msg, o->in->name,
		  capture_opened(o->capture) ? o->frames + 1 : 0, "%s",
		  capture_error(o->capture));
}

static inline void advance(const struct merge *m, struct operand *o)
{
	int got = capture_next(o->capture, &o->frame);

	o->has_frame = got == 1;
	o->due = false;
	o->frames += o->has_frame;
	if (got < 0)
		damaged(m, o);
}

struct operand *merge_add(struct merge *m, struct input *in)
{
	struct operand *o = &m->operand[m->count++];

	*o = (struct operand){ .in = in, .due = true };
	o->capture = capture_open(in);
	return o;
}

struct operand *merge_next(struct merge *m)
{
	struct operand *best = NULL, *end = m->operand + m->count;

	/* only now, so that nothing waits for the frame behind it */
	for (struct operand *o = m->operand; o < end; o++) {
		if (o->due)
			advance(m, o);
		if (o->has_frame && (!best || o->frame.time_ns < best->frame.time_ns))
			best = o;
	}
	if (best)
		best->due = true;
	return best;
}

bool merge_ready(const struct merge *m)
{
	for (int i = 0; i < m->count; i++)
		if (m->operand[i].due && !capture_ready(m->operand[i].capture))
			return false;
	return true;
}

void merge_free(struct merge *m)
{
	for (int i = 0; i < m->count; i++) {
		capture_close(m->operand[i].capture);
		free(m->operand[i].name);
	}
	free(m->operand);
}
