/* SPDX-License-Identifier: MIT */
/*
 * stop_at COUNT SIGNAL COMMAND [ARG...]: runs a command, sends it a signal when it has made COUNT steps (system calls begun or ended), and lets it
 * go on freely. So moments are spread over all that a command does, whatever machine it runs on. When it waits for something that does not come
 * it makes no more steps, and the signal is sent then. COUNT 0: no signal. Prints one line:
 *
 *     steps N cpu_ms N ended 0|by SIGNAL
 *
 * steps: those that were made before the signal, or in all; cpu_ms: CPU time of it (not of its children) after the signal. Status 0 when it ended,
 * however it did. That it does end is for others to see (patient).
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOKS 20 /* so many in a row that find it asleep: it waits for what does not come */

static double cpu_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec now;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &now))
		return 0;
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool sleeps(pid_t pid)
{
	char path[32], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	size_t len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	const char *end = strrchr(text, ')');
	return end && end[1] && end[2] == 'S';
}

/* The next stop or end, as wait4(2). 0: it sleeps. */
static pid_t next(pid_t pid, int *ret_status, struct rusage *ret_used)
{
	for (int looks = 0; looks < LOOKS;) {
		pid_t r = wait4(pid, ret_status, WNOHANG, ret_used);

		if (r)
			return r;
		looks = sleeps(pid) ? looks + 1 : 0;
		if (looks > 1)
			usleep(25000);
	}
	return 0;
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
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL)) {
		fprintf(stderr, "stop_at: cannot follow: %s\n", strerror(errno));
		return 1;
	}
	for (;;) {
		pid_t r = count ? next(pid, &status, &used) : wait4(pid, &status, 0, &used);

		if (!r)
			break;
		if (r != pid)
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
	bool is_asleep = !!ptrace(PTRACE_GETSIGINFO, pid, NULL, &(siginfo_t){ 0 });
	double before_ms = cpu_ms(pid);
	int with = 0;

	kill(pid, number);
	if (is_asleep) {
		if (wait4(pid, &status, 0, &used) != pid)
			return 1;
		if (!WIFSTOPPED(status)) {
			tell(steps, 0, status);
			return 0;
		}
		with = WSTOPSIG(status) == number ? number : 0;
	}
	ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)with);
	if (wait4(pid, &status, 0, &used) != pid)
		return 1;
	tell(steps,
	     (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
		     (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3 - before_ms,
	     status);
	return 0;
}
