/* pcap files, whole and damaged: frames and complaints have to be libpcap's. */
#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "test.h"

#include <pcap/pcap.h>

#include "capture.h"
#include "savefile.h"

enum { FILES = 4000, FRAMES = 12, DATA_MAX = 100, BYTES_MAX = 300000 };

struct file {
	uint8_t *b;
	size_t n;
	bool big;
	uint32_t magic, major, minor;
};

static void put(struct file *f, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		f->b[f->n++] = (uint8_t)(v >> 8 * (f->big ? bytes - 1 - i : i));
}

#define ONE_OF(state, list) (list)[random_below(state, COUNT(list))]

static void put_header(struct file *f, uint64_t *state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };
	static const uint32_t versions[][2] = {
		{ 2, 4 }, { 2, 4 }, { 2, 4 }, { 2, 3 }, { 2, 2 }, { 2, 0 },
		{ 543, 0 }, { 2, 5 }, { 1, 0 }, { 543, 1 },
	};
	static const uint32_t snaplens[] = {
		65535, 262144, 0, 40, 99, 300000, 0x7fffffff, 0xffffffff,
	};
	static const uint32_t links[] = {	/* 231 has longer frames */
		1, 1, 101, 113, 231, 100, 147, 0x04000001, 0x00010001,
	};
	unsigned version = random_below(state, COUNT(versions));

	f->big = random_below(state, 2);
	f->magic = ONE_OF(state, magics);
	f->major = versions[version][0];
	f->minor = versions[version][1];
	put(f, f->magic, 4);
	put(f, f->major, 2);
	put(f, f->minor, 2);
	put(f, 0, 8);
	put(f, ONE_OF(state, snaplens), 4);
	put(f, ONE_OF(state, links), 4);
}

static void put_frame(struct file *f, uint64_t *state)
{
	static const uint32_t odd[] = {
		0, 41, 262144, 262145, 262158, 262159, 300001, 0x8000001, 0xffffffff,
	};
	uint32_t caplen = random_below(state, DATA_MAX);
	uint32_t len = caplen + random_below(state, 2) * 1000;
	uint32_t said = random_below(state, 20) ? caplen : ONE_OF(state, odd);
	bool turned = f->major == 543 || f->minor < 3 ||
		      (f->minor == 3 && random_below(state, 2));

	put(f, random_below(state, 0x80000000), 4);
	/* seconds and more, but no more than libpcap's long can hold in ns */
	put(f, random_below(state, f->magic == 0xa1b23c4d ? 0x7fffffff : 0x7fffffff / 1000), 4);
	put(f, turned ? len : said, 4);
	put(f, turned ? said : len, 4);
	if (f->magic == 0xa1b2cd34)
		put(f, random64(state), 8);
	for (uint32_t i = 0; i < caplen; i++)
		f->b[f->n++] = (uint8_t)random64(state);
	if (said != caplen && random_below(state, 4) == 0 && f->n < BYTES_MAX / 2) {
		memset(f->b + f->n, 7, BYTES_MAX / 2);
		f->n += BYTES_MAX / 2;
	}
}

static struct file random_file(uint64_t *state)
{
	struct file f = { .b = malloc(BYTES_MAX) };

	assert_non_null(f.b);
	put_header(&f, state);
	for (unsigned i = random_below(state, FRAMES); i > 0; i--)
		put_frame(&f, state);
	if (random_below(state, 3) == 0)
		f.n = 1 + random_below(state, (unsigned)f.n);
	return f;
}

static void assert_same_frame(const struct frame *f, pcap_t *p,
			      const struct pcap_pkthdr *h, const uint8_t *data)
{
	assert_int_equal(f->time_ns, (int64_t)h->ts.tv_sec * 1000000000 + h->ts.tv_usec);
	assert_int_equal(f->caplen, h->caplen);
	assert_int_equal(f->len, h->len);
	assert_int_equal(f->link, pcap_datalink(p));
	assert_null(f->iface);
	assert_memory_equal(f->data, data, h->caplen);
}

static void assert_same(const struct file *file)
{
	struct input *in = input_of(file->b, file->n);
	struct savefile *s = savefile_open(in);
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p = pcap_fopen_offline_with_tstamp_precision(
		fmemopen(file->b, file->n, "rb"), PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *h;
	const uint8_t *data;
	struct frame f;
	int want = -1, got;

	assert_int_equal(savefile_opened(s), p != NULL);
	while (p && (want = pcap_next_ex(p, &h, &data)) == 1) {
		assert_int_equal(savefile_next(s, &f), 1);
		assert_same_frame(&f, p, h, data);
	}
	got = savefile_next(s, &f);
	assert_int_equal(got, want == PCAP_ERROR_BREAK ? 0 : -1);
	if (got < 0)
		assert_string_equal(savefile_error(s), p ? pcap_geterr(p) : error);
	if (p)
		pcap_close(p);
	savefile_close(s);
	input_close(in);
}

static void as_libpcap(void **unused)
{
	uint64_t state = 1;

	(void)unused;
	for (unsigned i = 0; i < FILES; i++) {
		struct file f = random_file(&state);

		assert_same(&f);
		free(f.b);
	}
}

/* libpcap takes seconds for negative from 2038 on, in one of the byte orders. */
static void late_times(void **unused)
{
	struct frame f;

	(void)unused;
	for (unsigned big = 0; big < 2; big++) {
		uint8_t b[24 + 16 + 1];
		struct file file = { .b = b, .big = big };
		struct input *in;
		struct savefile *s;

		put(&file, 0xa1b2c3d4, 4);
		put(&file, 2, 2);
		put(&file, 4, 2);
		put(&file, 0, 8);
		put(&file, 65535, 4);
		put(&file, 1, 4);
		put(&file, 0xfffffff0, 4);
		put(&file, 999999, 4);
		put(&file, 1, 4);
		put(&file, 1, 4);
		put(&file, 9, 1);
		in = input_of(b, file.n);
		s = savefile_open(in);
		assert_int_equal(savefile_next(s, &f), 1);
		assert_int_equal(f.time_ns, INT64_C(4294967280999999000));
		assert_int_equal(savefile_next(s, &f), 0);
		savefile_close(s);
		input_close(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_libpcap),
		cmocka_unit_test(late_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
