#define _GNU_SOURCE	/* getentropy() before POSIX.1-2024 */
#include "map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { SLOTS_FIRST = 64 };

void map_init(struct map *m)
{
	m->slot = mem_zero(SLOTS_FIRST * sizeof(*m->slot));
	m->mask = SLOTS_FIRST - 1;
	m->used = 0;
	if (getentropy(m->seed, sizeof(m->seed)) < 0) {
		m->seed[0] = (uint64_t)time(NULL);
		m->seed[1] = (uint64_t)getpid() << 32 ^ (uintptr_t)m->slot;
	}
}

void map_free(struct map *m)
{
	free(m->slot);
	m->slot = NULL;
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

uint64_t map_hash(const struct map *m, const void *key, size_t n)
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
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void *map_next(const struct map *m, uint64_t hash, size_t *at)
{
	for (;;) {
		const struct map_slot *s = &m->slot[(hash + (*at)++) & m->mask];

		if (!s->object)
			return NULL;
		if (s->hash == hash)
			return s->object;
	}
}

static void place(struct map *m, uint64_t hash, void *object)
{
	size_t i = hash & m->mask;

	while (m->slot[i].object)
		i = (i + 1) & m->mask;
	m->slot[i] = (struct map_slot){ hash, object };
}

static void resize(struct map *m, size_t slots)
{
	struct map_slot *old = m->slot;
	size_t n = m->mask + 1;

	m->slot = mem_zero(slots * sizeof(*m->slot));
	m->mask = slots - 1;
	for (size_t i = 0; i < n; i++)
		if (old[i].object)
			place(m, old[i].hash, old[i].object);
	free(old);
}

void map_add(struct map *m, uint64_t hash, void *object)
{
	if (3 * ++m->used > 2 * (m->mask + 1))
		resize(m, 2 * (m->mask + 1));
	place(m, hash, object);
}

void map_add_few(struct map *m, uint64_t hash, void *object)
{
	size_t same = 0;

	for (size_t i = hash & m->mask; m->slot[i].object; i = (i + 1) & m->mask)
		if (m->slot[i].hash == hash && ++same == MAP_FEW)
			return;
	map_add(m, hash, object);
}

/* Close the gap at i: every later object of the run may have to move up. */
static void close_gap(struct map *m, size_t i)
{
	for (size_t j = i; ; ) {
		j = (j + 1) & m->mask;
		if (!m->slot[j].object)
			break;
		if (((j - m->slot[j].hash) & m->mask) >= ((j - i) & m->mask)) {
			m->slot[i] = m->slot[j];
			i = j;
		}
	}
	m->slot[i].object = NULL;
}

void map_remove(struct map *m, uint64_t hash, const void *object)
{
	size_t i = hash & m->mask;

	while (m->slot[i].object &&
	       (m->slot[i].object != object || m->slot[i].hash != hash))
		i = (i + 1) & m->mask;
	if (!m->slot[i].object)
		return;
	close_gap(m, i);
	m->used--;
	if (m->mask + 1 > SLOTS_FIRST && 8 * m->used < m->mask + 1)
		resize(m, (m->mask + 1) / 2);
}
