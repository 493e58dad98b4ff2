#include "passes.h"

#include "cli.h"
#include "compare.h"
#include "sandbox.h"
#include "timing.h"

/* One pass over both. */
static void pass(struct passes *p, bool prints, bool fits)
{
	if (prints && !p->opens_later)	/* no more files to open */
		sandbox_enter();
	p->duet = (struct duet){
		.source = { p->cli->source, p->cli->second }, .live = p->duet.live,
		.plain = p->plain, .plan = p->planned ? &p->plan : NULL,
		.clock = &p->clock, .budget = &p->cli->budget, .ahead_ns = p->duet.ahead_ns, .data = p->data,
		.fits = fits, .row = prints ? p->row : NULL,
		.over = prints ? p->over : NULL, .arg = p->arg,
		.learned = p->planned ? NULL : &p->plan,
	};
	duet_run(&p->duet);
	if (fits)
		clock_finish(&p->clock);
}

/*
 * The clocks while finding out what is in both; not if some of that is in doubt
 * before all was seen.
 */
static bool find_all(struct passes *p)
{
	bool begins = compare_heads(p->cli->source, p->cli->second, &p->duet.ahead_ns,
				    &p->cli->budget);

	cli_reopen(p->cli);
	if (!begins)
		return false;
	pass(p, false, true);
	cli_reopen(p->cli);
	if (!p->duet.doubtful && (!p->duet.single[0] || !p->duet.single[1])) {
		plan_ready(&p->plan);
		return true;
	}
	clock_free(&p->clock);
	plan_free(&p->plan);
	return false;
}

/* Files are read once to fit their clocks, and once for rows. */
static void run_files(struct passes *p, bool fits)
{
	bool fitted = !p->planned && fits && find_all(p);

	if (!p->planned && !fitted) {
		compare(&p->plan, p->cli->source, p->cli->second, p->plain, &p->cli->budget);
		cli_reopen(p->cli);
	}
	p->planned = true;
	if (fits && !fitted) {
		pass(p, false, true);
		cli_reopen(p->cli);
		plan_rewind(&p->plan);
	}
	pass(p, true, false);
}

void passes_run(struct passes *p)
{
	bool fits = p->clock.mode != CLOCK_NONE && p->clock.mode != CLOCK_GIVEN;

	p->duet.live = !cli_are_files(p->cli);
	if (p->duet.live)
		pass(p, true, fits);
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
	if (2 * d->at_server > d->wires_ended)
		msg_note(m, NULL, 0, "A was taken at the server, B at the client");
	if (d->wires_ended)
		timing_tell(&p->clock, m);
}

void passes_free(struct passes *p)
{
	plan_free(&p->plan);
	clock_free(&p->clock);
}
