#include "trail.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/*
 * A run below the top is, from the highest address down: twice its length, and
 * one more if there is a gap; what the value of the one above is more; and the
 * gap up to that, if there is one. Numbers are unsigned and of 64 bits, so that
 * any difference comes back whole.
 */
enum { NUMBER_MAX = 10, RUN_MAX = 3 * NUMBER_MAX, STEP = 16 };

void trail_free(struct trail *t)
{
	free(t->room);
	*t = (struct trail){ .room = NULL };
}

/* Groups of 7 bits from the lowest on; the one that is read last has no mark. */
static uint8_t *put(uint8_t *p, uint64_t v)
{
	*p++ = v & 127;
	while (v >>= 7)
		*p++ = (uint8_t)(128 | (v & 127));
	return p;
}

static uint64_t get(const uint8_t **p)
{
	uint8_t b = *--*p;
	uint64_t v = b & 127;

	while (b & 128) {
		b = *--*p;
		v = v << 7 | (b & 127);
	}
	return v;
}

/* The same without the number; the lowest bit of that is then that of *p. */
static const uint8_t *skip(const uint8_t *p)
{
	while (*--p & 128)
		;
	return p;
}

/* Small numbers of either sign as small ones without. */
static uint64_t fold(uint64_t v)
{
	return v << 1 ^ (0 - (v >> 63));
}

static uint64_t unfold(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

static uint8_t *put_run(uint8_t *p, const struct trail_run *run,
			const struct trail_run *above)
{
	uint64_t gap = (uint64_t)above->from - (uint64_t)run->to;

	if (gap)
		p = put(p, gap);
	p = put(p, fold((uint64_t)above->value - (uint64_t)run->value));
	return put(p, ((uint64_t)run->to - (uint64_t)run->from) << 1 | (gap != 0));
}

/* The rooms that malloc() gives are of 16 more bytes each. */
static void make_room(struct trail *t, size_t n)
{
	struct trail_room *r = t->room;
	size_t used = r ? r->used : 0, size;

	if (r && used + n <= r->size)
		return;
	size = (sizeof(*r) + used + n + STEP / 2 - 1) / STEP * STEP + STEP / 2;
	t->room = mem_resize(r, size);
	if (!r)
		t->room->n = t->room->used = 0;
	t->room->size = (uint16_t)(size - sizeof(*r));
}

void trail_push(struct trail *t, struct trail_run run)
{
	uint8_t bytes[RUN_MAX];
	size_t n;

	if (t->top.from < t->top.to) {
		n = (size_t)(put_run(bytes, &t->top, &run) - bytes);
		make_room(t, n);
		memcpy(t->room->byte + t->room->used, bytes, n);
		t->room->used = (uint16_t)(t->room->used + n);
		t->room->n++;
	}
	t->top = run;
}

/* Where one is on the way down. */
struct place {
	struct trail_run run;
	const uint8_t *at;
	size_t below;		/* runs */
};

static struct place begin(const struct trail *t)
{
	const struct trail_room *r = t->room;

	return (struct place){ t->top, r ? r->byte + r->used : NULL,
				     r ? r->n : 0 };
}

static bool down(struct place *p)
{
	uint64_t length, value, to;

	if (!p->below)
		return false;
	p->below--;
	length = get(&p->at);
	value = (uint64_t)p->run.value - unfold(get(&p->at));
	to = (uint64_t)p->run.from - (length & 1 ? get(&p->at) : 0);
	p->run = (struct trail_run){ (int64_t)(to - (length >> 1)), (int64_t)to, (int64_t)value };
	return true;
}

bool trail_find(const struct trail *t, int64_t at, struct trail_run *run)
{
	struct place p = begin(t);

	if (!trail_n(t) || at >= t->top.to)
		return false;
	do {
		*run = p.run;
	} while (run->from > at && down(&p) && p.run.to > at);
	return true;
}

size_t trail_above(const struct trail *t, int64_t at)
{
	struct place p = begin(t);
	size_t n = 0;

	if (!trail_n(t))
		return 0;
	while (p.run.to > at && (++n, down(&p)))
		;
	return n;
}

void trail_keep(struct trail *t, size_t n)
{
	struct trail_room *r = t->room;
	const uint8_t *at;
	size_t gone;

	if (n >= trail_n(t))
		return;
	at = r->byte + r->used;
	for (size_t i = 1; i < n; i++) {
		at = skip(at);
		at = *at & 1 ? skip(skip(at)) : skip(at);
	}
	gone = (size_t)(at - r->byte);
	r->n = (uint16_t)(n - 1);
	r->used = (uint16_t)(r->used - gone);
	memmove(r->byte, r->byte + gone, r->used);
}

void trail_list(const struct trail *t, struct trail_run *run)
{
	struct place p = begin(t);
	size_t n = trail_n(t);

	for (bool more = n; more; more = down(&p))
		run[--n] = p.run;
}

void trail_set(struct trail *t, const struct trail_run *run, size_t n)
{
	trail_free(t);
	for (size_t i = 0; i < n; i++)
		trail_push(t, run[i]);
}

void trail_shift(struct trail *t, int64_t by)
{
	struct place p = begin(t);

	while (down(&p))
		;
	if (by > 0 ? t->top.to > INT64_MAX - by : p.run.from < INT64_MIN - by) {
		trail_free(t);
		return;
	}
	t->top.from += by;
	t->top.to += by;
}
