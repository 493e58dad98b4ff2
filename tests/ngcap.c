/*
 * ngcap - merge captures by time into one pcapng, each an interface of its own
 *
 * ngcap [-Bj] [-S frames] file[:name[:resol[:offset]]] ...
 *
 * name goes into if_name, resol into if_tsresol (6: microseconds, 9:
 * nanoseconds, b20: 2^-20 s, up to 9 and b30), offset (s) into if_tsoffset;
 * what is left out isn't written.  -B writes big-endian; -S begins a new
 * section of the other byte order after so many frames; -j adds blocks and
 * options that a reader has to skip.
 */
#define _DEFAULT_SOURCE	/* pcap.h wants u_int */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_IFACES = 8 };
enum { IF_NAME = 2, IF_TSRESOL = 9, IF_TSOFFSET = 14, EPB_FLAGS = 2 };

static struct iface {
	pcap_t *in;
	const char *name;		/* NULL: none */
	const char *resol;		/* NULL: none, microseconds */
	long long offset;		/* s */
	struct pcap_pkthdr *h;		/* its next frame; NULL at the end */
	const uint8_t *bytes;
} ifaces[MAX_IFACES];

static unsigned n_ifaces;
static int big, strange;

static _Noreturn void die(const char *why)
{
	fprintf(stderr, "ngcap: %s\n", why);
	exit(1);
}

/* An integer of n bytes in the section's byte order. */
static void put_int(uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		putchar(v >> 8 * (big ? n - 1 - i : i) & 0xff);
}

/* Bytes, padded to a multiple of 4. */
static void put_bytes(const void *p, size_t n)
{
	fwrite(p, 1, n, stdout);
	fwrite("\0\0\0", 1, -n & 3, stdout);
}

static size_t padded(size_t n)
{
	return n + (-n & 3);
}

static void put_section(void)
{
	put_int(0x0a0d0d0a, 4);
	put_int(28, 4);
	put_int(0x1a2b3c4d, 4);
	put_int(1, 2);
	put_int(0, 2);
	put_int(UINT64_MAX, 8);		/* its length: not given */
	put_int(28, 4);
}

/* The if_tsresol byte of an interface. */
static int resolution(const struct iface *i)
{
	return i->resol && *i->resol == 'b' ? 0x80 | atoi(i->resol + 1) :
		i->resol ? atoi(i->resol) : 6;
}

static void put_interface(const struct iface *i)
{
	int type = pcap_datalink(i->in);
	size_t name = i->name ? strlen(i->name) : 0;
	size_t size = 20 + (name ? 4 + padded(name) : 0) +
		(i->resol ? 8 : 0) + (i->offset ? 12 : 0);

	put_int(1, 4);
	put_int(size, 4);
	put_int(type == DLT_RAW ? 101 : type, 2);
	put_int(0, 2);
	put_int(pcap_snapshot(i->in), 4);
	if (name) {
		put_int(IF_NAME, 2);
		put_int(name, 2);
		put_bytes(i->name, name);
	}
	if (i->resol) {
		put_int(IF_TSRESOL, 2);
		put_int(1, 2);
		put_bytes(&(uint8_t) { resolution(i) }, 1);
	}
	if (i->offset) {
		put_int(IF_TSOFFSET, 2);
		put_int(8, 2);
		put_int(i->offset, 8);
	}
	put_int(size, 4);
}

/* A block of a type that nobody knows. */
static void put_unknown_block(void)
{
	put_int(0x7777, 4);
	put_int(20, 4);
	put_int(0x0a0d0d0a, 4);
	put_int(6, 4);
	put_int(20, 4);
}

/* The time of the interface's next frame in its own units. */
static uint64_t units(const struct iface *i)
{
	int resol = resolution(i);
	uint64_t second = 1;

	for (int n = 0; n < (resol & 0x7f); n++)
		second *= resol & 0x80 ? 2 : 10;
	return (i->h->ts.tv_sec - i->offset) * second +
		i->h->ts.tv_usec * second / 1000000000;
}

static void put_packet(const struct iface *i)
{
	size_t size = 32 + padded(i->h->caplen) + (strange ? 12 : 0);
	uint64_t time = units(i);

	if (strange)
		put_unknown_block();
	put_int(6, 4);
	put_int(size, 4);
	put_int(i - ifaces, 4);
	put_int(time >> 32, 4);
	put_int(time, 4);
	put_int(i->h->caplen, 4);
	put_int(i->h->len, 4);
	put_bytes(i->bytes, i->h->caplen);
	if (strange) {
		put_int(EPB_FLAGS, 2);
		put_int(4, 2);
		put_int(1, 4);
		put_int(0, 4);		/* end of options */
	}
	put_int(size, 4);
}

static void advance(struct iface *i)
{
	if (pcap_next_ex(i->in, &i->h, &i->bytes) != 1)
		i->h = NULL;
}

/* The interface whose frame is the oldest; NULL at the end of all. */
static struct iface *next_frame(void)
{
	struct iface *first = NULL;

	for (struct iface *i = ifaces; i < ifaces + n_ifaces; i++) {
		if (!i->h)
			continue;
		if (!first || i->h->ts.tv_sec < first->h->ts.tv_sec ||
		    (i->h->ts.tv_sec == first->h->ts.tv_sec &&
		     i->h->ts.tv_usec < first->h->ts.tv_usec))
			first = i;
	}
	return first;
}

static void open_interface(char *arg)
{
	struct iface *i = ifaces + n_ifaces++;
	char error[PCAP_ERRBUF_SIZE], *s = strchr(arg, ':');

	if (s) {
		*s++ = '\0';
		i->name = s;
		s = strchr(s, ':');
	}
	if (s) {
		*s++ = '\0';
		i->resol = s;
		s = strchr(s, ':');
	}
	if (s)
		i->offset = strtoll(s + 1, NULL, 10);
	i->in = pcap_open_offline_with_tstamp_precision(arg,
		PCAP_TSTAMP_PRECISION_NANO, error);
	if (!i->in)
		die(error);
	advance(i);
}

static void merge(unsigned long section)
{
	struct iface *i;

	for (unsigned long n = 0; (i = next_frame()); n++) {
		if (!n || (section && !(n % section))) {
			big ^= n != 0;
			put_section();
			for (unsigned k = 0; k < n_ifaces; k++)
				put_interface(ifaces + k);
		}
		put_packet(i);
		advance(i);
	}
}

int main(int argc, char **argv)
{
	unsigned long section = 0;
	int c;

	while ((c = getopt(argc, argv, "BjS:")) != -1) {
		switch (c) {
		case 'B': big = 1; break;
		case 'j': strange = 1; break;
		case 'S': section = strtoul(optarg, NULL, 10); break;
		default: die("bad option");
		}
	}
	for (; optind < argc && n_ifaces < MAX_IFACES; optind++)
		open_interface(argv[optind]);
	merge(section);
	for (unsigned k = 0; k < n_ifaces; k++)
		pcap_close(ifaces[k].in);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write");
	return 0;
}
