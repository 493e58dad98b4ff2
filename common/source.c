#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "column.h"
#include "filter.h"
#include "input.h"
#include "mem.h"
#include "merge.h"
#include "msg.h"
#include "num.h"
#include "packet.h"
#include "progress.h"
#include "segment.h"
#include "table.h"
#include "tsv.h"
#include "twins.h"

enum { IFACE_MAX = COLUMN_TEXT_MAX / 2, TELL_EVERY = 1 << 14 };

struct source {
	struct source_options o;
	struct msg again;	/* where nothing is said */
	struct input **input;	/* `inputs` of them, open */
	int inputs;
	struct merge merge;	/* those that are captures */
	struct table table;	/* the one that is TSV; without rows if none is */
	struct filter *filter;
	bool cut_told;		/* of frames too short for a row */
	struct twins twins;
	char iface[2 * IFACE_MAX];	/* of the segment */
	uint64_t pkt;		/* frames so far, over all operands; or rows */
	int64_t first_ns;	/* time of frame 1 */
	struct progress progress;
};

/* What stands for a file in rows: its name without directory and .gz. */
static void set_name(struct operand *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash && slash[1] ? slash + 1 : path;
	size_t n = strlen(name);

	o->name = mem_resize(NULL, 2 * n + 1);
	if (n > 3 && strcmp(name + n - 3, ".gz") == 0)
		n -= 3;
	o->name_len = (uint32_t)tsv_escape(o->name, name, n < IFACE_MAX ? n : IFACE_MAX);
}

/* Not a capture: TSV, or nothing that can be read. */
static void open_table(struct source *s, struct input *in)
{
	if (!table_open(&s->table, in, s->o.msg, &s->o.columns))
		return;
	if (s->o.count > 1)
		msg_usage(s->o.msg, "%s: TSV has to be the only operand", in->name);
	if (s->filter)
		msg_usage(s->o.msg, "%s: -f filters captures, not TSV", in->name);
}

/* An input at its beginning: a capture, or else TSV. */
static void begin(struct source *s, struct input *in)
{
	input_need(in, 4);
	if (input_left(in) && capture_magic(input_data(in), input_left(in)))
		set_name(merge_add(&s->merge, in), in->path);
	else
		open_table(s, in);
}

static void open_operand(struct source *s, const char *path)
{
	struct input *in = input_open(path, s->o.idle, s->o.idle_arg);

	if (!in) {
		msg_error(s->o.msg, path, 0, "%s", strerror(errno));
		return;
	}
	s->input[s->inputs++] = in;
	begin(s, in);
}

struct source *source_open(const struct source_options *o)
{
	struct source *s = mem_zero(sizeof(*s));

	s->o = *o;
	if (o->count == 0)
		s->o.count = 1;
	if (o->filter)
		s->filter = filter_new(o->filter);
	if (o->filter && filter_error(s->filter))
		msg_usage(o->msg, "filter \"%s\": %s", o->filter,
			  filter_error(s->filter));
	s->input = mem_zero((size_t)s->o.count * sizeof(struct input *));
	merge_init(&s->merge, o->msg, s->o.count);
	progress_start(&s->progress, o->msg->tool);
	for (int i = 0; i < s->o.count; i++)
		open_operand(s, o->count ? o->paths[i] : "-");
	return s;
}

/* All that came of the inputs so far. */
static void forget(struct source *s)
{
	progress_end(&s->progress);
	merge_free(&s->merge);
	table_close(&s->table);
	twins_free(&s->twins);
}

void source_rewind(struct source *s, bool was_said)
{
	const char *tool = s->o.msg->tool;

	forget(s);
	s->twins = (struct twins){ .slot = NULL };
	s->table = (struct table){ .tsv = NULL };
	s->pkt = 0;
	s->cut_told = false;
	if (was_said) {
		s->again = (struct msg){ .tool = tool, .silent = true };
		s->o.msg = &s->again;
	}
	merge_init(&s->merge, s->o.msg, s->o.count);
	progress_start(&s->progress, tool);
	for (int i = 0; i < s->inputs; i++) {
		if (!input_rewind(s->input[i]))
			msg_error(s->o.msg, s->input[i]->name, 0, "%s", strerror(errno));
		begin(s, s->input[i]);
	}
}

void source_close(struct source *s)
{
	forget(s);
	filter_free(s->filter);
	for (int i = 0; i < s->inputs; i++)
		input_close(s->input[i]);
	free(s->input);
	free(s);
}

/* A name is best; then an index; then the file's name. */
static void set_iface(struct source *s, const struct operand *o,
		      const struct packet *p, struct segment *seg)
{
	const char *name = o->frame.iface;
	size_t n;

	seg->iface = s->iface;
	if (name) {
		n = strlen(name);
		n = tsv_escape(s->iface, name, n < IFACE_MAX ? n : IFACE_MAX);
	} else if (p->ifindex >= 0) {
		n = (size_t)(num_u64(s->iface, (uint64_t)p->ifindex) - s->iface);
	} else {
		seg->iface = o->name;
		n = o->name_len;
	}
	seg->iface_len = (uint32_t)n;
	if (n)
		seg->has |= COLUMN(IFACE);
}

static void unknown_link(struct source *s, struct operand *o)
{
	const char *name = capture_link_name(o->frame.link);

	for (size_t i = 0; i < o->unknowns; i++)
		if (o->unknown_link[i] == o->frame.link)
			return;
	if (o->unknowns == sizeof(o->unknown_link) / sizeof(*o->unknown_link))
		return;
	o->unknown_link[o->unknowns++] = o->frame.link;
	msg_error(s->o.msg, o->in->name, o->frames,
		  "link type %d (%s) is not one that is understood",
		  o->frame.link, name ? name : "unknown");
}

static bool passes(struct source *s, const struct operand *o)
{
	int match = s->filter ? filter_match(s->filter, &o->frame) : 1;

	if (match < 0)
		msg_error(s->o.msg, o->in->name, o->frames,
			  "filter \"%s\" does not fit this link type: %s",
			  s->o.filter, filter_error(s->filter));
	return match > 0;
}

/* The segment in the frame of this operand, if there is one that passes. */
static bool decode(struct source *s, struct operand *o, struct segment *seg)
{
	struct packet p;

	if (++s->pkt == 1)
		s->first_ns = o->frame.time_ns;
	if (s->pkt % TELL_EVERY == 0)
		progress_tell(&s->progress, s->pkt, o->in->taken);
	switch (packet_decode(&o->frame, &p)) {
	case PACKET_UNKNOWN_LINK:
		unknown_link(s, o);
		return false;
	case PACKET_CUT:
		if (!s->cut_told)
			msg_note(s->o.msg, o->in->name, o->frames, "TCP header is cut "
				 "by the snapshot length; such frames have no row");
		s->cut_told = true;
		return false;
	case PACKET_OTHER:
		return false;
	default:
		break;
	}
	if (!passes(s, o) || !segment_decode(seg, &o->frame, &p))
		return false;
	set_iface(s, o, &p, seg);
	seg->pkt = s->pkt;
	seg->rel_ns = (int64_t)((uint64_t)seg->time_ns - (uint64_t)s->first_ns);
	seg->has |= COLUMN(PKT) | COLUMN(REL_S);
	if (s->merge.count > 1 || o->frame.iface || p.ifindex >= 0)
		twins_mark(&s->twins, seg);
	return true;
}

static bool next_row(struct source *s, struct segment *seg)
{
	if (!table_next(&s->table, seg))
		return false;
	if (++s->pkt % TELL_EVERY == 0)
		progress_tell(&s->progress, s->pkt, s->table.tsv->in->taken);
	if (!(s->table.reader.now & COLUMN(PKT)))	/* segments are told apart even so */
		seg->pkt = s->pkt;
	return true;
}

static bool next_frame(struct source *s, struct segment *seg)
{
	struct operand *o;

	while ((o = merge_next(&s->merge)))
		if (decode(s, o, seg))
			return true;
	return false;
}

bool source_next(struct source *s, struct segment *seg)
{
	do
		if (s->table.tsv ? !next_row(s, seg) : !next_frame(s, seg))
			return false;
	while (s->o.once && seg->has & COLUMN(COPY_OF));
	return true;
}

bool source_waits(const struct source *s)
{
	bool waits = false;

	for (int i = 0; i < s->inputs; i++)
		waits |= s->input[i]->waits;
	return waits;
}

bool source_ready(const struct source *s)
{
	if (s->table.tsv)
		return input_ready(s->table.tsv->in);
	return merge_ready(&s->merge);
}
