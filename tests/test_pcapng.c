/* pcapng: whole files of either byte order, their times, their damage. */
#include "test.h"

#include "capture.h"
#include "pcapng.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 2, SIMPLE = 3, ENHANCED = 6 };

/* A file in the making. */
struct file {
	uint8_t b[1 << 14];
	size_t n;
	bool little;
	size_t block;		/* where the block being made begins */
};

static void put(struct file *f, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		f->b[f->n++] = (uint8_t)(v >> 8 * (f->little ? i : bytes - 1 - i));
}

static void begin(struct file *f, uint32_t type)
{
	f->block = f->n;
	put(f, type, 4);
	put(f, 0, 4);
}

static void pad(struct file *f)
{
	while (f->n % 4)
		f->b[f->n++] = 0;
}

static void end(struct file *f)
{
	size_t n;

	pad(f);
	put(f, f->n + 4 - f->block, 4);
	n = f->n;
	f->n = f->block + 4;
	put(f, n - f->block, 4);
	f->n = n;
}

static void section(struct file *f, bool little)
{
	f->little = little;
	begin(f, SECTION);
	put(f, 0x1a2b3c4d, 4);
	put(f, 1, 2);
	put(f, 0, 2);
	put(f, UINT64_MAX, 8);
	end(f);
}

static void option(struct file *f, unsigned code, const void *p, unsigned n)
{
	put(f, code, 2);
	put(f, n, 2);
	memcpy(f->b + f->n, p, n);
	f->n += n;
	pad(f);
}

/* An interface; a resolution below 0 and an offset of 0 are left out. */
static void interface(struct file *f, unsigned link, const char *name,
		      int resolution, int64_t offset)
{
	uint8_t byte = (uint8_t)resolution;

	begin(f, INTERFACE);
	put(f, link, 2);
	put(f, 0, 2);
	put(f, 0, 4);
	option(f, 3, "a description", 13);
	if (name)
		option(f, 2, name, (unsigned)strlen(name));
	if (resolution >= 0)
		option(f, 9, &byte, 1);
	if (offset) {
		put(f, 14, 2);
		put(f, 8, 2);
		put(f, (uint64_t)offset, 8);
	}
	option(f, 0, "", 0);
	end(f);
}

static void packet(struct file *f, uint32_t id, uint64_t time, const char *data,
		   uint32_t len)
{
	begin(f, ENHANCED);
	put(f, id, 4);
	put(f, time >> 32, 4);
	put(f, (uint32_t)time, 4);
	put(f, strlen(data), 4);
	put(f, len, 4);
	memcpy(f->b + f->n, data, strlen(data));
	f->n += strlen(data);
	pad(f);
	option(f, 1, "a comment", 9);
	end(f);
}

static void assert_frame(struct capture *c, int link, const char *iface,
			 int64_t time_ns, const char *data, uint32_t len)
{
	struct frame f;

	assert_int_equal(capture_next(c, &f), 1);
	assert_int_equal(f.link, link);
	assert_int_equal(f.caplen, strlen(data));
	assert_memory_equal(f.data, data, f.caplen);
	assert_int_equal(f.len, len);
	assert_int_equal(f.time_ns, time_ns);
	if (iface)
		assert_string_equal(f.iface, iface);
	else
		assert_null(f.iface);
}

static void sections(void **state)
{
	struct file f = { .n = 0 };
	struct frame frame;
	struct capture *c;
	struct input *in;

	(void)state;
	section(&f, true);
	interface(&f, 1, "wlan0", -1, 0);
	interface(&f, 101, NULL, 9, 0);
	begin(&f, 5);			/* statistics: skipped */
	put(&f, 0, 8);
	put(&f, 0, 4);
	end(&f);
	packet(&f, 0, 5, "abc", 300);
	packet(&f, 1, 7, "defg", 4);
	section(&f, false);
	begin(&f, 0x80000bad);		/* someone's own: skipped */
	put(&f, 0, 4);
	end(&f);
	interface(&f, 276, "wwan0", 6, -10);
	packet(&f, 0, 20000000, "h", 1);
	in = input_of(f.b, f.n);
	assert_true(input_need(in, 4));
	assert_true(capture_magic(input_data(in), 4));
	c = capture_open(in);
	assert_frame(c, 1, "wlan0", 5000, "abc", 300);
	assert_frame(c, 101, NULL, 7, "defg", 4);
	assert_frame(c, 276, "wwan0", 10000000000, "h", 1);
	assert_int_equal(capture_next(c, &frame), 0);
	capture_close(c);
	input_close(in);
}

/* Packet blocks as they once were, and those without a time. */
static void other_packets(void **state)
{
	struct file f = { .n = 0 };
	struct frame frame;
	struct capture *c;
	struct input *in;

	(void)state;
	section(&f, false);
	interface(&f, 1, "eth0", -1, 0);
	begin(&f, PACKET);
	put(&f, 0, 2);			/* interface */
	put(&f, 3, 2);			/* drops */
	put(&f, 1, 4);
	put(&f, 2, 4);
	put(&f, 4, 4);
	put(&f, 1500, 4);
	put(&f, 0x61626364, 4);
	end(&f);
	begin(&f, SIMPLE);
	put(&f, 3, 4);
	put(&f, 0x65666700, 4);
	end(&f);
	section(&f, false);
	begin(&f, INTERFACE);
	put(&f, 1, 2);
	put(&f, 0, 2);
	put(&f, 2, 4);			/* snapshot length */
	end(&f);
	begin(&f, SIMPLE);
	put(&f, 1000, 4);
	put(&f, 0x68690000, 4);
	end(&f);
	in = input_of(f.b, f.n);
	c = capture_open(in);
	assert_frame(c, 1, "eth0", INT64_C(4294967298000), "abcd", 1500);
	assert_frame(c, 1, "eth0", INT64_C(4294967298000), "efg", 3);
	assert_frame(c, 1, NULL, INT64_C(4294967298000), "hi", 1000);
	assert_int_equal(capture_next(c, &frame), 0);
	capture_close(c);
	input_close(in);
}

static int64_t time_of(int resolution, uint64_t time, int64_t offset)
{
	struct file f = { .n = 0 };
	struct frame frame;
	struct capture *c;
	struct input *in;

	section(&f, time & 1);
	interface(&f, 1, NULL, resolution, offset);
	packet(&f, 0, time, "x", 1);
	in = input_of(f.b, f.n);
	c = capture_open(in);
	assert_int_equal(capture_next(c, &frame), 1);
	capture_close(c);
	input_close(in);
	return frame.time_ns;
}

static void times(void **state)
{
	static const struct {
		int resolution;
		uint64_t time;
		int64_t offset, ns;
	} t[] = {
		{ -1, 1700000000123456, 0, 1700000000123456000 },
		{ 6, 1700000000123456, 0, 1700000000123456000 },
		{ 0, 1700000000, 0, 1700000000000000000 },
		{ 3, 1700000000123, 0, 1700000000123000000 },
		{ 9, 1700000000123456789, 0, 1700000000123456789 },
		{ 12, 1700000123456789012, 0, 1700000123456789 },
		{ 18, 1999999999999999999, 0, 1999999999 },
		{ 19, 10000000000000000000u, 0, 1000000000 },
		{ 30, UINT64_MAX, 0, 0 },
		{ 127, UINT64_MAX, 0, 0 },
		{ 0x80, 1700000000, 0, 1700000000000000000 },
		{ 0x80 | 1, 3, 0, 1500000000 },
		{ 0x80 | 10, 1024 + 512, 0, 1500000000 },
		{ 0x80 | 20, (UINT64_C(1700000000) << 20) + 1, 0, 1700000000000000953 },
		{ 0x80 | 32, (UINT64_C(1700000000) << 32) + 0x80000000, 0,
		  1700000000500000000 },
		{ 0x80 | 63, UINT64_C(1) << 62, 0, 500000000 },
		{ 0x80 | 63, UINT64_C(1) << 63, 0, 1000000000 },
		{ 0x80 | 64, UINT64_C(1) << 63, 0, 500000000 },
		{ 0x80 | 65, UINT64_C(1) << 63, 0, 250000000 },
		{ 0x80 | 100, UINT64_MAX, 0, 0 },
		{ 0xff, UINT64_MAX, 0, 0 },
		{ 6, 123456, 1700000000, 1700000000123456000 },
		{ 9, 5, -1, -999999995 },
		{ 0x80 | 1, 1, 100, 100500000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		int64_t ns = time_of(t[i].resolution, t[i].time, t[i].offset);

		if (ns != t[i].ns)
			fail_msg("resolution %#x: %lld is not %lld", t[i].resolution,
				 (long long)ns, (long long)t[i].ns);
	}
}

/* A whole small file of both orders. */
static void small_file(struct file *f)
{
	section(f, true);
	interface(f, 1, "a", 9, 0);
	packet(f, 0, 1, "first", 5);
	section(f, false);
	interface(f, 101, NULL, 9, 0);
	packet(f, 0, 2, "second", 6);
}

/* Cut anywhere: the frames that are whole, then an error unless a block ended. */
static void truncated(void **state)
{
	struct file f = { .n = 0 };

	(void)state;
	small_file(&f);
	for (size_t n = 1; n < f.n; n++) {
		struct input *in = input_of(f.b, n);
		struct capture *c = capture_open(in);
		struct frame frame;
		int got, frames = 0;

		while ((got = capture_next(c, &frame)) == 1) {
			assert_int_equal(frame.time_ns, ++frames);
			assert_memory_equal(frame.data, frames == 1 ? "first" : "second",
					    frame.caplen);
		}
		assert_true(frames < 2);
		if (got < 0)
			assert_non_null(capture_error(c));
		else
			assert_int_equal(n % 4, 0);
		capture_close(c);
		input_close(in);
	}
}

/* One damaged byte anywhere: an end of some kind, and nothing read out of bounds. */
static void any_damage(void **state)
{
	struct file f = { .n = 0 };

	(void)state;
	small_file(&f);
	for (size_t i = 1; i < f.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct input *in;
			struct capture *c;
			struct frame frame;
			int frames = 0;

			f.b[i] ^= (uint8_t)(1u << bit);
			in = input_of(f.b, f.n);
			c = capture_open(in);
			while (capture_next(c, &frame) == 1) {
				volatile uint8_t sum = 0;

				for (uint32_t k = 0; k < frame.caplen; k++)
					sum = (uint8_t)(sum + frame.data[k]);
				assert_true(++frames <= 2);
			}
			capture_close(c);
			input_close(in);
			f.b[i] ^= (uint8_t)(1u << bit);
		}
	}
}

static void assert_error(const struct file *f, const char *error)
{
	struct input *in = input_of(f->b, f->n);
	struct capture *c = capture_open(in);
	struct frame frame;

	assert_int_equal(capture_next(c, &frame), -1);
	if (!strstr(capture_error(c), error))
		fail_msg("\"%s\" is not \"%s\"", capture_error(c), error);
	capture_close(c);
	input_close(in);
}

static void damage(void **state)
{
	struct file f = { .n = 0 }, good;

	(void)state;
	section(&f, true);
	interface(&f, 1, NULL, -1, 0);
	good = f;
	packet(&f, 1, 0, "x", 1);
	assert_error(&f, "not described");
	f = good;
	packet(&f, 0, 0, "x", 1);
	f.b[f.block + 20] = 200;	/* captured length */
	assert_error(&f, "longer than its block");
	f = good;
	packet(&f, 0, 0, "x", 1);
	f.b[f.n - 4] ^= 4;
	assert_error(&f, "disagree");
	f = good;
	begin(&f, ENHANCED);
	put(&f, 0, 8);
	end(&f);
	assert_error(&f, "too short");
	f = good;
	begin(&f, INTERFACE);
	end(&f);
	assert_error(&f, "interface");
	f = good;
	f.b[8] = 0;			/* byte-order magic */
	assert_error(&f, "section header");
	f = good;
	f.b[4] = 30;			/* block length */
	assert_error(&f, "block length");
	f = good;
	f.b[7] = 0x7f;
	assert_error(&f, "block length");
	/* an interface whose option is longer than its block is there all the same */
	f = good;
	begin(&f, INTERFACE);
	put(&f, 1, 2);
	put(&f, 0, 6);
	put(&f, 2, 2);
	put(&f, 500, 2);
	end(&f);
	packet(&f, 2, 0, "x", 1);
	assert_error(&f, "not described");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),
		cmocka_unit_test(other_packets),
		cmocka_unit_test(times),
		cmocka_unit_test(truncated),
		cmocka_unit_test(any_damage),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests_name("pcapng", tests, NULL, NULL);
}
