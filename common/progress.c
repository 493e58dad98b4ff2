#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_start(struct progress *p, const char *tool)
{
	*p = (struct progress){ .tool = tool };
	if (isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO))
		p->started = p->last = now();
}

void progress_tell(struct progress *p, uint64_t packets, uint64_t bytes)
{
	double t;

	if (p->started == 0)
		return;
	t = now();
	if (t - p->last < 1)
		return;
	p->last = t;
	p->shown = true;
	/* not wrapped where the terminal is narrow: one line can be wiped */
	fprintf(stderr, "\r\033[K\033[?7l%s: %" PRIu64 " packets, %.1f MB, %.0f packets/s\033[?7h",
		p->tool, packets, (double)bytes / 1e6,
		(double)packets / (t - p->started));
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
