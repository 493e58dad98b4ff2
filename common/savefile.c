#define _DEFAULT_SOURCE	/* the types in libpcap's headers */
#include "savefile.h"

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "capture.h"
#include "input.h"
#include "mem.h"

enum { FILE_HEADER = 24, LINK_AT = 20, RECORD_HEADER = 16, KUZNETZOV_HEADER = 24 };

/* Which of a record's two lengths is the captured one. */
enum captured { FIRST, SECOND, SHORTER };

struct savefile {
	struct input *in;
	bool little;		/* byte order of all fields */
	enum captured captured;
	uint32_t head;		/* bytes of a record's header; 0: not opened */
	uint32_t unit;		/* of the fraction of a second, in ns */
	uint32_t snaplen;	/* what is behind that in a record is left out */
	uint32_t longest;	/* a longer record is damaged */
	int link;
	char error[PCAP_ERRBUF_SIZE];
};

/* Four fields in a row. */
static inline void get_4(const struct savefile *s, const uint8_t *p, uint32_t *v)
{
	if (s->little)
		for (size_t i = 0; i < 4; i++)
			v[i] = le32(p + 4 * i);
	else
		for (size_t i = 0; i < 4; i++)
			v[i] = be32(p + 4 * i);
}

/* libpcap's view of a file header. */
static pcap_t *judge(uint8_t *header, size_t n, char *error)
{
	FILE *f = fmemopen(header, n, "rb");
	pcap_t *p;

	if (!f) {
		snprintf(error, PCAP_ERRBUF_SIZE, "out of memory");
		return NULL;
	}
	p = pcap_fopen_offline(f, error);
	if (!p)
		fclose(f);
	return p;
}

/* The longest frame of a link type: the snapshot length where a header gives none. */
static uint32_t longest(int link, char *error)
{
	uint8_t header[FILE_HEADER] = {
		0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
		[LINK_AT] = (uint8_t)(link >> 24), (uint8_t)(link >> 16),
			    (uint8_t)(link >> 8), (uint8_t)link,
	};
	pcap_t *p = judge(header, sizeof(header), error);
	uint32_t n = p ? (uint32_t)pcap_snapshot(p) : 0;

	if (p)
		pcap_close(p);
	return n;
}

static void read_header(struct savefile *s, const uint8_t *header, pcap_t *p)
{
	uint32_t magic;

	s->little = header[0] != 0xa1;
	magic = s->little ? le32(header) : be32(header);
	s->head = magic == 0xa1b2cd34 ? KUZNETZOV_HEADER : RECORD_HEADER;
	s->unit = magic == 0xa1b23c4d ? 1 : 1000;
	s->link = pcap_datalink(p);
	s->snaplen = (uint32_t)pcap_snapshot(p);
	/* before 2.3 the lengths were the other way round, in 2.3 now and then */
	if (pcap_major_version(p) != 2 || pcap_minor_version(p) < 3)
		s->captured = SECOND;
	else if (pcap_minor_version(p) == 3)
		s->captured = SHORTER;
	s->longest = longest(s->link, s->error);
}

struct savefile *savefile_open(struct input *in)
{
	struct savefile *s = mem_zero(sizeof(*s));
	uint8_t header[FILE_HEADER];
	size_t n = FILE_HEADER;
	pcap_t *p;

	s->in = in;
	if (!input_need(in, n))
		n = input_left(in);
	memcpy(header, input_data(in), n);
	p = judge(header, n, s->error);
	if (p) {
		input_skip(in, n);
		read_header(s, header, p);
		pcap_close(p);
	}
	return s;
}

void savefile_close(struct savefile *s)
{
	free(s);
}

bool savefile_opened(const struct savefile *s)
{
	return s->head;
}

const char *savefile_error(const struct savefile *s)
{
	return s->error;
}

/* The input ends after `got` of `want` bytes. */
static int cut(struct savefile *s, uint32_t want, const char *what, size_t got)
{
	snprintf(s->error, sizeof(s->error), "truncated dump file; tried to read "
		 "%u %s bytes, only got %zu", want, what, got);
	return -1;
}

/* What is behind the snapshot length, libpcap reads as a second piece. */
static int cut_frame(struct savefile *s, uint32_t caplen)
{
	size_t got = input_left(s->in) - s->head;
	bool first = s->snaplen < caplen && got < s->snaplen;

	return cut(s, first ? s->snaplen : caplen, "captured", got);
}

static int too_long(struct savefile *s, uint32_t caplen)
{
	bool beyond = caplen > s->snaplen;

	snprintf(s->error, sizeof(s->error), "invalid packet capture length %u, "
		 "bigger than %s of %u", caplen, beyond ? "snaplen" : "maximum",
		 beyond ? s->snaplen : s->longest);
	return -1;
}

int savefile_next(struct savefile *s, struct frame *f)
{
	struct input *in = s->in;
	uint32_t field[4], caplen, len;	/* seconds, fraction, lengths */

	if (!s->head)
		return -1;
	if (!input_need(in, s->head))
		return input_left(in) ? cut(s, s->head, "header", input_left(in)) : 0;
	get_4(s, input_data(in), field);
	caplen = field[2];
	len = field[3];
	if (s->captured != FIRST && (s->captured == SECOND || caplen > len)) {
		caplen = field[3];
		len = field[2];
	}
	if (caplen > s->longest)
		return too_long(s, caplen);
	if (!input_need(in, s->head + caplen))
		return cut_frame(s, caplen);
	f->time_ns = (int64_t)(UINT64_C(1000000000) * field[0] +
			       (uint64_t)s->unit * field[1]);
	f->data = input_data(in) + s->head;
	f->caplen = caplen < s->snaplen ? caplen : s->snaplen;
	f->len = len;
	f->link = s->link;
	f->iface = NULL;
	input_skip(in, s->head + caplen);
	return 1;
}
