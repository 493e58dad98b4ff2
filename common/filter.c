#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "mem.h"

enum { LINKTYPE_RAW = 101, SNAPLEN = 262144 };

struct program {
	int link;
	struct bpf_program code;
};

struct filter {
	char *expression;
	struct program *program;	/* one per link type met */
	size_t n, cap;
	char error[PCAP_ERRBUF_SIZE];
};

struct filter *filter_new(const char *expression)
{
	struct filter *f = mem_zero(sizeof(*f));

	f->expression = mem_string(expression, strlen(expression));
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		pcap_freecode(&f->program[i].code);
	free(f->program);
	free(f->expression);
	free(f);
}

const char *filter_error(const struct filter *f)
{
	return f->error;
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
	p = &f->program[f->n];
	p->link = link;
	if (!dead || pcap_compile(dead, &p->code, f->expression, 1,
				  PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(f->error, sizeof(f->error), "%s",
			 dead ? pcap_geterr(dead) : "out of memory");
		p = NULL;
	} else {
		f->n++;
	}
	if (dead)
		pcap_close(dead);
	return p;
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
	return p ? pcap_offline_filter(&p->code, &h, frame->data) != 0 : -1;
}
