#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "mem.h"
#include "pcapng.h"
#include "savefile.h"

struct capture {
	struct input *in;
	struct savefile *file;	/* one of the two is NULL */
	struct pcapng *ng;
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

struct capture *capture_open(struct input *in)
{
	struct capture *c = mem_zero(sizeof(*c));

	c->in = in;
	input_need(in, 4);
	if (input_left(in) && *input_data(in) == 0x0a)
		c->ng = pcapng_open(in);
	else
		c->file = savefile_open(in);
	return c;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	savefile_close(c->file);
	pcapng_close(c->ng);
	free(c);
}

int capture_next(struct capture *c, struct frame *f)
{
	int got = c->file ? savefile_next(c->file, f) : pcapng_next(c->ng, f);

	if (got < 1 && c->in->stopped)
		return 0;	/* not cut short by the one who wrote it */
	return got == 0 && c->in->error ? -1 : got;
}

bool capture_ready(const struct capture *c)
{
	return input_ready(c->in);
}

const char *capture_error(const struct capture *c)
{
	if (c->in->error)
		return c->in->error;
	return c->file ? savefile_error(c->file) : pcapng_error(c->ng);
}

bool capture_opened(const struct capture *c)
{
	return c->ng || savefile_opened(c->file);
}

const char *capture_link_name(int link)
{
	return pcap_datalink_val_to_name(link);
}
