#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* Sanitizers are to see each object by itself. */
#if defined(__SANITIZE_ADDRESS__)
#define POOL_APART
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_APART
#endif
#endif

#ifdef POOL_APART

void *pool_zero(struct pool *p, size_t size)
{
	(void)p;
	return mem_zero(size);
}

void pool_free(void *object)
{
	free(object);
}

struct pool *pool_of(const void *object)
{
	(void)object;
	return NULL;
}

#else

/* A slab begins at a multiple of its size, so that each object leads to it. */
enum { SLAB = 8192, SLABS = 128 };	/* bytes; of a block */

/* One of a list; the first member of what is listed. */
struct pool_link {
	struct pool_link *prev, *next;
};

/* Slabs stand behind it, from the first place for one on. */
struct block {
	struct pool_link link;
	void *free;		/* a slab that is no more, and in it the next */
	unsigned n, fresh;	/* slabs that there are, and that there ever were */
};

struct slab {
	struct pool_link link;
	struct pool *pool;
	struct block *block;
	void *free;		/* an object that is no more, and in it the next */
	uint16_t n, max;	/* objects that there are, and at most */
	uint16_t fresh;		/* bytes up to what was never used */
	uint16_t size;		/* of an object */
};

/* Where the first object of a slab stands: behind it, and aligned where pointers are short, too. */
enum { FIRST = (sizeof(struct slab) + POOL_STEP - 1) / POOL_STEP * POOL_STEP };

static void put(struct pool_link **list, struct pool_link *l)
{
	*l = (struct pool_link){ NULL, *list };
	if (l->next)
		l->next->prev = l;
	*list = l;
}

static void take(struct pool_link **list, const struct pool_link *l)
{
	*(l->prev ? &l->prev->next : list) = l->next;
	if (l->next)
		l->next->prev = l->prev;
}

static void push_free(void **list, void *p)
{
	*(void **)p = *list;
	*list = p;
}

static void *pop_free(void **list)
{
	void *p = *list;

	if (p)
		*list = *(void **)p;
	return p;
}

static struct slab *slab_of(const void *object)
{
	return (struct slab *)((char *)object - (uintptr_t)object % SLAB);
}

static struct pool_link **slabs_of(struct pool *p, size_t size)
{
	return &p->slabs[size / POOL_STEP - 1];
}

static struct block *block_new(struct pool *p)
{
	struct block *b = mem_resize(NULL, sizeof(*b) + (SLABS + 1) * SLAB);

	*b = (struct block){ .free = NULL };
	put(&p->blocks, &b->link);
	return b;
}

static struct slab *slab_new(struct pool *p, size_t size)
{
	struct block *b = p->blocks ? (struct block *)p->blocks : block_new(p);
	struct slab *s = pop_free(&b->free);

	if (!s)
		s = slab_of((char *)(b + 1) + ++b->fresh * SLAB);
	if (++b->n == SLABS)
		take(&p->blocks, &b->link);
	*s = (struct slab){
		.pool = p, .block = b, .size = (uint16_t)size, .fresh = FIRST,
		.max = (uint16_t)((SLAB - FIRST) / size),
	};
	put(slabs_of(p, size), &s->link);
	return s;
}

static void slab_free(struct slab *s)
{
	struct block *b = s->block;

	if (b->n-- == SLABS)
		put(&s->pool->blocks, &b->link);
	if (!b->n) {
		take(&s->pool->blocks, &b->link);
		free(b);
	} else {
		push_free(&b->free, s);
	}
}

void *pool_zero(struct pool *p, size_t size)
{
	size_t full = (size + POOL_STEP - 1) / POOL_STEP * POOL_STEP;
	struct pool_link **slabs = slabs_of(p, full);
	struct slab *s = *slabs ? (struct slab *)*slabs : slab_new(p, full);
	void *object = pop_free(&s->free);

	if (!object) {
		object = (char *)s + s->fresh;
		s->fresh = (uint16_t)(s->fresh + full);
	}
	if (++s->n == s->max)
		take(slabs, &s->link);
	return memset(object, 0, size);
}

void pool_free(void *object)
{
	struct slab *s = slab_of(object);

	if (!object)
		return;
	push_free(&s->free, object);
	if (s->n-- == s->max)
		put(slabs_of(s->pool, s->size), &s->link);
	if (!s->n) {
		take(slabs_of(s->pool, s->size), &s->link);
		slab_free(s);
	}
}

struct pool *pool_of(const void *object)
{
	return slab_of(object)->pool;
}

#endif
