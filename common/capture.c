#define _GNU_SOURCE	/* fopencookie() */
#include "capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "mem.h"
#include "pcapng.h"

enum { STDIO_BUFFER = 1 << 18, FILE_HEADER = 24 };

struct capture {
	struct input *in;
	struct pcapng *ng;	/* one of the two is NULL */
	pcap_t *pcap;
	size_t record;		/* bytes of a record's header */
	uint64_t handed, used;	/* bytes that libpcap got, and those of the frames it gave */
	char error[PCAP_ERRBUF_SIZE];
};

bool capture_magic(const uint8_t *p, size_t n)
{
	static const uint8_t magic[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};

	for (size_t i = 0; n && i < sizeof(magic) / sizeof(*magic); i++)
		if (memcmp(p, magic[i], n < 4 ? n : 4) == 0)
			return true;
	return false;
}

static ssize_t cookie_read(void *capture, char *buf, size_t n)
{
	struct capture *c = capture;
	ssize_t got = input_copy(c->in, buf, n);

	if (got > 0)
		c->handed += (uint64_t)got;
	return got;
}

static void open_pcap(struct capture *c)
{
	cookie_io_functions_t io = { .read = cookie_read };
	FILE *f = fopencookie(c, "r", io);

	c->used = FILE_HEADER;
	/* Kuznetzov's form has 8 bytes more */
	c->record = input_left(c->in) > 2 && (input_data(c->in)[2] == 0xcd ||
					       input_data(c->in)[1] == 0xcd) ? 24 : 16;
	if (!f) {
		snprintf(c->error, sizeof(c->error), "out of memory");
		return;
	}
	setvbuf(f, NULL, _IOFBF, STDIO_BUFFER);
	c->pcap = pcap_fopen_offline_with_tstamp_precision(f,
				PCAP_TSTAMP_PRECISION_NANO, c->error);
	if (!c->pcap)
		fclose(f);
}

struct capture *capture_open(struct input *in)
{
	struct capture *c = mem_zero(sizeof(*c));

	c->in = in;
	input_need(in, 4);
	if (input_left(in) && *input_data(in) == 0x0a)
		c->ng = pcapng_open(in);
	else
		open_pcap(c);
	return c;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	pcapng_close(c->ng);
	free(c);
}

static int next_pcap(struct capture *c, struct frame *f)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int got = pcap_next_ex(c->pcap, &h, &data);

	if (got != 1) {
		if (got == PCAP_ERROR)
			snprintf(c->error, sizeof(c->error), "%s",
				 pcap_geterr(c->pcap));
		return got == PCAP_ERROR_BREAK ? 0 : -1;
	}
	c->used += c->record + h->caplen;
	f->time_ns = (int64_t)((uint64_t)h->ts.tv_sec * 1000000000 +
			       (uint64_t)h->ts.tv_usec);
	f->data = data;
	f->caplen = h->caplen;
	f->len = h->len;
	f->link = pcap_datalink(c->pcap);
	f->iface = NULL;
	return 1;
}

int capture_next(struct capture *c, struct frame *f)
{
	int got = c->ng ? pcapng_next(c->ng, f) : c->pcap ? next_pcap(c, f) : -1;

	if (got < 1 && c->in->stopped)
		return 0;	/* not cut short by the one who wrote it */
	return got == 0 && c->in->error ? -1 : got;
}

bool capture_ready(const struct capture *c)
{
	return (c->pcap && c->handed > c->used) || input_ready(c->in);
}

const char *capture_error(const struct capture *c)
{
	if (c->in->error)
		return c->in->error;
	return c->ng ? pcapng_error(c->ng) : c->error;
}

bool capture_opened(const struct capture *c)
{
	return c->ng || c->pcap;
}

const char *capture_link_name(int link)
{
	return pcap_datalink_val_to_name(link);
}
