/*
 * A hash table from keys to the objects that hold them.
 *
 * The table keeps only the 32-bit hash of a key and a pointer; the caller
 * compares the key in the object. Several objects may share a key: they come in
 * the order in which they were added. The hash is SipHash-1-3 with a random key
 * of each table's own (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012), so that a capture can't be made to collide. No order of the table ever
 * reaches the output.
 */
#ifndef MAP_H
#define MAP_H

#include <stddef.h>
#include <stdint.h>

struct map {
	void **object;
	uint32_t *hash;		/* of the objects; 0: the slot is free */
	uint32_t slots, used;
	uint64_t seed[2];
};

/* What one object takes of a table that has not shrunk, in bytes, at most. */
enum { MAP_PLACE = 15 * (sizeof(void *) + sizeof(uint32_t)) / 8 };

void map_init(struct map *m);

/* Give back the table; the objects stay the caller's. */
void map_free(struct map *m);

/* The hash of a key of n bytes in this table; never 0. */
uint32_t map_hash(const struct map *m, const void *key, size_t n);

/*
 * The next object under this hash, or NULL. *at is 0 for the first, and then
 * goes from call to call; the table must not change in between.
 */
void *map_next(const struct map *m, uint32_t hash, size_t *at);

void map_add(struct map *m, uint32_t hash, void *object);

/*
 * The same, unless there are MAP_FEW under this hash: for keys that a capture says,
 * and may say as often as it likes. Taking out what is not there does nothing.
 */
enum { MAP_FEW = 64 };
void map_add_few(struct map *m, uint32_t hash, void *object);

/* Take out this object, which stands under this hash; it may stand under others too. */
void map_remove(struct map *m, uint32_t hash, const void *object);

#endif
