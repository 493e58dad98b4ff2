#include "matrix.h"

#include <stdlib.h>

#include "mem.h"

struct matrix *matrix_new(void)
{
	struct matrix *m = mem_zero(sizeof(*m));

	map_init(&m->map);
	return m;
}

void matrix_free(struct matrix *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->cell[i]);
	free(m->cell);
	map_free(&m->map);
	free(m);
}

static uint32_t hash(const struct matrix *m, unsigned role, const uint32_t *orig,
		     uint32_t stream)
{
	uint32_t key[4] = { role, orig != NULL, orig ? *orig : 0, stream };

	return map_hash(&m->map, key, sizeof(key));
}

static void add(struct matrix *m, struct matrix_cell *c, uint32_t key)
{
	map_add(&m->map, key, c);
	m->cell = mem_grow(m->cell, &m->cap, m->n + 1, sizeof(struct matrix_cell *));
	m->cell[m->n++] = c;
}

struct matrix_cell *matrix_cell(struct matrix *m, unsigned role,
				const uint32_t *orig, uint32_t stream)
{
	uint32_t key = hash(m, role, orig, stream);
	struct matrix_cell *c;
	size_t at = 0;

	while ((c = map_next(&m->map, key, &at)))
		if (c->role == role && c->stream == stream &&
		    c->has_orig == (orig != NULL) && (!orig || c->orig == *orig))
			return c;
	c = mem_zero(sizeof(*c));
	c->role = (uint8_t)role;
	c->stream = stream;
	c->has_orig = orig != NULL;
	c->orig = orig ? *orig : 0;
	add(m, c, key);
	return c;
}

static int by_streams(const void *a, const void *b)
{
	const struct matrix_cell *c = *(struct matrix_cell *const *)a;
	const struct matrix_cell *d = *(struct matrix_cell *const *)b;

	if (c->role != d->role)
		return c->role < d->role ? -1 : 1;
	if (c->has_orig != d->has_orig)
		return c->has_orig ? -1 : 1;
	if (c->orig != d->orig)
		return c->orig < d->orig ? -1 : 1;
	return (c->stream > d->stream) - (c->stream < d->stream);
}

void matrix_sort(struct matrix *m)
{
	if (m->n)
		qsort(m->cell, m->n, sizeof(struct matrix_cell *), by_streams);
}

void matrix_merge(struct matrix *into, struct matrix *from, bool flip)
{
	for (size_t i = 0; i < from->n; i++) {
		struct matrix_cell *c = from->cell[i];

		c->role ^= flip;
		add(into, c, hash(into, c->role, c->has_orig ? &c->orig : NULL,
				  c->stream));
	}
	from->n = 0;
	matrix_free(from);
}
