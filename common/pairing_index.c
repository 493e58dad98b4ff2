/*
 * An index of prints by each kind of evidence. Under one key stand, in order
 * of appearance, all prints that have it; of many, those near in time are
 * looked at, so that no evidence that thousands share makes work for each.
 */
#include "pairing.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "seq.h"
#include "sketch.h"

enum {
	KEYS_MAX = 4 * SKETCH_MAX + 64,	/* under which one print is looked for */
	NEAREST = 16		/* prints looked at under one key */
};

enum { BY_KEY, BY_TOKEN, BY_NONCE, BY_ISN, BY_TUPLE, BY_DSN, BY_MAP, BY_STAMP };

struct bucket {
	uint64_t key;
	uint32_t n, cap;
	union {			/* in order of their first segment */
		struct print *one;	/* if cap is 0 */
		struct print **many;
	} print;
};

struct keys {
	uint64_t at[KEYS_MAX];
	unsigned n;
};

static void put(struct keys *k, unsigned by, uint64_t v)
{
	uint64_t key = sketch_hash((uint32_t)(v >> 32), (uint32_t)v) ^
		       sketch_hash(by, 0);

	if (k->n < KEYS_MAX)
		k->at[k->n++] = key;
}

static uint64_t hash_endpoint(const struct print_end *e)
{
	uint32_t w[4];

	memcpy(w, e->addr.b, sizeof(w));
	return sketch_hash(w[0] ^ e->port, w[1]) +
	       3 * sketch_hash(w[2], w[3] ^ (uint32_t)e->port << 16);
}

static void put_marks(struct keys *k, unsigned by, const struct sketch *s,
		      unsigned max)
{
	for (unsigned i = 0; i < s->n && i < max; i++)
		put(k, by, s->mark[i].hash);
}

static void put_dsn(struct keys *k, const struct print_end *e)
{
	uint64_t from = e->dsn >> 32, to = (e->dsn_end - 1) >> 32;

	for (uint64_t i = 0; i <= to - from && i < PRINT_DSN_BLOCKS / 2; i++) {
		put(k, BY_DSN, from + i);
		put(k, BY_DSN, to - i);
	}
}

static void put_end(struct keys *k, const struct print_end *e)
{
	if (e->has_key)
		put(k, BY_KEY, e->key);
	if (e->has_token)
		put(k, BY_TOKEN, e->token);
	if (e->has_nonce)
		put(k, BY_NONCE, e->nonce);
	if (e->syn)
		put(k, BY_ISN, e->base);
}

/* All keys of a print: what many may share comes last. */
static void all_keys(struct keys *k, const struct print *p, unsigned marks)
{
	for (unsigned i = 0; i < 2; i++)
		put_end(k, &p->end[i]);
	put(k, BY_TUPLE, hash_endpoint(&p->end[0]) + hash_endpoint(&p->end[1]));
	for (unsigned i = 0; i < 2; i++)
		put_marks(k, BY_MAP, &p->end[i].maps, marks);
	for (unsigned i = 0; i < 2; i++)
		if (p->end[i].has_dsn)
			put_dsn(k, &p->end[i]);
	for (unsigned i = 0; i < 2; i++)
		put_marks(k, BY_STAMP, &p->end[i].stamps, marks);
}

static struct bucket *bucket_find(const struct map *m, uint64_t key)
{
	struct bucket *b;
	size_t at = 0;

	while ((b = map_next(m, map_hash(m, &key, sizeof(key)), &at)))
		if (b->key == key)
			break;
	return b;
}

static void bucket_free(struct bucket *b)
{
	if (b->cap)
		free(b->print.many);
	free(b);
}

static struct print *const *prints_of(const struct bucket *b)
{
	return b->cap ? b->print.many : &b->print.one;
}

/* The index of the first print that does not stand before this one. */
static size_t place(const struct bucket *b, int64_t first_ns, uint32_t stream)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct print *p = prints_of(b)[mid];

		if (p->listed_ns < first_ns ||
		    (p->listed_ns == first_ns && p->stream < stream))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void insert(struct map *m, uint64_t key, struct print *p)
{
	struct bucket *b = bucket_find(m, key);
	struct print **at;

	if (!b) {
		b = mem_zero(sizeof(*b));
		*b = (struct bucket){ .key = key, .n = 1, .print.one = p };
		map_add(m, map_hash(m, &key, sizeof(key)), b);
		return;
	}
	if (!b->cap) {
		struct print *one = b->print.one;

		b->print.many = mem_grow32(NULL, &b->cap, 2, sizeof(one));
		b->print.many[0] = one;
	}
	b->print.many = mem_grow32(b->print.many, &b->cap, b->n + 1u, sizeof(p));
	at = b->print.many + place(b, p->listed_ns, p->stream);
	memmove(at + 1, at, (size_t)(b->print.many + b->n - at) * sizeof(p));
	*at = p;
	b->n++;
}

static void take_out(struct map *m, uint64_t key, struct print *p)
{
	struct bucket *b = bucket_find(m, key);
	size_t i = place(b, p->listed_ns, p->stream);

	if (--b->n) {
		memmove(b->print.many + i, b->print.many + i + 1,
			(b->n - i) * sizeof(p));
		return;
	}
	map_remove(m, map_hash(m, &key, sizeof(key)), b);
	bucket_free(b);
}

static bool among(const uint64_t *key, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		if (key[i] == v)
			return true;
	return false;
}

static void drop_twins(struct keys *k)
{
	unsigned n = 0;

	for (unsigned i = 0; i < k->n; i++)
		if (!among(k->at, n, k->at[i]))
			k->at[n++] = k->at[i];
	k->n = n;
}

void pairing_index(struct pairing *p, unsigned which, struct print *print)
{
	struct keys k = { .n = 0 };
	struct map *m = &p->index[which];

	if (!print->keys)
		print->listed_ns = print->first_ns;
	all_keys(&k, print, PRINT_MARKS_INDEXED);
	drop_twins(&k);
	for (unsigned i = 0; i < print->keys; i++)
		if (!among(k.at, k.n, print->key[i]))
			take_out(m, print->key[i], print);
	for (unsigned i = 0; i < k.n; i++)
		if (!among(print->key, print->keys, k.at[i]))
			insert(m, k.at[i], print);
	print->key = mem_resize(print->key, k.n * sizeof(*print->key));
	memcpy(print->key, k.at, k.n * sizeof(*print->key));
	print->keys = (uint8_t)k.n;
}

void pairing_unindex(struct pairing *p, unsigned which, struct print *print)
{
	for (unsigned i = 0; i < print->keys; i++)
		take_out(&p->index[which], print->key[i], print);
	print->keys = 0;
}

/* Those of a bucket that began next to this time: [*from, *to). */
static void nearest(const struct bucket *b, int64_t first_ns, size_t *from, size_t *to)
{
	size_t i = b->n > NEAREST ? place(b, first_ns, 0) : 0;

	*from = i > NEAREST / 2 ? i - NEAREST / 2 : 0;
	*to = *from + NEAREST < b->n ? *from + NEAREST : b->n;
	if (b->n > NEAREST && *to - *from < NEAREST)
		*from = *to - NEAREST;
}

size_t pairing_candidates(struct pairing *p, unsigned which,
			  const struct print *print, struct print **candidate)
{
	struct keys k = { .n = 0 };
	size_t n = 0, from, to;

	p->lookups++;
	all_keys(&k, print, SKETCH_MAX);
	for (unsigned i = 0; i < k.n; i++) {
		struct bucket *b = bucket_find(&p->index[which], k.at[i]);

		if (!b)
			continue;
		nearest(b, print->first_ns, &from, &to);
		for (; from < to && n < CANDIDATES_MAX; from++) {
			struct print *found = prints_of(b)[from];

			if (found->lookup != p->lookups)
				candidate[n++] = found;
			found->lookup = p->lookups;
		}
	}
	return n;
}

void pairing_index_init(struct map *index)
{
	map_init(index);
}

void pairing_index_free(struct map *index)
{
	for (uint32_t i = 0; i < index->slots; i++)
		if (index->hash[i])
			bucket_free(index->object[i]);
	map_free(index);
}
