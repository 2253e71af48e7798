/* SPDX-License-Identifier: MIT */
/*
 * Signals of `ecli run` (docs/design/0015-hostile.md).
 *
 *                 loading         attached          first signal            second signal
 *     INT TERM    ends at once    a descriptor ───> less than a second ───> ends at once
 *     HUP                                           for what is left
 *     USR1        waits           a descriptor: sampled maps are looked at
 *     PIPE        ignored: a reader who left is a normal end
 *
 * "At once" is the kernel's work, by the usual action of a signal, which needs nobody who looks. The session says when that must not be, because
 * something is attached that would stay: then these signals are blocked. A process that was ended so has the status 128 + N, one that ended after
 * its first signal that of its run.
 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../common/say.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

#define LAST_MS 100 /* for messages that wait, after a run */

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static bool is_ignored(int number)
{
	struct sigaction now;

	return !sigaction(number, NULL, &now) && now.sa_handler == SIG_IGN;
}

/* Under nohup a run outlives its terminal. SIGINT is served also when it is ignored, as it is for what a script starts with "&". */
static sigset_t ending_set(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_ELEMENTS(ending); i++)
		if (ending[i] != SIGHUP || !is_ignored(SIGHUP))
			sigaddset(&set, ending[i]);
	return set;
}

static void on_hold(void *ctx, bool holds)
{
	struct run *run = ctx;
	sigset_t set = ending_set();

	run->was_held |= holds;
	sigprocmask(holds ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static int open_fd(const sigset_t *set, struct ecli_err *err)
{
	int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);

	return fd >= 0 ? fd : ecli_err_set(err, -errno, "cannot wait for signals: %s", strerror(errno));
}

int run_signals_begin(struct run *run, struct ecli_err *err)
{
	sigset_t ends = ending_set(), looks;
	struct ecli_session_opts *session = &run->session;

	sigemptyset(&looks);
	sigaddset(&looks, SIGUSR1);
	sigprocmask(SIG_BLOCK, &looks, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (is_ignored(SIGINT))
		signal(SIGINT, SIG_DFL);
	session->signal_fd = open_fd(&ends, err);
	if (session->signal_fd < 0)
		return session->signal_fd;
	session->look_fd = open_fd(&looks, err);
	if (session->look_fd < 0) {
		close(session->signal_fd);
		return session->look_fd;
	}
	session->on_hold = on_hold;
	say_without_waiting();
	return 0;
}

void run_signals_end(struct run *run)
{
	close(run->session.signal_fd);
	close(run->session.look_fd);
	/* Before anything was attached ecli is like any program, whose last words wait for their reader until a signal comes. */
	say_wait_again(run->was_held ? LAST_MS : -1);
}
