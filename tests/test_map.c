/* map: against a list that is searched from one end to the other. */
#include "test.h"

#include "map.h"

enum { OBJECTS = 3000 };

struct object {
	uint32_t hash;
	int added;	/* when */
	bool in;
	bool found;
};

static struct object object[OBJECTS];

/* All objects under this hash are found, each once, as they came, and no others. */
static void same_as_list(const struct map *m, uint32_t hash)
{
	struct object *o;
	size_t at = 0;
	int last = -1;

	while ((o = map_next(m, hash, &at))) {
		assert_true(o->added > last);
		last = o->added;
		assert_true(o->in && o->hash == hash);
		assert_false(o->found);
		o->found = true;
	}
	for (int i = 0; i < OBJECTS; i++) {
		assert_true(object[i].found == (object[i].in && object[i].hash == hash));
		object[i].found = false;
	}
}

/*
 * Adds and removes at random, of hashes that all lie next to each other at both
 * ends of the table, so that runs are long, wrap around, and move as it grows.
 */
static void any_order(void **state)
{
	uint64_t rng = 1;
	struct map m;
	size_t in = 0;

	(void)state;
	map_init(&m);
	for (int i = 0; i < 60000; i++) {
		struct object *o = &object[random_below(&rng, i < 30000 ? 100 : OBJECTS)];

		if (o->in) {
			map_remove(&m, o->hash, o);
			in--;
		} else {
			o->hash = (uint32_t)(random_below(&rng, 2) ?
					     UINT32_MAX - random_below(&rng, 40) :
					     1 + random_below(&rng, 40));
			map_add(&m, o->hash, o);
			o->added = i;
			in++;
		}
		o->in = !o->in;
		assert_int_equal(m.used, in);
		if (i % 16 == 0)
			same_as_list(&m, o->hash);
	}
	for (int i = 0; i < OBJECTS; i++) {
		if (object[i].in)
			map_remove(&m, object[i].hash, &object[i]);
		object[i].in = false;
		if (i % 16 == 0)
			same_as_list(&m, object[i].hash);
	}
	assert_int_equal(m.used, 0);
	map_free(&m);
}

/* What is not there can't be taken out, whatever stands under its hash. */
static void remove_other(void **state)
{
	struct object a = { .hash = 5 }, b = { .hash = 5 };
	struct map m;
	size_t at = 0;

	(void)state;
	map_init(&m);
	map_remove(&m, 5, &a);
	map_add(&m, 5, &a);
	map_remove(&m, 5, &b);
	map_remove(&m, 6, &b);
	assert_ptr_equal(map_next(&m, 5, &at), &a);
	assert_null(map_next(&m, 5, &at));
	assert_int_equal(m.used, 1);
	map_free(&m);
}

/* Of an object under two hashes, that come one behind the other, only the one meant goes. */
static void two_hashes(void **state)
{
	struct object a = { 0 };
	struct map m;
	size_t at = 0;

	(void)state;
	map_init(&m);
	map_add(&m, 5, &a);
	map_add(&m, 6, &a);
	map_remove(&m, 6, &a);
	assert_ptr_equal(map_next(&m, 5, &at), &a);
	at = 0;
	assert_null(map_next(&m, 6, &at));
	map_free(&m);
}

/* Of keys that many share only a few objects are there; those left out can be taken out. */
static void few(void **state)
{
	static struct object many[2 * MAP_FEW];
	struct map m;
	size_t at = 0, n = 0;

	(void)state;
	map_init(&m);
	map_add_few(&m, 4, &m);
	for (size_t i = 0; i < COUNT(many); i++)
		map_add_few(&m, 5, &many[i]);
	while (map_next(&m, 5, &at))
		n++;
	assert_int_equal(n, MAP_FEW);
	for (size_t i = COUNT(many); i-- > 0; )
		map_remove(&m, 5, &many[i]);
	assert_int_equal(m.used, 1);
	map_add_few(&m, 5, &many[COUNT(many) - 1]);
	at = 0;
	assert_ptr_equal(map_next(&m, 5, &at), &many[COUNT(many) - 1]);
	map_free(&m);
}

/* Its memory follows what is in it, both ways. */
static void size(void **state)
{
	static struct object many[20000];
	struct map m;
	size_t empty;

	(void)state;
	map_init(&m);
	empty = m.slots;
	for (size_t i = 0; i < COUNT(many); i++) {
		many[i].hash = map_hash(&m, &i, sizeof(i));
		map_add(&m, many[i].hash, &many[i]);
		assert_true(8 * m.slots <= 8 * empty + 15 * m.used);
		assert_true(4 * m.slots >= 5 * m.used);
	}
	for (size_t i = 0; i < COUNT(many); i++) {
		map_remove(&m, many[i].hash, &many[i]);
		assert_true(m.slots <= empty + 8 * (m.used + 1));
	}
	map_free(&m);
}

/* Every bit of a key and its length count; no two tables agree. */
static void hash(void **state)
{
	uint8_t key[40] = { 0 };
	struct map a, b;

	(void)state;
	map_init(&a);
	map_init(&b);
	for (size_t n = 0; n <= sizeof(key); n++) {
		uint32_t zero = map_hash(&a, key, n);

		assert_true(zero == map_hash(&a, key, n));
		assert_true(zero != map_hash(&b, key, n));
		if (n)
			assert_true(zero != map_hash(&a, key, n - 1));
		for (size_t bit = 0; bit < 8 * n; bit++) {
			key[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_true(zero != map_hash(&a, key, n));
			key[bit / 8] = 0;
		}
	}
	map_free(&a);
	map_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(remove_other),
		cmocka_unit_test(two_hashes),
		cmocka_unit_test(few),
		cmocka_unit_test(size),
		cmocka_unit_test(hash),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
