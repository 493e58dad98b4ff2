/*
 * What the programs that change captures share: frames in, TCP found in them,
 * frames out with lengths and checksums right. No fuzzed input comes here.
 */
#ifndef EDIT_H
#define EDIT_H

#define _DEFAULT_SOURCE	/* pcap.h wants u_int */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 1 << 17, NS_PER_S = 1000000000 };

/* A frame of ours to change; h.ts.tv_usec is in ns. */
struct edit {
	struct pcap_pkthdr h;
	/* if it is an unfragmented TCP segment whose header was captured whole: */
	bool tcp;
	bool whole;		/* and so was its payload */
	bool v6;
	size_t ip_at, tcp_at, data_at;	/* where these begin in bytes */
	size_t len;		/* payload bytes */
	uint8_t bytes[FRAME_MAX];	/* last: most of it is not used */
};

static pcap_t *edit_in;
static pcap_dumper_t *edit_out;

static inline _Noreturn void die(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static inline unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void set16(uint8_t *p, unsigned v)
{
	p[0] = v >> 8 & 0xff;
	p[1] = v & 0xff;
}

static inline void set32(uint8_t *p, uint32_t v)
{
	set16(p, v >> 16);
	set16(p + 2, v & 0xffff);
}

/* Open the file, or standard input; frames go to standard output, in us or ns. */
static inline void edit_open(const char *path, bool micro)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *dead;

	edit_in = pcap_open_offline_with_tstamp_precision(path ? path : "-",
			PCAP_TSTAMP_PRECISION_NANO, error);
	if (!edit_in)
		die(error);
	dead = pcap_open_dead_with_tstamp_precision(pcap_datalink(edit_in),
			pcap_snapshot(edit_in), micro ? PCAP_TSTAMP_PRECISION_MICRO :
			PCAP_TSTAMP_PRECISION_NANO);
	edit_out = dead ? pcap_dump_fopen(dead, stdout) : NULL;
	if (!edit_out)
		die("cannot write");
	pcap_close(dead);	/* it was for the header */
}

static inline void edit_close(void)
{
	pcap_close(edit_in);
	if (pcap_dump_flush(edit_out) || ferror(stdout))
		die("cannot write");
}

static inline size_t edit_link(const struct edit *e)
{
	int dlt = pcap_datalink(edit_in);

	return dlt == DLT_EN10MB ? 14 : dlt == DLT_LINUX_SLL ? 16 :
	       dlt == DLT_LINUX_SLL2 ? 20 : dlt != DLT_PPP ? 0 :
	       e->bytes[0] == 0xff ? 4 : 2;
}

static inline void edit_find(struct edit *e)
{
	size_t link = edit_link(e), head, total;
	const uint8_t *ip = e->bytes + link;
	size_t left = e->h.caplen > link ? e->h.caplen - link : 0;

	e->tcp = false;
	if (left < 40)
		return;
	e->v6 = ip[0] >> 4 == 6;
	head = e->v6 ? 40 : (ip[0] & 15u) * 4;
	total = e->v6 ? 40 + get16(ip + 4) : get16(ip + 2);
	if ((ip[0] >> 4 != 4 && !e->v6) || ip[e->v6 ? 6 : 9] != 6 ||
	    (!e->v6 && get16(ip + 6) & 0x3fff) || left < head + 20 || total < head + 20)
		return;
	e->ip_at = link;
	e->tcp_at = e->ip_at + head;
	e->data_at = e->tcp_at + (e->bytes[e->tcp_at + 12] >> 4) * 4u;
	if (e->data_at > e->ip_at + total || e->data_at > e->h.caplen)
		return;
	e->len = e->ip_at + total - e->data_at;
	e->whole = total <= left;
	e->tcp = true;
}

static inline bool edit_read(struct edit *e)
{
	struct pcap_pkthdr *h;
	const uint8_t *frame;

	if (pcap_next_ex(edit_in, &h, &frame) != 1)
		return false;
	if (h->caplen > FRAME_MAX)
		die("frame too large");
	e->h = *h;
	memcpy(e->bytes, frame, h->caplen);
	edit_find(e);
	return true;
}

static inline uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += get16(p);
	if (n)
		sum += (uint32_t)*p << 8;
	return sum;
}

static inline unsigned fold16(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/*
 * Bring the frame's lengths and checksums in line with e->len bytes of payload;
 * that of TCP is left as it is if the payload is not there.
 */
static inline void edit_fix(struct edit *e)
{
	uint8_t *ip = e->bytes + e->ip_at, *tcp = e->bytes + e->tcp_at;
	size_t n = e->data_at - e->tcp_at + e->len;
	uint32_t sum = sum16(e->v6 ? ip + 8 : ip + 12, e->v6 ? 32 : 8,
			     (uint32_t)n + 6);

	if (e->whole)
		e->h.caplen = e->h.len = (bpf_u_int32)(e->tcp_at + n);
	if (e->v6) {
		set16(ip + 4, (unsigned)n);
	} else {
		set16(ip + 2, (unsigned)(e->tcp_at - e->ip_at + n));
		set16(ip + 10, 0);
		set16(ip + 10, fold16(sum16(ip, e->tcp_at - e->ip_at, 0)));
	}
	if (!e->whole)
		return;
	set16(tcp + 16, 0);
	set16(tcp + 16, fold16(sum16(tcp, n, sum)));
}

/* tv_usec goes out in the resolution of the file. */
static inline void edit_write(const struct edit *e)
{
	pcap_dump((u_char *)edit_out, &e->h, e->bytes);
}

#endif
