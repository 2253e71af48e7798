/* SPDX-License-Identifier: MIT */
/*
 * terminal SIGNAL|stop|unread COMMAND [ARG...]: runs a command on a terminal of its own (a pseudo terminal), waits until it has taken the alternate
 * screen, and ends it:
 *
 *     SIGNAL   by the signal of this number
 *     stop     after Ctrl-S, by SIGTERM: the terminal takes nothing
 *     unread   with nobody who reads what it draws any more, by SIGTERM
 *
 * Prints "ok" when it ended, the terminal has its modes again and its own screen (unless nobody could read that); else what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char seen[1 << 22];
static size_t have;

/* False: there is nothing more. */
static bool read_some(int fd, int timeout_ms)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (have == sizeof(seen) - 1)
		have = 0;
	if (poll(&in, 1, timeout_ms) != 1)
		return false;
	n = read(fd, seen + have, sizeof(seen) - 1 - have);
	have += n > 0 ? (size_t)n : 0;
	seen[have] = '\0';
	return n > 0;
}

static const char *last(const char *text)
{
	const char *at = NULL;

	for (const char *next = seen; (next = memmem(next, have - (size_t)(next - seen), text, strlen(text))); next++)
		at = next;
	return at;
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status = 0, number;
	struct termios before, after;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	if (argc < 3 || master < 0 || grantpt(master) || unlockpt(master))
		return 2;
	bool is_stop = !strcmp(argv[1], "stop"), is_unread = !strcmp(argv[1], "unread");
	number = is_stop || is_unread ? SIGTERM : atoi(argv[1]);
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &before) || ioctl(slave, TIOCSWINSZ, &size))
		return 2;
	pid_t pid = fork();
	if (!pid) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(slave, fd);
		setenv("TERM", "xterm", 1);
		/* A shell starts what runs in the background with SIGINT and SIGQUIT ignored, and ecli leaves it at that. */
		for (int other = 1; other <= SIGRTMAX; other++)
			signal(other, SIG_DFL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (!last("\033[?1049h") || !last("rows ")) {
		if (!read_some(master, -1) || waitpid(pid, &status, WNOHANG)) {
			printf("it took no screen: %s\n", seen);
			return 1;
		}
	}
	if (is_stop && (write(master, "\023", 1) != 1 || write(master, "+", 1) != 1))
		return 2;
	/* Each key makes it draw, when it is not read together with the next one: far more than a terminal holds that nobody reads. */
	for (int i = 0; is_unread && i < 200; i++) {
		if (write(master, "h", 1) != 1)
			return 2;
		usleep(20000);
	}
	kill(pid, number);
	for (;;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		if (!is_stop && !is_unread)
			read_some(master, 100);
		else
			usleep(20000);
	}
	if (is_stop)
		tcflow(slave, TCOON);
	while (read_some(master, 0))
		;
	if (tcgetattr(slave, &after))
		return 2;
	if (before.c_lflag != after.c_lflag || before.c_iflag != after.c_iflag || before.c_oflag != after.c_oflag) {
		printf("the modes are others: %x %x %x instead of %x %x %x\n", after.c_lflag, after.c_iflag,
		       after.c_oflag, before.c_lflag, before.c_iflag, before.c_oflag);
		return 1;
	}
	if (!is_stop && !is_unread && (!last("\033[?1049l") || last("\033[?1049l") < last("\033[?1049h"))) {
		printf("the alternate screen is still there\n");
		return 1;
	}
	printf("ok %s %d\n", WIFSIGNALED(status) ? "by signal" : "with status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 0;
}
