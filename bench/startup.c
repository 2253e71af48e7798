/* SPDX-License-Identifier: MIT */
/*
 * startup ROUNDS [OPTIONS] COMMAND [ARG...] [-- [OPTIONS] OTHER [ARG...]]...: how long a runner needs until it is attached,
 * its peak memory, and how long after Ctrl-C it is gone. Options of a command:
 *
 *     --ready TEXT   what it says when it is attached, on a terminal (else "running and waiting", on standard error)
 *     --root DIR     it runs with this as its root folder
 *     --name TEXT    what it is called in the result (else the name of its file)
 *
 * Each round starts the command, waits for that text, ends it with SIGINT and takes wait4(2)'s peak resident set.
 * Several commands take turns, so that all meet the same weather; printed are medians, and how the first compares with
 * each other. Times are wall clock from fork to the text.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS   1000
#define MAX_SUBJECTS 4
#define SETTLE_US    20000 /* some say that they are ready a little before they are */

struct sample {
	double ready_ms;
	double peak_mb;
	double gone_ms; /* from SIGINT, with everything detached */
};

struct subject {
	char **argv;
	const char *ready, *root, *name;
	struct sample samples[MAX_ROUNDS];
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static pid_t start(const struct subject *subject, int *ret_messages)
{
	int fds[2];

	if (subject->ready ? openpty(&fds[0], &fds[1], NULL, NULL, NULL) : pipe2(fds, O_CLOEXEC))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(subject->ready ? fds[1] : null, STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		for (int fd = STDERR_FILENO + 1; fd < 16; fd++)
			close(fd);
		if (!subject->root || (!chroot(subject->root) && !chdir("/")))
			execvp(subject->argv[0], subject->argv);
		_exit(127);
	}
	close(fds[1]);
	*ret_messages = fds[0];
	return pid;
}

/* Reads until the text came; 0, or -1 when the command ended before. */
static int wait_ready(int fd, const char *ready, char *text, size_t size)
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
		if (strstr(text, ready))
			return 0;
	}
	return -1;
}

static int measure(const struct subject *subject, struct sample *ret)
{
	char text[8192] = "";
	struct rusage usage;
	int fd, status;
	double begin = now_ms();
	pid_t pid = start(subject, &fd);

	if (pid < 0)
		return -1;
	int r = wait_ready(fd, subject->ready ? subject->ready : "running and waiting", text, sizeof(text));
	ret->ready_ms = now_ms() - begin;
	usleep(SETTLE_US);
	begin = now_ms();
	if (!r)
		kill(pid, SIGINT);
	wait4(pid, &status, 0, &usage);
	ret->gone_ms = now_ms() - begin;
	close(fd);
	ret->peak_mb = (double)usage.ru_maxrss / 1024;
	/* Others say that they are ready before they take care of signals. */
	if (r || (status && !(subject->ready && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)))
		fprintf(stderr, "startup: %s did not become ready or did not end well: %s\n", subject->argv[0], text);
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

/* The options before a command. */
static void take_options(struct subject *subject)
{
	for (char **argv = subject->argv; argv[0] && argv[1]; argv = subject->argv) {
		if (!strcmp(argv[0], "--ready"))
			subject->ready = argv[1];
		else if (!strcmp(argv[0], "--root"))
			subject->root = argv[1];
		else if (!strcmp(argv[0], "--name"))
			subject->name = argv[1];
		else
			return;
		subject->argv += 2;
	}
}

int main(int argc, char **argv)
{
	static struct subject subjects[MAX_SUBJECTS];
	int rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, count = 1;

	if (rounds < 1 || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: startup ROUNDS [--ready TEXT] [--root DIR] [--name TEXT] COMMAND [ARG...] [-- "
				"OTHER...]...\n");
		return 2;
	}
	subjects[0].argv = argv + 2;
	for (int i = 2; i < argc && count < MAX_SUBJECTS; i++)
		if (!strcmp(argv[i], "--")) {
			argv[i] = NULL;
			subjects[count++].argv = argv + i + 1;
		}
	for (int s = 0; s < count; s++)
		take_options(&subjects[s]);

	for (int round = -1; round < rounds; round++) /* round -1 warms up */
		for (int s = 0; s < count; s++)
			if (measure(&subjects[s], &subjects[s].samples[round < 0 ? 0 : round]))
				return 1;

	for (int s = 0; s < count; s++) {
		static double ready, peak, gone; /* of the first */
		double its_ready = median(&subjects[s], rounds, offsetof(struct sample, ready_ms));
		double its_peak = median(&subjects[s], rounds, offsetof(struct sample, peak_mb));
		double its_gone = median(&subjects[s], rounds, offsetof(struct sample, gone_ms));

		if (s == 0) {
			ready = its_ready;
			peak = its_peak;
			gone = its_gone;
		}
		const char *name = subjects[s].name ? subjects[s].name : basename(subjects[s].argv[0]);
		printf("%-24s  start to attached %6.1f ms (%5.2f x)   peak memory %5.1f MB (%5.2f x)   Ctrl-C to gone "
		       "%5.1f ms (%5.2f x)\n",
		       name, its_ready, its_ready / ready, its_peak, its_peak / peak, its_gone, its_gone / gone);
	}
	return 0;
}
