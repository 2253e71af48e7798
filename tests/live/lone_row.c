/* SPDX-License-Identifier: MIT */
/*
 * latency pipe|terminal LIMIT_MS COMMAND...: how late a row is. Starts the command with stdout as a pipe or a terminal,
 * waits until it is attached and idle, makes one event (prctl(2) as mark does) and waits for the line that names this
 * process. Nine times; the median and the worst are printed, and the status is 0 when all are within the limit and the
 * end was clean.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK_OPTION 0x6d61726b
#define ROUNDS      9

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* Reads from @fd until @needle was seen. 0, or -1 at the end of the stream or after five seconds. */
static int read_until(int fd, const char *needle)
{
	char text[16384];
	size_t len = 0;
	double end = now_ms() + 5000;

	text[0] = '\0';
	while (len < sizeof(text) - 1) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int left = (int)(end - now_ms());

		if (left <= 0 || poll(&p, 1, left) <= 0)
			return -1;
		ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			return -1;
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, needle))
			return 0;
	}
	return -1;
}

static double one_round(int is_terminal, char **argv)
{
	int out[2], err[2], master, slave, status;
	double late = -1;

	if (pipe(err) || pipe(out) || openpty(&master, &slave, NULL, NULL, NULL))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(is_terminal ? slave : out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	close(slave);

	if (!read_until(err[0], "running and waiting")) {
		usleep(300 * 1000);
		double begin = now_ms();
		prctl(MARK_OPTION, 7, 0, 0, 0);
		if (!read_until(is_terminal ? master : out[0], "late-by"))
			late = now_ms() - begin;
	}
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	close(out[0]);
	close(err[0]);
	close(master);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? late : -1;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double late[ROUNDS];

	if (argc < 4)
		return 2;
	prctl(PR_SET_NAME, "late-by");
	for (int i = 0; i < ROUNDS; i++) {
		late[i] = one_round(!strcmp(argv[1], "terminal"), argv + 3);
		if (late[i] < 0) {
			printf("round %d: no row, or the command did not end well\n", i);
			return 1;
		}
	}
	qsort(late, ROUNDS, sizeof(late[0]), ascending);
	printf("median %.1f ms, worst %.1f ms\n", late[ROUNDS / 2], late[ROUNDS - 1]);
	return late[ROUNDS - 1] > strtod(argv[2], NULL);
}
