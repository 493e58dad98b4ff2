/* Several captures as one: their frames by time, each capture in its own order. */
#ifndef MERGE_H
#define MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"

struct input;
struct msg;

/* One of the captures. */
struct operand {
	struct input *in;
	struct capture *capture;
	struct frame frame;	/* the next one, if has_frame */
	bool has_frame;
	bool due;		/* that has to be read: there was none yet, or it was handed out */
	uint64_t frames;	/* read from it so far */
	/* for the caller: */
	int unknown_link[8];	/* link types complained about, `unknowns` of them */
	size_t unknowns;
	char *name;		/* what stands for it in rows, or NULL; free()d with it */
	uint32_t name_len;
};

struct merge {
	struct msg *msg;	/* where damage is said; not owned */
	struct operand *operand;
	int count;
};

/* Room for up to `max` captures. */
void merge_init(struct merge *m, struct msg *msg, int max);

/* Add a capture at its beginning; the input stays the caller's. */
struct operand *merge_add(struct merge *m, struct input *in);

/*
 * The operand whose frame is the next one, the first of equals; NULL at the
 * end. The frame stays until the call after.
 */
struct operand *merge_next(struct merge *m);

/* Whether merge_next() would not have to wait, as far as can be seen. */
bool merge_ready(const struct merge *m);

void merge_free(struct merge *m);

#endif
