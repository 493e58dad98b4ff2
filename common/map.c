#define _GNU_SOURCE	/* getentropy() before POSIX.1-2024 */
#include "map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { SLOTS_FIRST = 64 };

/* One array for both; the pointers first, which have to be aligned. */
static void allocate(struct map *m, uint32_t slots)
{
	m->object = mem_zero(slots * (sizeof(*m->object) + sizeof(*m->hash)));
	m->hash = (uint32_t *)(m->object + slots);
	m->slots = slots;
}

void map_init(struct map *m)
{
	allocate(m, SLOTS_FIRST);
	m->used = 0;
	if (getentropy(m->seed, sizeof(m->seed)) < 0) {
		m->seed[0] = (uint64_t)time(NULL);
		m->seed[1] = (uint64_t)getpid() << 32 ^ (uintptr_t)m->object;
	}
}

void map_free(struct map *m)
{
	free(m->object);
	m->object = NULL;
	m->slots = 0;
}

static inline uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint32_t map_hash(const struct map *m, const void *key, size_t n)
{
	const uint8_t *p = key;
	uint64_t word, v[4] = {
		m->seed[0] ^ 0x736f6d6570736575, m->seed[1] ^ 0x646f72616e646f6d,
		m->seed[0] ^ 0x6c7967656e657261, m->seed[1] ^ 0x7465646279746573,
	};

	for (size_t left = n; ; left -= 8, p += 8) {
		word = 0;
		memcpy(&word, p, left < 8 ? left : 8);
		/* the last byte in memory, where no key is on any machine */
		if (left < 8)
			((uint8_t *)&word)[7] = (uint8_t)n;
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
		if (left < 8)
			break;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	word = (v[0] ^ v[1] ^ v[2] ^ v[3]) >> 32;
	return word ? (uint32_t)word : 1;
}

/* Where objects under this hash begin: hashes in ascending order from slot to slot. */
static uint32_t home(const struct map *m, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * m->slots >> 32);
}

static uint32_t after(const struct map *m, uint32_t i)
{
	return i + 1 < m->slots ? i + 1 : 0;
}

/* How many slots i is behind `from`. */
static uint32_t distance(const struct map *m, uint32_t from, uint32_t i)
{
	return i >= from ? i - from : i + m->slots - from;
}

void *map_next(const struct map *m, uint32_t hash, size_t *at)
{
	/* *at is 1 more than the slot of the last one */
	uint32_t i = *at == 0 ? home(m, hash) : *at < m->slots ? (uint32_t)*at : 0;

	for (; m->hash[i]; i = after(m, i)) {
		if (m->hash[i] == hash) {
			*at = (size_t)i + 1;
			return m->object[i];
		}
	}
	return NULL;
}

static void place(struct map *m, uint32_t hash, void *object)
{
	uint32_t i = home(m, hash);

	while (m->hash[i])
		i = after(m, i);
	m->hash[i] = hash;
	m->object[i] = object;
}

/* From a free slot on, since a run that goes on at the start has its own order. */
static void resize(struct map *m, uint32_t slots)
{
	struct map old = *m;
	uint32_t from = 0;

	while (old.hash[from])
		from++;
	allocate(m, slots);
	for (uint32_t i = after(&old, from); i != from; i = after(&old, i))
		if (old.hash[i])
			place(m, old.hash[i], old.object[i]);
	map_free(&old);
}

void map_add(struct map *m, uint32_t hash, void *object)
{
	/* at most 4 of 5 are taken, and 8 of 15 at least while it grows */
	if (++m->used > m->slots / 5 * 4)
		resize(m, m->slots + m->slots / 2);
	place(m, hash, object);
}

void map_add_few(struct map *m, uint32_t hash, void *object)
{
	size_t at = 0;

	for (unsigned same = 0; map_next(m, hash, &at); )
		if (++same == MAP_FEW)
			return;
	map_add(m, hash, object);
}

/* Close the gap at i: every later object of the run may have to move up. */
static void close_gap(struct map *m, uint32_t i)
{
	for (uint32_t j = after(m, i); m->hash[j]; j = after(m, j)) {
		if (distance(m, home(m, m->hash[j]), j) >= distance(m, i, j)) {
			m->hash[i] = m->hash[j];
			m->object[i] = m->object[j];
			i = j;
		}
	}
	m->hash[i] = 0;
}

void map_remove(struct map *m, uint32_t hash, const void *object)
{
	uint32_t i = home(m, hash);

	while (m->hash[i] && (m->object[i] != object || m->hash[i] != hash))
		i = after(m, i);
	if (!m->hash[i])
		return;
	close_gap(m, i);
	m->used--;
	if (m->slots > SLOTS_FIRST && m->used < m->slots / 8)
		resize(m, m->slots / 2);
}
