#define _GNU_SOURCE	/* ppoll() */
#include "stop.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

enum { SIGNALS = sizeof(signals) / sizeof(*signals), ONCE_US = 100000 };

static void set(int number, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler };

	sigemptyset(&a.sa_mask);
	sigaction(number, &a, NULL);
}

static void (*get(int number))(int)
{
	struct sigaction a;

	return sigaction(number, NULL, &a) == 0 ? a.sa_handler : SIG_IGN;
}

/*
 * timeout(1) sends a signal to a tool and to its group: that is one. A timer that
 * nobody waits for knows how long ago it was.
 */
static bool same_signal(void)
{
	struct itimerval left = { .it_value = { 0, 0 } };

	getitimer(ITIMER_REAL, &left);
	return left.it_value.tv_sec || left.it_value.tv_usec;
}

static void again(int number)
{
	/* a shell and the kernel both tell of a terminal that is gone */
	if (number == SIGHUP || same_signal())
		return;
	set(number, SIG_DFL);
	raise(number);
}

static void first(int number)
{
	struct itimerval once = { .it_value = { 0, ONCE_US } };

	(void)number;
	set(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &once, NULL);
	for (size_t i = 0; i < SIGNALS; i++)
		if (get(signals[i]) == first)
			set(signals[i], again);
}

void stop_prepare(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (get(signals[i]) == SIG_DFL)
			set(signals[i], first);
}

bool stop_asked(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (get(signals[i]) == again)
			return true;
	return false;
}

void stop_done(void)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (get(signals[i]) == again)
			set(signals[i], first);
}

bool stop_wait(int fd, int ms)
{
	struct pollfd ready = { fd, POLLIN, 0 };
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t block, before;
	bool can;

	/* a signal between the look and the wait has to end the wait */
	sigemptyset(&block);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&block, signals[i]);
	sigprocmask(SIG_BLOCK, &block, &before);
	can = !stop_asked() && ppoll(&ready, 1, ms < 0 ? NULL : &limit, &before) > 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return can;
}
