#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "filter.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "mem.h"

enum { LINKTYPE_RAW = 101, SNAPLEN = 262144, TELLING = 3 };

struct program {
	int link;
	bool good;		/* code is set */
	bool told;		/* that it is not */
	char *error;		/* why, or NULL */
	struct bpf_program code;
};

struct filter {
	char *expression;
	struct program *program;	/* one per link type */
	size_t n, cap;
	const char *error;	/* of the last one that was told; NULL: none */
};

/* The compiler knows raw IP by this system's DLT, not by what files say. */
static int dlt_of(int link)
{
	return link == LINKTYPE_RAW || link == 12 || link == 14 ? DLT_RAW : link;
}

static struct program *compile(struct filter *f, int link)
{
	pcap_t *dead = pcap_open_dead(dlt_of(link), SNAPLEN);
	const char *error = "out of memory";
	struct program *p;

	f->program = mem_grow(f->program, &f->cap, f->n + 1, sizeof(*f->program));
	p = &f->program[f->n++];
	*p = (struct program){ .link = link };
	p->good = dead && pcap_compile(dead, &p->code, f->expression, 1,
				       PCAP_NETMASK_UNKNOWN) == 0;
	if (dead && !p->good)
		error = pcap_geterr(dead);
	if (!p->good)
		p->error = mem_string(error, strlen(error));
	if (dead)
		pcap_close(dead);
	return p;
}

/*
 * Names in an expression, of hosts and ports, are looked up where it is compiled:
 * at once, for all link types that are understood, as later no file and no socket
 * can be opened. What has no meaning for any of the first TELLING ones has none at all.
 */
struct filter *filter_new(const char *expression)
{
	static const int links[] = {
		DLT_EN10MB, LINKTYPE_RAW, 276 /* LINUX_SLL2 */,
		113 /* LINUX_SLL */, 0 /* NULL */, 9 /* PPP */, 12, 14 /* RAW */,
		50 /* PPP_HDLC */, 51 /* PPP_ETHER */, 108 /* LOOP */,
		228 /* IPV4 */, 229 /* IPV6 */
	};
	struct filter *f = mem_zero(sizeof(*f));
	bool good = false;

	f->expression = mem_string(expression, strlen(expression));
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (i == TELLING && !good)
			break;
		good |= compile(f, links[i])->good;
	}
	if (!good)
		f->error = f->program[0].error;
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct program *p = &f->program[i];

		if (p->good)
			pcap_freecode(&p->code);
		free(p->error);
	}
	free(f->program);
	free(f->expression);
	free(f);
}

const char *filter_error(const struct filter *f)
{
	return f->error;
}

int filter_match(struct filter *f, const struct frame *frame)
{
	struct pcap_pkthdr h = { .caplen = frame->caplen, .len = frame->len };
	struct program *p = NULL;

	for (size_t i = 0; i < f->n && !p; i++)
		if (f->program[i].link == frame->link)
			p = &f->program[i];
	if (!p)
		p = compile(f, frame->link);
	if (!p->good && !p->told) {
		p->told = true;
		f->error = p->error;
		return -1;
	}
	return p->good && pcap_offline_filter(&p->code, &h, frame->data) != 0;
}
