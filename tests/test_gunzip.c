/* gunzip, alone and as input uses it: members, padding, damage, live pipes. */
#include "test.h"

#include <zlib.h>

#include "gunzip.h"

enum { BIG = 700000 };

struct buffer {
	uint8_t *p;
	size_t n;
};

static void append(struct buffer *b, const void *p, size_t n)
{
	b->p = realloc(b->p, b->n + n + 1);
	assert_non_null(b->p);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

/* Append a gzip member of these bytes; without its end unless it is finished. */
static void append_gzip(struct buffer *b, const void *p, size_t n, bool finish)
{
	z_stream z = { 0 };
	uint8_t *out = malloc(n + 1000);

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = out;
	z.avail_out = (uInt)(n + 1000);
	assert_true(deflate(&z, finish ? Z_FINISH : Z_SYNC_FLUSH) >= 0);
	append(b, out, n + 1000 - z.avail_out);
	deflateEnd(&z);
	free(out);
}

/* What input makes of these bytes has to be `want`, and end with this error. */
static void assert_input(const struct buffer *b, const void *want, size_t n,
			 const char *error)
{
	struct input *in = input_of(b->p, b->n);

	assert_false(input_need(in, n + 1));
	assert_int_equal(input_left(in), n);
	if (n)
		assert_memory_equal(input_data(in), want, n);
	assert_false(input_more(in));
	if (!error)
		assert_null(in->error);
	else if (!in->error || !strstr(in->error, error))
		fail_msg("\"%s\" is not \"%s\"", in->error ? in->error : "", error);
	input_close(in);
}

static void magic(void **state)
{
	static const uint8_t gz[] = { 0x1f, 0x8b, 8 }, other[] = { 0x1f, 0x8c };

	(void)state;
	assert_true(gunzip_magic(gz, 3));
	assert_true(gunzip_magic(gz, 2));
	assert_false(gunzip_magic(gz, 1));
	assert_false(gunzip_magic(gz, 0));
	assert_false(gunzip_magic(other, 2));
}

static void members(void **state)
{
	static const uint8_t zeros[600];
	struct buffer b = { 0 }, want = { 0 };
	uint64_t rng = 1;
	char *big = malloc(BIG);

	(void)state;
	for (size_t i = 0; i < BIG; i++)
		big[i] = (char)(random64(&rng) & 0x1f);
	append_gzip(&b, "first", 5, true);
	append(&want, "first", 5);
	assert_input(&b, want.p, want.n, NULL);
	append_gzip(&b, "", 0, true);
	append_gzip(&b, big, BIG, true);
	append(&want, big, BIG);
	assert_input(&b, want.p, want.n, NULL);
	append(&b, zeros, 1);
	append_gzip(&b, "last", 4, true);
	append(&want, "last", 4);
	assert_input(&b, want.p, want.n, NULL);
	append(&b, zeros, sizeof(zeros));
	assert_input(&b, want.p, want.n, NULL);
	free(b.p);
	free(want.p);
	free(big);
}

static void nothing_inside(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	append_gzip(&b, "", 0, true);
	assert_input(&b, "", 0, NULL);
	free(b.p);
}

/* Cut anywhere, it gives what it can, and says so unless that is between members. */
static void truncated(void **state)
{
	static const char text[] = "the quick brown fox and the lazy dog and the fox";
	struct buffer b = { 0 };
	size_t between;

	(void)state;
	append_gzip(&b, text, strlen(text), true);
	between = b.n;
	append_gzip(&b, text, strlen(text), true);
	for (size_t n = 2; n < b.n; n++) {
		struct input *in = input_of(b.p, n);
		size_t got;

		assert_false(input_need(in, 2 * strlen(text) + 1));
		got = input_left(in);
		assert_true(got <= 2 * strlen(text));
		assert_memory_equal(input_data(in), text,
				    got < strlen(text) ? got : strlen(text));
		if (n == between)
			assert_null(in->error);
		else
			assert_string_equal(in->error, "gzip data is cut short");
		input_close(in);
	}
	free(b.p);
}

static void garbage(void **state)
{
	struct buffer b = { 0 }, bad = { 0 };
	static const char text[] = "some text";

	(void)state;
	append_gzip(&b, text, strlen(text), true);
	/* behind it */
	append(&bad, b.p, b.n);
	append(&bad, "garbage", 7);
	assert_input(&bad, text, strlen(text), "not gzip");
	bad.n = b.n;
	append(&bad, "\0\0\x1fgarbage", 10);
	assert_input(&bad, text, strlen(text), "damaged");
	/* in its head, its data, its checksum and its length */
	for (size_t i = 2; i < b.n; i++) {
		struct input *in;

		if (i >= 4 && i < 10)
			continue;	/* time, flags and system may be anything */
		bad.n = 0;
		append(&bad, b.p, b.n);
		bad.p[i] ^= 0x55;
		in = input_of(bad.p, bad.n);
		while (input_more(in))
			;
		assert_non_null(in->error);
		input_close(in);
	}
	free(b.p);
	free(bad.p);
}

/* A byte in, a byte out. */
static void steps(void **state)
{
	struct buffer b = { 0 };
	struct gunzip *g = gunzip_new();
	const uint8_t *in;
	uint8_t out[64], *end = out;

	(void)state;
	append_gzip(&b, "one", 3, true);
	append(&b, "\0", 1);
	append_gzip(&b, "two", 3, true);
	assert_false(gunzip_complete(g));
	for (in = b.p; in < b.p + b.n; ) {
		const uint8_t *before = in;
		uint8_t *was = end;

		assert_null(gunzip_step(g, &in, in + 1, &end, end + 1));
		assert_true(in > before || end > was);
		assert_true(end < out + sizeof(out));
	}
	assert_true(gunzip_complete(g));
	assert_int_equal(end - out, 6);
	assert_memory_equal(out, "onetwo", 6);
	gunzip_free(g);
	free(b.p);
}

/* What a pipe holds is there at once, not when a buffer is full. */
static void live(void **state)
{
	struct buffer b = { 0 };
	struct input *in;
	char path[32];
	int fd[2];

	(void)state;
	if (pipe(fd) < 0 || access("/dev/fd", X_OK) < 0)
		skip();
	append_gzip(&b, "first packet", 12, false);
	assert_int_equal(write(fd[1], b.p, b.n), b.n);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	in = input_open(path, NULL, NULL);
	assert_non_null(in);
	assert_true(input_need(in, 12));	/* hangs if it wants more */
	assert_memory_equal(input_data(in), "first packet", 12);
	close(fd[1]);
	close(fd[0]);
	assert_false(input_more(in));
	assert_string_equal(in->error, "gzip data is cut short");
	input_close(in);
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(magic),
		cmocka_unit_test(members),
		cmocka_unit_test(nothing_inside),
		cmocka_unit_test(truncated),
		cmocka_unit_test(garbage),
		cmocka_unit_test(steps),
		cmocka_unit_test(live),
	};

	return cmocka_run_group_tests_name("gunzip", tests, NULL, NULL);
}
