/* pool: objects are apart from each other, set to 0, and what is empty goes back. */
#include "test.h"

#include "pool.h"

enum { OBJECTS = 3000, ROUNDS = 200000 };

struct object {
	unsigned char *at;	/* NULL: none; all of its bytes are `mark` */
	size_t size;
	unsigned char mark;
};

static void make(struct pool *p, struct object *o, size_t size, unsigned char mark)
{
	*o = (struct object){ pool_zero(p, size), size, mark };
	assert_int_equal((uintptr_t)o->at % sizeof(int64_t), 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(o->at[i], 0);
	memset(o->at, mark, size);
}

static void drop(struct object *o)
{
	for (size_t i = 0; i < o->size; i++)
		assert_int_equal(o->at[i], o->mark);
	pool_free(o->at);
	o->at = NULL;
}

static void all_back(const struct pool *p)
{
	static const struct pool empty;

	assert_memory_equal(p, &empty, sizeof(empty));
}

/* Of few sizes, as they are used, and of any. */
static void many(void **state)
{
	static struct object object[OBJECTS];
	static struct pool pool;
	uint64_t rng = 1;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct object *o = &object[random_below(&rng, OBJECTS)];
		size_t size = random_below(&rng, 4) ? 8 + 56 * random_below(&rng, 4) :
			      1 + random_below(&rng, POOL_SIZE_MAX);

		if (o->at)
			drop(o);
		else
			make(&pool, o, size, (unsigned char)(1 + i % 255));
	}
	for (int i = 0; i < OBJECTS; i++)
		if (object[i].at)
			drop(&object[i]);
	all_back(&pool);
}

/* More than a block holds; what one size gave back serves another. */
static void again(void **state)
{
	enum { SMALL = 40000, LARGE = 1200 };
	static struct object object[SMALL];
	static struct pool pool;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < SMALL; i++)
			make(&pool, &object[i], 48, 1);
		for (int i = 0; i < SMALL; i++)
			if (i != SMALL / 2)
				drop(&object[i]);
		for (int i = 0; i < LARGE; i++)
			make(&pool, &object[i], POOL_SIZE_MAX, 2);
		for (int i = 0; i < LARGE; i++)
			drop(&object[i]);
		drop(&object[SMALL / 2]);
		all_back(&pool);
	}
}

static void beside(void **state)
{
	struct pool pool = { .blocks = NULL };
	void *first = pool_zero(&pool, 100), *second = pool_zero(pool_of(first), 200);

	(void)state;
	assert_ptr_equal(pool_of((char *)first + 99), pool_of(second));
	pool_free(first);
	pool_free(NULL);
	pool_free(second);
	all_back(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many),
		cmocka_unit_test(again),
		cmocka_unit_test(beside),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
