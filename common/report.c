#include "report.h"

#include <string.h>

#include "msg.h"
#include "num.h"
#include "segment.h"
#include "seq.h"
#include "rows.h"
#include "source.h"
#include "spread.h"
#include "stream.h"

static int64_t parse_seconds(struct report *r, char letter, const char *value)
{
	char text[64] = "0";
	int64_t ns;

	/* people leave out the 0 of fractions */
	if (*value == '.' && strlen(value) < sizeof(text) - 1)
		value = strcat(text, value);
	if (!num_parse_seconds(value, value + strlen(value), &ns) || ns <= 0)
		msg_usage(&r->cli->msg, "-%c: \"%s\" is not a time in seconds", letter, value);
	return ns;
}

void report_option(struct report *r, char letter, const char *value)
{
	uint64_t v;

	if (letter == 'i') {
		r->step_ns = parse_seconds(r, letter, value);
		r->cli->table = TABLE_INTERVAL;
		r->cli->wanted |= COLUMN(REL_S);
		r->cli->needed |= COLUMN(REL_S);
	}
	if (letter == 'L')
		r->linger_ns = parse_seconds(r, letter, value);
	if (letter != 'c')
		return;
	if (!num_parse_u64(value, value + strlen(value), UINT32_MAX, &v))
		msg_usage(&r->cli->msg, "-c: \"%s\" is not the number of a connection", value);
	r->only = true;
	r->conn = (uint32_t)v;
}

bool report_wants(const struct report *r, uint32_t conn)
{
	return !r->only || r->conn == conn;
}

void report_times(struct rows *r, size_t first, const struct spread *times)
{
	if (!times->n)
		return;
	rows_seconds(r, first, times->min);
	rows_seconds(r, first + 1, spread_mean(times));
	rows_seconds(r, first + 2, times->max);
}

/* The interval that a time since frame 1 is in. */
static int64_t interval_of(const struct report *r, int64_t ns)
{
	int64_t n = ns / r->step_ns;

	return n - (ns % r->step_ns < 0);
}

static void end_interval(struct report *r, struct tally *t, void *arg,
			 report_interval *print)
{
	if (!t->books_n && !t->flows_n)
		return;
	r->from_ns = (int64_t)((uint64_t)r->count * (uint64_t)r->step_ns);
	r->start_ns = seq_plus(r->origin_ns, r->from_ns);
	tally_sort(t);
	print(arg, t);
	tally_reset(t);
}

/*
 * A segment that is late belongs to the interval under way; one that is very
 * late shows that the clock stepped back, and intervals go on from there.
 */
static void pass_time(struct report *r, struct tally *t, const struct segment *seg,
		      void *arg, report_interval *print)
{
	int64_t now = interval_of(r, seg->rel_ns);

	if (!r->started) {
		r->origin_ns = seq_minus(seg->time_ns, seg->rel_ns);
		r->count = now;
		r->started = true;
	}
	if (now > r->count ||
	    (now < r->count &&
	     seq_minus(seg->rel_ns, r->seen_ns) <= -STREAM_STEP_BACK_NS)) {
		end_interval(r, t, arg, print);
		r->count = now;
	}
	r->seen_ns = seg->rel_ns;
}

void report_run(struct report *r, const struct tally_options *o,
		report_interval *print)
{
	struct segment seg = { 0 };
	struct tally_options options = *o;
	struct tally t;

	options.linger_ns = r->linger_ns;
	options.intervals = r->step_ns;
	tally_init(&t, &options);
	while (!r->cli->out.failed && source_next(r->cli->source, &seg)) {
		if (r->step_ns)
			pass_time(r, &t, &seg, o->arg, print);
		tally_segment(&t, &seg);
	}
	if (r->step_ns)
		end_interval(r, &t, o->arg, print);
	tally_end(&t);
}
