/* SPDX-License-Identifier: MIT */
/*
 * startup ROUNDS COMMAND [ARG...] [-- OTHER [ARG...]]: how long a runner needs until it is attached, and its peak
 * memory.
 *
 * Each round starts the command, waits for the line that says it is attached ("running and waiting" on stderr), ends it
 * with SIGINT and takes wait4(2)'s peak resident set. With a second command the rounds alternate, so that both meet the
 * same weather; printed are medians and, for two commands, the ratio of medians. Times are wall clock from fork to the
 * line.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 1000
static const char ready_line[] = "running and waiting";

struct sample {
	double ready_ms;
	double peak_mb;
};

struct subject {
	char **argv;
	struct sample samples[MAX_ROUNDS];
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static pid_t start(char **argv, int *ret_stderr)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	*ret_stderr = fds[0];
	return pid;
}

/* Reads stderr until the line came; 0, or -1 when the command ended before. */
static int wait_ready(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t n = read(fd, text + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, ready_line))
			return 0;
	}
	return -1;
}

static int measure(char **argv, struct sample *ret)
{
	char text[8192] = "";
	struct rusage usage;
	int fd, status;
	double begin = now_ms();
	pid_t pid = start(argv, &fd);

	if (pid < 0)
		return -1;
	int r = wait_ready(fd, text, sizeof(text));
	ret->ready_ms = now_ms() - begin;
	if (!r)
		kill(pid, SIGINT);
	wait4(pid, &status, 0, &usage);
	close(fd);
	ret->peak_mb = (double)usage.ru_maxrss / 1024;
	if (r || !WIFEXITED(status) || WEXITSTATUS(status))
		fprintf(stderr, "startup: %s did not become ready or did not end well: %s\n", argv[0], text);
	return r;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct subject *subject, int rounds, size_t offset)
{
	double values[MAX_ROUNDS];

	for (int i = 0; i < rounds; i++)
		values[i] = *(const double *)((const char *)&subject->samples[i] + offset);
	qsort(values, (size_t)rounds, sizeof(values[0]), ascending);
	return rounds % 2 ? values[rounds / 2] : (values[rounds / 2 - 1] + values[rounds / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct subject subjects[2];
	int rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, count = 1;

	if (rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: startup ROUNDS COMMAND [ARG...] [-- OTHER [ARG...]]\n");
		return 2;
	}
	subjects[0].argv = argv + 2;
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--")) {
			argv[i] = NULL;
			subjects[1].argv = argv + i + 1;
			count = 2;
			break;
		}

	for (int round = -1; round < rounds; round++) /* round -1 warms up */
		for (int s = 0; s < count; s++)
			if (measure(subjects[s].argv, &subjects[s].samples[round < 0 ? 0 : round]))
				return 1;

	double ready[2], peak[2];
	for (int s = 0; s < count; s++) {
		ready[s] = median(&subjects[s], rounds, offsetof(struct sample, ready_ms));
		peak[s] = median(&subjects[s], rounds, offsetof(struct sample, peak_mb));
		printf("%-40s  start to attached %8.1f ms   peak memory %6.1f MB   (medians of %d)\n",
		       subjects[s].argv[0], ready[s], peak[s], rounds);
	}
	if (count == 2)
		printf("%-40s  start to attached %8.2f x    peak memory %6.2f x\n", "first / second",
		       ready[0] / ready[1], peak[0] / peak[1]);
	return 0;
}
