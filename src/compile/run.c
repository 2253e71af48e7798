/* SPDX-License-Identifier: MIT */
/*
 * Signals are blocked and read from a descriptor, so nothing happens at a bad moment and no handler is needed. Signals
 * that the process ignores (nohup) stay ignored. The child gets the mask and the standard error of its parent: what it
 * has to say goes to the person as it is.
 */
#include "compile/run.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/cleanup.h"

#define PATIENCE_MS 300 /* for a child that was asked to end */

extern char **environ;

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

int ecli_calm_begin(struct ecli_calm *calm, struct ecli_err *err)
{
	struct sigaction fallback = { .sa_handler = SIG_DFL };
	sigset_t mask;

	*calm = (struct ecli_calm){ .fd = -1 };
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++) {
		struct sigaction now;

		/* A blocked signal is queued even when it is ignored: such a one must stay out. */
		if (!sigaction(ending_signals[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(&mask, ending_signals[i]);
	}
	calm->fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (calm->fd < 0)
		return ecli_err_set(err, -errno, "cannot wait for signals: %s", strerror(errno));
	sigaction(SIGCHLD, &fallback, &calm->old_child);
	sigprocmask(SIG_BLOCK, &mask, &calm->old_mask);
	return 0;
}

bool ecli_calm_is_broken(struct ecli_calm *calm)
{
	struct signalfd_siginfo info;

	while (read(calm->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD && !calm->signal)
			calm->signal = (int)info.ssi_signo;
	return calm->signal != 0;
}

void ecli_calm_end(struct ecli_calm *calm)
{
	if (calm->fd < 0)
		return;
	ecli_calm_is_broken(calm);
	close(calm->fd);
	calm->fd = -1;
	sigaction(SIGCHLD, &calm->old_child, NULL);
	if (calm->signal)
		raise(calm->signal); /* waits for the mask */
	sigprocmask(SIG_SETMASK, &calm->old_mask, NULL);
}

static int spawn(struct ecli_calm *calm, char *const argv[], int stdout_fd, const int *keep_fds, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t usual;

	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	int r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attr);
	if (r) {
		posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	r = posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
	/* dup2 onto itself takes the close-on-exec flag away. */
	for (; !r && *keep_fds >= 0; keep_fds++)
		r = posix_spawn_file_actions_adddup2(&actions, *keep_fds, *keep_fds);
	if (!r)
		r = posix_spawnattr_setsigmask(&attr, &calm->old_mask);
	if (!r)
		r = posix_spawnattr_setsigdefault(&attr, &usual); /* a program may ignore it, its child should not */
	if (!r)
		r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!r)
		r = posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Asks the child to end, and ends it soon after. */
static void end_child(struct ecli_calm *calm, pid_t pid, int *ret_status)
{
	struct pollfd poll_fd = { .fd = calm->fd, .events = POLLIN };

	kill(pid, SIGTERM);
	while (waitpid(pid, ret_status, WNOHANG) == 0) {
		if (poll(&poll_fd, 1, PATIENCE_MS) == 0)
			kill(pid, SIGKILL);
		ecli_calm_is_broken(calm); /* takes the signals away: one of them may tell of the child's end */
	}
}

int ecli_run(struct ecli_calm *calm, char *const argv[], int stdout_fd, const int *keep_fds, struct ecli_err *err,
	     int *ret_status)
{
	pid_t pid;

	int r = spawn(calm, argv, stdout_fd, keep_fds, &pid);
	if (r)
		return ecli_err_set(err, r, "cannot run %s: %s", argv[0], strerror(-r));
	for (;;) {
		struct pollfd poll_fd = { .fd = calm->fd, .events = POLLIN };
		pid_t ended = waitpid(pid, ret_status, WNOHANG);

		if (ended == pid)
			break;
		if (ended < 0)
			return ecli_err_set(err, -errno, "cannot wait for %s: %s", argv[0], strerror(errno));
		poll(&poll_fd, 1, -1);
		if (ecli_calm_is_broken(calm)) {
			end_child(calm, pid, ret_status);
			break;
		}
	}
	if (ecli_calm_is_broken(calm))
		return ecli_err_set(err, -EINTR, "interrupted");
	return 0;
}
