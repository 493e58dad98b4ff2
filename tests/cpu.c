/*
 * cpu - run a command and append to a file what it took
 *
 * cpu file command [argument ...]
 *
 * The line added: CPU time (user and system, s), wall time (s), peak memory
 * (KiB, of the largest process). Exits with 1 if the command fails.
 */
#define _DEFAULT_SOURCE	/* ru_maxrss */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct rusage r;
	FILE *out;
	pid_t pid;
	int status;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("cpu");
	clock_gettime(CLOCK_MONOTONIC, &end);
	getrusage(RUSAGE_CHILDREN, &r);
	out = fopen(argv[1], "a");
	if (!out)
		die(argv[1]);
	fprintf(out, "%.6f %.6f %ld\n", seconds(r.ru_utime) +
		seconds(r.ru_stime), end.tv_sec - start.tv_sec +
		(end.tv_nsec - start.tv_nsec) / 1e9, r.ru_maxrss);
	if (fclose(out))
		die(argv[1]);
	return status != 0;
}
