/*
 * recap - write a capture again in another form
 *
 * The tests feed one real capture to the tools in every shape that a capture
 * can have: each frame is stripped to its network layer packet, optionally
 * changed, wrapped in another link layer and written as pcap.  A packet
 * that the link layer cannot carry (IPv6 on an IPv4 link, say) becomes a frame
 * of one zero byte, so that frame numbers stay.
 *
 * recap [-BuxFzj] [-L link] [-s snaplen] [-f filter] [file]
 */
#define _DEFAULT_SOURCE	/* pcap.h wants u_int */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADROOM = 128, ROOM = 1 << 19, IPV4 = 0x0800, IPV6 = 0x86dd };

/* How a link header names its payload. */
enum naming {
	ETHERTYPE,
	PPP,		/* 2 bytes of PPP protocol */
	PPPOE,		/* length of what follows, then the PPP protocol */
	HOST,		/* 4 bytes of address family in the file's byte order */
	SWAPPED,	/* the same in the other order */
	BIG,		/* the same, big-endian */
	NOTHING,	/* it doesn't: IP only */
};

static const struct link {
	const char *name;
	unsigned type;		/* LINKTYPE_ value in the file */
	enum naming naming;
	unsigned only;		/* the one ethertype carried; 0: any */
	size_t at, len;		/* where the name stands; header length */
	const char *header;
} links[] = {
#define MACS "\x02\0\0\0\0\1\x02\0\0\0\0\2"
	{ "en10mb", 1, ETHERTYPE, 0, 12, 14, MACS "\0\0" },
	{ "vlan", 1, ETHERTYPE, 0, 16, 18, MACS "\x81\0\0\x2a\0\0" },
	{ "qinq", 1, ETHERTYPE, 0, 20, 22, MACS "\x88\xa8\0\x0a\x81\0\x20\x2a\0\0" },
	{ "mpls", 1, NOTHING, 0, 0, 22, MACS "\x88\x47\0\1\0\x40\0\2\x01\x40" },
	{ "pppoe", 1, PPPOE, 0, 18, 22, MACS "\x88\x64\x11\0\0\7\0\0\0\0" },
	{ "sll", 113, ETHERTYPE, 0, 14, 16, "\0\0\0\1\0\6" MACS },
	{ "sll2", 276, ETHERTYPE, 0, 0, 20,
		"\0\0\0\0\0\0\0\5\0\1\4\6\x02\0\0\0\0\1\0\0" },
	{ "raw", 101, NOTHING, 0, 0, 0, "" },
	{ "raw12", 12, NOTHING, 0, 0, 0, "" },
	{ "raw14", 14, NOTHING, 0, 0, 0, "" },
	{ "ipv4", 228, NOTHING, IPV4, 0, 0, "" },
	{ "ipv6", 229, NOTHING, IPV6, 0, 0, "" },
	{ "null", 0, HOST, 0, 0, 4, "\0\0\0\0" },
	{ "null-swapped", 0, SWAPPED, 0, 0, 4, "\0\0\0\0" },
	{ "loop", 108, BIG, 0, 0, 4, "\0\0\0\0" },
	{ "ppp", 9, PPP, 0, 2, 4, "\xff\3\0\0" },
	{ "ppp-noaddr", 9, PPP, 0, 0, 2, "\0\0" },
};

/* Frames without a TCP header. */
static const struct frame {
	unsigned ethertype;
	size_t len;
	char bytes[49];		/* zeros behind those that are given */
} others[4] = {
	{ IPV4, 28, "\x45\0\0\x1c\0\0\0\0\x40\x11\0\0" "\x0a\0\1\1\x0a\0\1\2"
		"\0\x35\0\x35\0\x08\0\0" },			/* UDP */
	{ IPV4, 40, "\x45\0\0\x28\0\7\0\x40\x40\x06\0\0" "\x0a\0\1\1\x0a\0\1\2"
		"\0\1\0\2\0\0\0\1\0\0\0\2\x50\2\1\0\0\0\0" },	/* 2nd fragment */
	{ IPV6, 48, "\x60\0\0\0\0\x08\x2c\x40" MACS "\0\0\0\1" MACS "\0\0\0\2"
		"\x06\0\0\x08\0\0\0\1" },			/* 2nd fragment */
	{ 0x0806, 28, "\0\1\x08\0\6\4\0\1" },			/* ARP */
};

static const struct link *link_layer = links;
static const char *filter;
static int big, micro, extend, more_fragments, no_length, other_frames;
static unsigned long snap = 262144, written;

/* The packet at hand: its first byte has room for headers before it. */
static uint8_t buf[ROOM], *packet;
static size_t cap, len;		/* bytes captured, bytes on the wire */
static unsigned ethertype;

static unsigned be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static void set_be16(uint8_t *p, unsigned v)
{
	p[0] = v >> 8 & 0xff;
	p[1] = v & 0xff;
}

static _Noreturn void die(const char *why)
{
	fprintf(stderr, "recap: %s\n", why);
	exit(1);
}

/* An integer of n bytes in the output's byte order. */
static void put_int(uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		putchar(v >> 8 * (big ? n - 1 - i : i) & 0xff);
}

/* Take the frame's packet out of its link layer. */
static void strip(int dlt, const uint8_t *frame)
{
	size_t header = dlt == DLT_EN10MB ? 14 : dlt == DLT_LINUX_SLL ? 16 :
			dlt == DLT_LINUX_SLL2 ? 20 : 0;

	if ((!header && dlt != DLT_RAW) || cap > ROOM - HEADROOM)
		die("unknown link type, or a frame too large");
	memcpy(packet = buf + HEADROOM, frame, cap);
	if (header && cap >= header)
		ethertype = be16(packet + (header == 20 ? 0 : header - 2));
	else
		ethertype = *packet >> 4 == 6 ? IPV6 : IPV4;
	header = header > cap ? cap : header;
	packet += header;
	cap -= header;
	len -= header;
}

/* Make room for n bytes behind the first `at` ones of the packet. */
static uint8_t *insert(size_t at, size_t n)
{
	packet -= n;
	memmove(packet, packet + n, at);
	cap += n;
	len += n;
	return packet + at;
}

/* The checksum is left as it was: nobody looks. */
static void change_ipv4(void)
{
	size_t ihl = (packet[0] & 15) * 4;

	if (extend && ihl <= 52) {	/* router alert, padding */
		memcpy(insert(ihl, 8), "\x94\4\0\0\1\1\1\0", 8);
		ihl += 8;
		packet[0] = 0x40 | ihl / 4;
		set_be16(packet + 2, be16(packet + 2) + 8);
	}
	if (more_fragments)
		set_be16(packet + 6, 0x2000);
	if (no_length)
		set_be16(packet + 2, 0);
}

/* Hop-by-hop, routing (none left), destination options, fragment. */
static void change_ipv6(void)
{
	static const uint8_t chain[] = { 0, 43, 60, 44 };
	size_t n = extend ? 4 : more_fragments ? 1 : 0;
	const uint8_t *kind = chain + sizeof(chain) - n;
	uint8_t next = packet[6], *p = insert(40, 8 * n);

	for (size_t i = 0; i < n; i++, p += 8) {
		memcpy(p, kind[i] == 44 ? "\0\0\0\0\0\0\0\7" :
			kind[i] == 43 ? "\0\0\0\0\0\0\0\0" :
			"\0\0\1\4\0\0\0\0", 8);
		p[0] = i + 1 < n ? kind[i + 1] : next;
		if (kind[i] == 44)
			p[3] = more_fragments;
	}
	if (n)
		packet[6] = kind[0];
	set_be16(packet + 4, no_length ? 0 : be16(packet + 4) + 8 * n);
}

/* Put the link header before the packet. */
static void wrap(const struct link *l)
{
	static const uint8_t af_inet6[] = { 10, 24, 28, 30 };
	int ip = ethertype == IPV4 ? 4 : ethertype == IPV6 ? 6 : 0;
	unsigned ppp = ip == 4 ? 0x0021 : ip == 6 ? 0x0057 : 0xc021;
	int big_family = l->naming == BIG || (l->naming == HOST) == big;
	uint8_t *p;

	if ((l->naming == NOTHING && !ip) || (l->only && ethertype != l->only)) {
		cap = len = 1;
		*packet = 0;
	}
	memcpy(p = insert(0, l->len), l->header, l->len);
	p += l->at;
	if (l->naming == ETHERTYPE) {
		set_be16(p, ethertype);
	} else if (l->naming == PPP) {
		set_be16(p, ppp);
	} else if (l->naming == PPPOE) {
		set_be16(p, len - l->len + 2);
		set_be16(p + 2, ppp);
	} else if (l->naming != NOTHING) {
		p[big_family ? 3 : 0] = ip == 4 ? 2 : ip ? af_inet6[written % 4] : 0;
	}
}

static void put_frame(struct timeval t)
{
	wrap(link_layer);
	cap = cap > snap ? snap : cap;
	put_int(t.tv_sec, 4);
	put_int(micro ? t.tv_usec / 1000 : t.tv_usec, 4);
	put_int(cap, 4);
	put_int(len, 4);
	fwrite(packet, 1, cap, stdout);
	written++;
}

/* Write another frame, of each kind in turn. */
static void put_other(struct timeval t)
{
	const struct frame *f = others + written / 2 % 4;

	memcpy(packet = buf + HEADROOM, f->bytes, f->len);
	cap = len = f->len;
	ethertype = f->ethertype;
	put_frame(t);
}

static void convert(pcap_t *in)
{
	struct pcap_pkthdr *h;
	const uint8_t *frame;

	put_int(micro ? 0xa1b2c3d4 : 0xa1b23c4d, 4);
	put_int(2, 2);
	put_int(4, 2);
	put_int(0, 8);		/* time zone, accuracy: not used */
	put_int(snap, 4);
	put_int(link_layer->type, 4);
	while (pcap_next_ex(in, &h, &frame) == 1) {
		cap = h->caplen;
		len = h->len;
		strip(pcap_datalink(in), frame);
		if (ethertype == IPV4 && cap >= (packet[0] & 15u) * 4)
			change_ipv4();
		else if (ethertype == IPV6 && cap >= 40)
			change_ipv6();
		put_frame(h->ts);
		if (other_frames)
			put_other(h->ts);
	}
}

static const struct link *find_link(const char *name)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (!strcmp(links[i].name, name))
			return links + i;
	die("no such link layer");
}

static void read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "BuxFzjL:s:f:")) != -1) {
		switch (c) {
		case 'B': big = 1; break;		/* big-endian */
		case 'u': micro = 1; break;		/* us, not ns */
		case 'x': extend = 1; break;		/* options, headers */
		case 'F': more_fragments = 1; break;	/* first fragments */
		case 'z': no_length = 1; break;		/* as TSO leaves it */
		case 'j': other_frames = 1; break;	/* in between */
		case 'L': link_layer = find_link(optarg); break;
		case 's': snap = strtoul(optarg, NULL, 10); break;
		case 'f': filter = optarg; break;
		default: die("bad option");
		}
	}
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct bpf_program program;
	pcap_t *in;

	read_options(argc, argv);
	in = pcap_open_offline_with_tstamp_precision(optind < argc ?
		argv[optind] : "-", PCAP_TSTAMP_PRECISION_NANO, error);
	if (!in)
		die(error);
	if (filter && (pcap_compile(in, &program, filter, 1,
			PCAP_NETMASK_UNKNOWN) || pcap_setfilter(in, &program)))
		die(pcap_geterr(in));
	if (filter)
		pcap_freecode(&program);
	convert(in);
	pcap_close(in);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write");
	return 0;
}
