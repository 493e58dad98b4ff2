/* What a process can't do any more, and what it still can. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

/* Each in a process of its own: it is for good. Returns the exit status. */
static int confined(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		sandbox_enter();
		_exit(what());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int read_and_write(void)
{
	int end[2];
	char c = 'x';

	return pipe(end) || write(end[1], &c, 1) != 1 || read(end[0], &c, 1) != 1;
}

static int memory(void)
{
	char *p = malloc(64 << 20);

	if (!p)
		return 1;
	p[(64 << 20) - 1] = 1;
	free(p);
	return 0;
}

#ifndef __SANITIZE_ADDRESS__	/* sanitizers need their files */
/* 0 if it was refused. */
static int refused(int result)
{
	return result == -1 && errno == EPERM ? 0 : 1;
}

static int open_file(void)
{
	return refused(open("/dev/null", O_RDONLY));
}

static int make_file(void)
{
	return refused(openat(AT_FDCWD, "sandbox-test", O_CREAT | O_WRONLY, 0600));
}

static int remove_file(void)
{
	return refused(unlink("/nonexistent"));
}

static int remove_directory(void)
{
	return refused(rmdir("/nonexistent"));
}

static int rename_file(void)
{
	return refused(rename("/nonexistent", "/nonexistent2"));
}

static int open_socket(void)
{
	return refused(socket(AF_INET, SOCK_STREAM, 0));
}

static int run_program(void)
{
	char *argv[] = { "true", NULL };

	return refused(execv("/bin/true", argv));
}

static int signal_another(void)
{
	return refused(kill(getppid(), 0));
}

/* Only this one of what can be done to a terminal: what is none has it fail otherwise. */
static int type_into_terminal(void)
{
	int end[2];

	if (pipe(end) || isatty(end[0]) || errno == EPERM)
		return 1;
	return refused(ioctl(end[0], TIOCSTI, "x"));
}

/* Whether the kernel can do it at all. */
static bool supported(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 &&
	       errno == EFAULT;
}

static void test_refused(void **state)
{
	(void)state;
	if (!supported())
		return;
	assert_int_equal(confined(open_file), 0);
	assert_int_equal(confined(make_file), 0);
	assert_int_equal(confined(remove_file), 0);
	assert_int_equal(confined(remove_directory), 0);
	assert_int_equal(confined(rename_file), 0);
	assert_int_equal(confined(open_socket), 0);
	assert_int_equal(confined(run_program), 0);
	assert_int_equal(confined(signal_another), 0);
	assert_int_equal(confined(type_into_terminal), 0);
}
#endif

static void test_allowed(void **state)
{
	(void)state;
	assert_int_equal(confined(read_and_write), 0);
	assert_int_equal(confined(memory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(test_refused),
#endif
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
