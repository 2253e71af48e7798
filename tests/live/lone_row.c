/* SPDX-License-Identifier: MIT */
/*
 * lone_row pipe|terminal COMMAND...: whether a row is shown though nothing follows it. Starts the command with stdout as a pipe or a
 * terminal, waits until it is attached and sleeps, makes one event (prctl(2) as mark does) and waits for the line that names it; the
 * next event comes only then. Without the line it waits for ever: somebody else must have patience (tests/support/patient.c).
 *
 * Status 0: all rows came, and the end was clean.
 */
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK_OPTION 0x6d61726b
#define RUNS        2
#define ROWS        3

/* Reads from @fd until @needle was seen; what came before it is forgotten. False: the stream has ended. */
static bool read_until(int fd, const char *needle)
{
	char text[16384];
	size_t len = 0;

	while (len < sizeof(text) - 1) {
		ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, needle))
			return true;
	}
	return false;
}

static bool is_asleep(pid_t pid)
{
	char path[64], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%*d %*s %c", &state) != 1)
			state = '?';
		fclose(file);
	}
	return state == 'S';
}

/* Until it slept whenever it was looked at. */
static void wait_asleep(pid_t pid)
{
	for (int looks = 0; looks < 10; looks++) {
		if (!is_asleep(pid))
			looks = 0;
		usleep(5000);
	}
}

static bool show_rows(pid_t pid, int out)
{
	char name[16];

	for (int i = 0; i < ROWS; i++) {
		snprintf(name, sizeof(name), "lone-%d", i);
		prctl(PR_SET_NAME, name);
		wait_asleep(pid);
		prctl(MARK_OPTION, 7, 0, 0, 0);
		if (!read_until(out, name)) {
			printf("the output ended without row %d\n", i);
			return false;
		}
		/* Told at once, in case the next one never comes. */
		printf("row %d was shown\n", i);
		fflush(stdout);
	}
	return true;
}

static bool run(bool is_terminal, char **argv)
{
	int out[2], err[2], master, slave, status;
	bool is_good = false;

	if (pipe(err) || pipe(out) || openpty(&master, &slave, NULL, NULL, NULL))
		return false;
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

	if (read_until(err[0], "running and waiting"))
		is_good = show_rows(pid, is_terminal ? master : out[0]);
	else
		puts("it did not become ready");
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	close(out[0]);
	close(err[0]);
	close(master);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("it ended with status %x\n", (unsigned int)status);
		return false;
	}
	return is_good;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	for (int i = 0; i < RUNS; i++)
		if (!run(!strcmp(argv[1], "terminal"), argv + 2))
			return 1;
	return 0;
}
