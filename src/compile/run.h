/* SPDX-License-Identifier: MIT */
/*
 * A time in which signals wait, and a child process inside it. Between ecli_calm_begin() and ecli_calm_end() a Ctrl-C,
 * SIGTERM or SIGHUP interrupts nothing but the wait for a child: temporary files can be removed before the signal takes
 * its course.
 */
#ifndef ECLI_COMPILE_RUN_H
#define ECLI_COMPILE_RUN_H

#include <signal.h>

#include <ecli/base.h>

struct ecli_calm {
	sigset_t old_mask;
	struct sigaction old_child; /* SIGCHLD must not be ignored, or there is no exit status */
	int fd;                     /* signalfd */
	int signal;                 /* the one that came, 0: none */
};

int ecli_calm_begin(struct ecli_calm *calm, struct ecli_err *err);
/* Whether a signal came; asks without waiting. */
bool ecli_calm_is_broken(struct ecli_calm *calm);
/* Gives signals their course again; one that came is raised now, and usually ends the process here. */
void ecli_calm_end(struct ecli_calm *calm);

/*
 * Runs @argv (argv[0]: a path, or a name to look for in PATH) with @stdout_fd as its standard output and waits. @keep_fds: -1-terminated descriptors
 * it inherits besides. @ret_status: as from wait(2). Errors: -EINTR when a signal came (the child is ended), what
 * execve says.
 */
int ecli_run(struct ecli_calm *calm, char *const argv[], int stdout_fd, const int *keep_fds, struct ecli_err *err,
	     int *ret_status);

#endif
