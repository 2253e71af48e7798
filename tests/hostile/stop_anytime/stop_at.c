/* SPDX-License-Identifier: MIT */
/*
 * stop_at COUNT SIGNAL COMMAND [ARG...]: runs a command, sends it a signal when it has made COUNT steps (system calls begun or ended), and lets it
 * go on freely. So moments are spread over all that a command does, whatever machine it runs on. COUNT 0: no signal. Prints one line:
 *
 *     steps N cpu_ms N ended 0|by SIGNAL
 *
 * steps: those that were made before the signal, or in all; cpu_ms: CPU time of it (not of its children) after the signal. Status 0 when it ended,
 * however it did. That it does end is for others to see (patient).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec now;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &now))
		return 0;
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void tell(unsigned long steps, double used_ms, int status)
{
	if (WIFEXITED(status))
		printf("steps %lu cpu_ms %.0f ended %d\n", steps, used_ms, WEXITSTATUS(status));
	else
		printf("steps %lu cpu_ms %.0f ended by %d\n", steps, used_ms, WTERMSIG(status));
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 3 ? strtoul(argv[1], NULL, 10) : 0, steps = 0;
	int number = argc > 3 ? atoi(argv[2]) : 0, status;
	struct rusage used;

	if (argc < 4)
		return 2;
	pid_t pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL)) {
		fprintf(stderr, "stop_at: cannot follow: %s\n", strerror(errno));
		return 1;
	}
	for (;;) {
		if (wait4(pid, &status, 0, &used) != pid)
			return 1;
		if (!WIFSTOPPED(status)) {
			tell(steps, 0, status);
			return 0;
		}
		int with = WSTOPSIG(status) == (SIGTRAP | 0x80) || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (count && ++steps == count)
			break;
		steps += !count;
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)with);
	}
	double before_ms = cpu_ms(pid);
	kill(pid, number);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (wait4(pid, &status, 0, &used) != pid)
		return 1;
	tell(steps,
	     (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
		     (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3 - before_ms,
	     status);
	return 0;
}
