#include "report.h"

#include <time.h>

#include "segment.h"
#include "seq.h"
#include "rows.h"
#include "source.h"
#include "spread.h"
#include "stream.h"

/*
 * How long a frame may take from the wire to here: tcpdump hands its frames on
 * once a second. And the longest wait that an int of ms can hold.
 */
static const int64_t late_ns = 1500000000, wait_max_ns = 1000000000000000;

void report_option(struct report *r, char letter, const char *value)
{
	if (letter == 'i') {
		r->step_ns = cli_seconds(r->cli, letter, value);
		r->cli->table = TABLE_INTERVAL;
		r->cli->wanted |= COLUMN(REL_S);
		r->cli->needed |= COLUMN(REL_S);
	}
	if (letter == 'L')
		r->linger_ns = cli_seconds(r->cli, letter, value);
	if (letter != 'c')
		return;
	r->only = true;
	r->conn = (uint32_t)cli_number(r->cli, letter, value, UINT32_MAX,
				       "the number of a connection");
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

/* What report_run() goes by. */
struct run {
	struct report *report;
	struct tally tally;
	void *arg;
	report_interval *print;
};

static void end_interval(struct run *run)
{
	struct report *r = run->report;
	struct tally *t = &run->tally;

	if (!t->books_n && !t->flows_n)
		return;
	r->from_ns = (int64_t)((uint64_t)r->count * (uint64_t)r->step_ns);
	r->start_ns = seq_plus(r->origin_ns, r->from_ns);
	tally_sort(t);
	run->print(run->arg, t);
	tally_reset(t);
}

/*
 * A segment that is late belongs to the interval under way; one that is very
 * late shows that the clock stepped back, and intervals go on from there.
 */
static void pass_time(struct run *run, const struct segment *seg)
{
	struct report *r = run->report;
	int64_t now = interval_of(r, seg->rel_ns);

	if (!r->started) {
		r->origin_ns = seq_minus(seg->time_ns, seg->rel_ns);
		r->count = now;
		r->started = true;
	}
	if (now > r->count ||
	    (now < r->count &&
	     seq_minus(seg->rel_ns, r->seen_ns) <= -STREAM_STEP_BACK_NS)) {
		end_interval(run);
		r->count = now;
	}
	r->seen_ns = seg->rel_ns;
	r->fresh = true;
}

/* How far this host's clock is ahead of a time since frame 1. */
static int64_t time_since(const struct report *r, int64_t rel_ns)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return seq_minus((int64_t)t.tv_sec * 1000000000 + t.tv_nsec,
			 seq_plus(r->origin_ns, rel_ns));
}

/* Nothing comes. The hook `quiet` of cli.h. */
static int pass_quiet(void *arg)
{
	struct run *run = arg;
	struct report *r = run->report;
	const struct tally *t = &run->tally;
	int64_t since;

	if (!t->books_n && !t->flows_n)
		return -1;
	if (r->fresh) {
		since = time_since(r, r->seen_ns);
		r->live = since > -late_ns && since < late_ns;
		r->fresh = false;
	}
	since = time_since(r, (int64_t)(((uint64_t)r->count + 1) * (uint64_t)r->step_ns));
	if (!r->live || since < -wait_max_ns)
		return -1;
	if (since < late_ns)
		return (int)((late_ns - since) / 1000000) + 1;
	end_interval(run);
	r->count++;
	return -1;
}

void report_run(struct report *r, const struct tally_options *o,
		report_interval *print)
{
	struct segment seg = { 0 };
	struct tally_options options = *o;
	struct run run = { .report = r, .arg = o->arg, .print = print };

	options.linger_ns = r->linger_ns;
	options.budget = &r->cli->budget;
	options.intervals = r->step_ns;
	tally_init(&run.tally, &options);
	if (r->step_ns) {
		r->cli->quiet = pass_quiet;
		r->cli->quiet_arg = &run;
	}
	while (!r->cli->out.failed && source_next(r->cli->source, &seg)) {
		if (r->step_ns)
			pass_time(&run, &seg);
		tally_segment(&run.tally, &seg);
	}
	if (r->step_ns)
		end_interval(&run);
	tally_end(&run.tally);
}
