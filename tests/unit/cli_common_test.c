/* SPDX-License-Identifier: MIT */
/* cli/common: what reaches stderr and with which exit status, in child processes with streams of every kind. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecli/base.h>

#include "../../cli/common/cli.h"
#include "../../cli/common/say.h"
#include "base/cleanup.h"
#include "base/file.h"

typedef int (*child_fn)(void);

enum { NO_READER = -2 }; /* for @out_fd: a pipe whose other end is closed */

/* Runs @child with its stdout at @out_fd; returns its exit status and what it wrote to stderr. */
static int run(child_fn child, int out_fd, struct ecli_buf *ret_stderr)
{
	int err_pipe[2], out_pipe[2], status;

	assert_int_equal(pipe(err_pipe), 0);
	assert_int_equal(pipe(out_pipe), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		signal(SIGPIPE, SIG_IGN);
		close(out_pipe[0]);
		dup2(out_fd == NO_READER ? out_pipe[1] : out_fd, STDOUT_FILENO);
		dup2(err_pipe[1], STDERR_FILENO);
		setvbuf(stdout, NULL, _IOFBF, BUFSIZ); /* as in a program, not as in a test (unit.h) */
		_exit(child());
	}
	close(err_pipe[1]);
	close(out_pipe[0]);
	close(out_pipe[1]);
	assert_int_equal(ecli_file_read_fd(err_pipe[0], "stderr", 1 << 20, ret_stderr, NULL), 0);
	close(err_pipe[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_run(child_fn child, int out_fd, int status, const char *text)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };

	assert_int_equal(run(child, out_fd, &got), status);
	assert_string_equal(ecli_buf_text(&got), text);
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

static int plain_error(void)
{
	struct ecli_err err = { 0 };

	ecli_err_set(&err, -5, "t.json: it is damaged");
	return cli_error("ecli", &err);
}

static int kernel_error(void)
{
	struct ecli_err err = { 0 };

	ecli_err_set_fail(&err, ECLI_FAIL_KERNEL, -5, "no tracepoint\nline of a log\n\nlast");
	return cli_error("ecli", &err);
}

static int usage_error(void)
{
	return cli_usage_error("ecc", "there is no option --%s", "x");
}

static int usage_error_of_a_tool(void)
{
	return cli_usage_error("ecli run ./a\x1b[2J.json", "there is no option --%s", "x");
}

static int hostile_error(void)
{
	struct ecli_err err = { 0 };

	ecli_err_set(&err, -5, "map \x1b[2J\x07 \xff");
	return cli_error("ecli", &err);
}

static int said_already(void)
{
	struct ecli_err err = { .code = -5, .fail = ECLI_FAIL_ERROR };

	return cli_error("ecc", &err);
}

static void an_error_is_one_line_and_a_status(void **state)
{
	(void)state;
	assert_run(plain_error, STDOUT_FILENO, 1, "ecli: t.json: it is damaged\n");
	assert_run(kernel_error, STDOUT_FILENO, 3, "ecli: no tracepoint\n  line of a log\n\n  last\n");
	assert_run(usage_error, STDOUT_FILENO, 2, "ecc: there is no option --x\nTry 'ecc --help'.\n");
	assert_run(usage_error_of_a_tool, STDOUT_FILENO, 2,
		   "ecli: there is no option --x\nTry 'ecli run ./a\\e[2J.json --help'.\n");
	assert_run(hostile_error, STDOUT_FILENO, 1, "ecli: map \\e[2J\\a \\xff\n");
	assert_run(said_already, STDOUT_FILENO, 1, "");
}

/* ---- the log --------------------------------------------------------------------------------------------------- */

static int log_all(int verbose)
{
	cli_log_to_stderr("ecli", verbose);
	ecli_log(ECLI_LOG_WARN, "warn");
	ecli_log(ECLI_LOG_INFO, "info");
	ecli_log(ECLI_LOG_DEBUG, "debug \x1b[1m");
	return 0;
}

static int log_quiet(void)
{
	return log_all(0);
}

static int log_verbose(void)
{
	return log_all(1);
}

static int log_debug(void)
{
	return log_all(2);
}

static void the_log_goes_by_level(void **state)
{
	(void)state;
	assert_run(log_quiet, STDOUT_FILENO, 0, "ecli: warn\n");
	assert_run(log_verbose, STDOUT_FILENO, 0, "ecli: warn\necli: info\n");
	assert_run(log_debug, STDOUT_FILENO, 0, "ecli: warn\necli: info\necli: debug \\e[1m\n");
}

/* ---- stdout ---------------------------------------------------------------------------------------------------- */

static int print_little(void)
{
	printf("help\n");
	return cli_close_stdout("ecli");
}

/* More than stdio holds back: the error comes while printing and is only a mark at the end. */
static int print_much(void)
{
	for (int i = 0; i < 100000; i++)
		printf("line %d\n", i);
	fflush(stdout);
	return cli_close_stdout("ecli");
}

static int print_closed(void)
{
	close(STDOUT_FILENO);
	return print_little();
}

static void a_full_disk_is_told_and_a_closed_pipe_is_not(void **state)
{
	(void)state;
	CLEANUP_FD int null = open("/dev/null", O_WRONLY | O_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(null >= 0 && full >= 0);
	assert_run(print_little, null, 0, "");
	assert_run(print_much, null, 0, "");
	assert_run(print_little, full, 1, "ecli: cannot write the output: No space left on device\n");
	assert_run(print_much, full, 1, "ecli: cannot write the output: write error\n");
	assert_run(print_little, NO_READER, 0, "");
	assert_run(print_much, NO_READER, 0, "");
	assert_run(print_closed, null, 1, "ecli: cannot write the output: Bad file descriptor\n");
}

/* ---- a standard error that nobody reads ----------------------------------------------------------------------------- */

#define PIPE_BYTES 4096

/* What is in the pipe, without waiting for more. */
static size_t read_pipe(int fd, char *into, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len < room && (n = read(fd, into + len, room - len)) > 0)
		len += (size_t)n;
	return len;
}

static void nobody_is_waited_for(void **state)
{
	(void)state;
	static char got[1 << 20];
	char line[64], expected[64];
	int fds[2], before = dup(STDERR_FILENO);
	size_t len = 0;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES), PIPE_BYTES);
	dup2(fds[1], STDERR_FILENO);
	say_without_waiting();
	/* 5,000 lines of 32 bytes: 4 KiB are in the pipe, 64 KiB in the queue. */
	for (int i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "line %04d, which has 32 bytes..\n", i);
		say(line, strlen(line));
	}
	/* The description that others share is as it was. */
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	/* Then somebody reads. Each further message takes what waits along. */
	for (int i = 0; i < 100; i++) {
		len += read_pipe(fds[0], got + len, sizeof(got) - len);
		say_format("more\n");
	}
	len += read_pipe(fds[0], got + len, sizeof(got) - len);
	say_wait_again(0);
	dup2(before, STDERR_FILENO);
	close(before);

	got[len] = '\0';
	const char *at = got;
	unsigned long long lines = 0, mores = 0, left_out = 0, n;
	for (; *at; at = strchr(at, '\n') + 1) {
		assert_non_null(strchr(at, '\n')); /* each is whole */
		snprintf(expected, sizeof(expected), "line %04llu, which has 32 bytes..\n", lines);
		if (!strncmp(at, expected, strlen(expected)))
			lines++;
		else if (!strncmp(at, "more\n", 5))
			mores++;
		else if (sscanf(at, "cli_common_test: %llu messages were left out because standard error", &n) == 1)
			left_out += n;
		else
			fail_msg("an unexpected line: %.60s", at);
	}
	assert_in_range(lines, (64 * 1024 + PIPE_BYTES) / 32 - 2, (64 * 1024 + PIPE_BYTES) / 32 + 1);
	assert_int_equal(lines + mores + left_out, 5100);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_one_line_and_a_status),
		cmocka_unit_test(the_log_goes_by_level),
		cmocka_unit_test(a_full_disk_is_told_and_a_closed_pipe_is_not),
		cmocka_unit_test(nobody_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
