#include "timing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "msg.h"
#include "num.h"

static void set_clock(struct clock *c, const char *value, struct msg *msg)
{
	static const struct { const char *name; enum clock_mode mode; } modes[] = {
		{ "none", CLOCK_NONE }, { "auto", CLOCK_AUTO }, { "offset", CLOCK_OFFSET },
		{ "linear", CLOCK_LINEAR }, { "piecewise", CLOCK_PIECEWISE },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(value, modes[i].name) == 0) {
			c->mode = modes[i].mode;
			return;
		}
	msg_usage(msg, "-C: \"%s\" is none of none, auto, offset, linear, piecewise",
		  value);
}

static void set_offset(struct clock *c, const char *value, struct msg *msg)
{
	const char *digits = value + (*value == '-');
	uint64_t v;

	if (!num_parse_u64(digits, value + strlen(value), INT64_MAX, &v))
		msg_usage(msg, "-O: \"%s\" is not a number of nanoseconds", value);
	c->mode = CLOCK_GIVEN;
	c->given_ns = *value == '-' ? -(int64_t)v : (int64_t)v;
}

static void set_skew(struct clock *c, const char *value, struct msg *msg)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end || !(v > -1e6 && v < 1e6))
		msg_usage(msg, "-P: \"%s\" is not a number of millionths", value);
	c->mode = CLOCK_GIVEN;
	c->given_slope = v * 1e-6;
}

void timing_option(struct clock *c, char letter, const char *value, struct msg *msg)
{
	if (letter == 'C')
		set_clock(c, value, msg);
	else if (letter == 'O')
		set_offset(c, value, msg);
	else
		set_skew(c, value, msg);
}

static const char *seconds(char *text, int64_t ns)
{
	*num_seconds(text, ns) = '\0';
	return text;
}

static void tell_segment(const struct clock *c, size_t i, struct msg *msg)
{
	const struct clock_segment *s = &c->segment[i];
	struct clock_estimate e = clock_summary(s);
	char ahead[NUM_MAX + 1], error[NUM_MAX + 1];

	seconds(ahead, e.ahead_ns);
	seconds(error, e.error_ns);
	if (isinf(s->height))
		msg_note(msg, NULL, 0, "clocks: packets of one direction only: nothing "
			 "bounds what B's is ahead from the other side");
	else if (!e.bounded)
		msg_note(msg, NULL, 0, "clocks: no single %s fits, B's is ahead by about "
			 "%s s: see -C piecewise", c->mode == CLOCK_OFFSET ? "offset" :
			 "line", ahead);
	else
		msg_note(msg, NULL, 0, "clocks: corrected: B's is ahead by %s s, skew "
			 "%.3f ppm, within %s s%s", ahead, s->line.slope * 1e6, error,
			 i ? ", after a step" : "");
}

void timing_tell(const struct clock *c, struct msg *msg)
{
	if (c->mode == CLOCK_NONE || c->mode == CLOCK_GIVEN)
		return;
	if (!c->n)
		msg_note(msg, NULL, 0, "clocks: no packet is in both captures");
	for (size_t i = 0; i < c->n; i++)
		if (!c->segment[i].raw || isinf(c->segment[i].height))
			tell_segment(c, i, msg);
	if (c->dropped && c->n == 1)	/* with a step, some were under way */
		msg_note(msg, NULL, 0, "clocks: %" PRIu64 " pairs of stamps fit no clock",
			 c->dropped);
}

static void write_segment(FILE *f, const struct clock *c, const struct clock_segment *s)
{
	struct clock_estimate e = clock_summary(s);

	fprintf(f, "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%.6f\t", s->start_ns,
		s->end_ns, e.ahead_ns, s->raw ? 0 : s->line.slope * 1e6);
	if (e.bounded)
		fprintf(f, "%" PRId64, e.error_ns);
	fprintf(f, "\t%" PRIu64 "\t%s\n", s->pairs, clock_method(c, s));
}

FILE *timing_open(const char *path, struct msg *msg)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		msg_error(msg, path, 0, "%s", strerror(errno));
	return f;
}

void timing_write(const struct clock *c, FILE *f, const char *path, struct msg *msg)
{
	/* a pipe has nothing to be cut */
	bool bad = ftruncate(fileno(f), 0) < 0 && errno != EINVAL;

	fputs("seg_start_ns\tseg_end_ns\toffset_ns\tskew_ppm\terr_ns\tpairs\tmethod\n", f);
	for (size_t i = 0; i < c->n; i++)
		write_segment(f, c, &c->segment[i]);
	if (c->mode == CLOCK_GIVEN)
		fprintf(f, "%" PRId64 "\t\t%" PRId64 "\t%.6f\t\t\tgiven\n",
			c->given_at_ns, c->given_ns, c->given_slope * 1e6);
	bad |= ferror(f) != 0;
	bad |= fclose(f) != 0;
	if (bad)
		msg_error(msg, path, 0, "%s", strerror(errno));
}
