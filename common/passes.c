#include "passes.h"

#include "cli.h"
#include "compare.h"
#include "kept.h"
#include "msg.h"
#include "sandbox.h"
#include "timing.h"

/* Clocks of which some were found to differ by so much do not agree. */
#define NEAR_NS INT64_C(1000000000)

/* What is done with the rows of a pass. */
enum deal { NO_ROWS, KEEP_ROWS, TELL_ROWS };

static void tell_row(void *arg, struct duet_row *row)
{
	struct passes *p = arg;

	if (row->has_delay)
		duet_time(row, &p->clock);
	p->row(p->arg, row);
}

static uint64_t tell_weigh(void *arg, const struct wire_about *about)
{
	struct passes *p = arg;

	return p->weigh ? p->weigh(p->arg, about) : 0;
}

static void tell_over(void *arg, struct wire_about *about)
{
	struct passes *p = arg;

	if (p->over)
		p->over(p->arg, about);
}

static void tell_kept(struct passes *p)
{
	if (!kept_tell(&p->kept, tell_row, tell_over, p))
		msg_error(&p->cli->msg, NULL, 0, "rows kept in a file are lost");
}

/* Both from the beginning. What was said of them, once all was read, is not said again. */
static void begin(struct passes *p, bool all)
{
	if (p->begun)
		cli_rewind(p->cli, p->read);
	p->begun = true;
	p->read |= all;
}

/* Whether a clock that was fitted leaves both as they are, which all pairs allow. */
static bool is_raw(const struct clock *c)
{
	return c->n == 1 && !c->dropped && !clock_corrects(c) &&
	       clock_summary(&c->segment[0]).bounded;
}

/* One pass over both. */
static void pass(struct passes *p, enum deal rows, bool fits)
{
	begin(p, true);
	p->duet = (struct duet){
		.source = { p->cli->source, p->cli->second }, .live = p->duet.live,
		.plain = p->plain, .plan = p->planned ? &p->plan : NULL,
		.clock = &p->clock, .budget = &p->cli->budget, .ahead_ns = p->duet.ahead_ns,
		.data = p->data, .acks = p->acks, .fits = fits, .raw = fits && rows == KEEP_ROWS,
		.learned = p->planned ? NULL : &p->plan,
	};
	if (rows == KEEP_ROWS) {
		p->duet.row = kept_row;
		p->duet.over = kept_over;
		p->duet.arg = &p->kept;
	} else if (rows == TELL_ROWS) {
		p->duet.row = tell_row;
		p->duet.over = tell_over;
		p->duet.weigh = tell_weigh;
		p->duet.beside = p->beside;
		p->duet.arg = p;
	}
	duet_run(&p->duet);
	if (fits)
		clock_finish(&p->clock);
	p->duet.refuted |= p->duet.raw && !is_raw(&p->clock);
}

/*
 * The clocks while finding out what is in both; not if some of that is in doubt
 * before all was seen.
 */
static bool find_all(struct passes *p, enum deal rows, bool fits)
{
	pass(p, rows, fits);
	if (!p->duet.refuted && !p->duet.doubtful &&
	    (!p->duet.single[0] || !p->duet.single[1])) {
		plan_ready(&p->plan);
		p->planned = true;
		return true;
	}
	p->read &= !p->duet.refuted;
	clock_free(&p->clock);
	plan_free(&p->plan);
	return false;
}

/* Whether the clocks may be as right as they have to be for rows at once. */
static bool may_agree(const struct passes *p, bool fits)
{
	int64_t ahead = p->duet.ahead_ns;

	return !fits || (p->clock.mode == CLOCK_AUTO && ahead < NEAR_NS && ahead > -NEAR_NS);
}

/* Files that begin together are read once to find out all, best with the rows. */
static bool find_at_once(struct passes *p, bool fits)
{
	bool begins, keeps = p->kept.file;
	int64_t ahead_ns = 0;

	begin(p, false);
	begins = compare_heads(p->cli->source, p->cli->second, &ahead_ns,
			       &p->cli->budget);
	p->duet.ahead_ns = ahead_ns;
	keeps &= begins && may_agree(p, fits);
	if (keeps && find_all(p, KEEP_ROWS, fits))
		return true;
	p->duet.ahead_ns = ahead_ns;
	return begins && fits && (!keeps || p->duet.refuted) &&
	       find_all(p, NO_ROWS, fits);
}

static void run_files(struct passes *p, bool fits)
{
	bool fitted = !fits;

	if (!p->planned && find_at_once(p, fits)) {
		if (p->duet.row == kept_row && !p->duet.disordered && kept_all(&p->kept)) {
			tell_kept(p);
			return;
		}
		fitted = true;
	} else if (!p->planned) {
		begin(p, true);
		compare(&p->plan, p->cli->source, p->cli->second, p->plain,
			&p->cli->budget);
		p->planned = true;
	}
	if (!fitted) {
		pass(p, NO_ROWS, true);
		plan_rewind(&p->plan);
	}
	pass(p, TELL_ROWS, false);
}

void passes_run(struct passes *p)
{
	bool fits = p->clock.mode != CLOCK_NONE && p->clock.mode != CLOCK_GIVEN;

	p->duet.live = !cli_are_files(p->cli);
	if (!p->duet.live && !p->planned)
		kept_open(&p->kept);
	sandbox_enter();	/* that was the last file to open */
	if (p->duet.live)
		pass(p, TELL_ROWS, fits);
	else
		run_files(p, fits);
}

void passes_tell(struct passes *p)
{
	const struct duet *d = &p->duet;
	struct msg *m = &p->cli->msg;

	if (!d->wires_ended && m->status == STATUS_OK)
		msg_error(m, NULL, 0, "nothing matches: no %s is in both captures%s",
			  p->plain ? "stream" : "subflow",
			  p->plain ? "" : " (-t: plain TCP too)");
	if ((d->has_last[0] || d->has_last[1]) && !d->apart)
		msg_note(m, NULL, 0, "each packet was captured at the same moment in A and "
			 "B: they may be one capture");
	if (2 * d->at_server > d->wires_ended)
		msg_note(m, NULL, 0, "A was taken at the server, B at the client");
	if (d->wires_ended)
		timing_tell(&p->clock, m);
}

void passes_free(struct passes *p)
{
	plan_free(&p->plan);
	clock_free(&p->clock);
	kept_close(&p->kept);
}
