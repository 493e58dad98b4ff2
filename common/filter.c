#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "filter.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "mem.h"

enum { LINKTYPE_RAW = 101, SNAPLEN = 262144 };

struct program {
	int link;
	bool good;		/* code is set */
	struct bpf_program code;
};

struct filter {
	char *expression;
	struct program *program;	/* one per link type met */
	size_t n, cap;
	char error[PCAP_ERRBUF_SIZE];
};

static void forget_programs(struct filter *f)
{
	while (f->n) {
		struct program *p = &f->program[--f->n];

		if (p->good)
			pcap_freecode(&p->code);
	}
}

/* The compiler knows raw IP by this system's DLT, not by what files say. */
static int dlt_of(int link)
{
	return link == LINKTYPE_RAW || link == 12 || link == 14 ? DLT_RAW : link;
}

static struct program *compile(struct filter *f, int link)
{
	pcap_t *dead = pcap_open_dead(dlt_of(link), SNAPLEN);
	struct program *p;

	f->program = mem_grow(f->program, &f->cap, f->n + 1, sizeof(*f->program));
	p = &f->program[f->n++];
	p->link = link;
	p->good = dead && pcap_compile(dead, &p->code, f->expression, 1,
				       PCAP_NETMASK_UNKNOWN) == 0;
	if (!p->good)
		snprintf(f->error, sizeof(f->error), "%s",
			 dead ? pcap_geterr(dead) : "out of memory");
	if (dead)
		pcap_close(dead);
	return p;
}

struct filter *filter_new(const char *expression)
{
	static const int links[] = { DLT_RAW, 276, DLT_EN10MB };	/* LINUX_SLL2 */
	struct filter *f = mem_zero(sizeof(*f));
	bool good = false;

	f->expression = mem_string(expression, strlen(expression));
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		good |= compile(f, links[i])->good;
	if (good)
		f->error[0] = '\0';
	forget_programs(f);
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	forget_programs(f);
	free(f->program);
	free(f->expression);
	free(f);
}

const char *filter_error(const struct filter *f)
{
	return f->error[0] ? f->error : NULL;
}

int filter_match(struct filter *f, const struct frame *frame)
{
	struct pcap_pkthdr h = { .caplen = frame->caplen, .len = frame->len };
	struct program *p = NULL;

	for (size_t i = 0; i < f->n && !p; i++)
		if (f->program[i].link == frame->link)
			p = &f->program[i];
	if (!p) {
		p = compile(f, frame->link);
		if (!p->good)
			return -1;
	}
	return p->good && pcap_offline_filter(&p->code, &h, frame->data) != 0;
}
