/* SPDX-License-Identifier: MIT */
/*
 * System calls of known number, result and length, for syscount.
 *
 *     truth_syscall_load
 *
 *     process PID                 at once, then "ready", and it waits
 *     NAME COUNT FAILED ERRORS LEAST_MS MOST_NS
 *                                 at the end, one line a call: how often, how often in vain, how often with ENOENT, and for how long in all, at least and at most
 *
 * Made by a process and a thread of it. Calls that the C library makes for itself are others than these. The thread's end
 * (exit) and that of a child that only exits are calls that never return.
 */
#include "workload.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS     1000
#define NAPS      20
#define NAP_MS    10
#define THREAD_NS 250

static void must(long got, long want, const char *what)
{
	if (got != want)
		die("%s returned %ld and not %ld", what, got, want);
}

static void *thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < THREAD_NS; i++)
		must(syscall(SYS_getpgid, 0) >= 0, 1, "getpgid");
	return NULL;
}

static void ignore(int signal)
{
	(void)signal;
}

/* Returns the nanoseconds of all the naps. */
static int64_t make_calls(void)
{
	int64_t napped_ns;
	struct timespec nap = { 0, NAP_MS * NS_PER_MS };
	pthread_t other;

	if (pthread_create(&other, NULL, thread, NULL))
		die("cannot start a thread");
	for (int i = 0; i < CALLS; i++) {
		must(syscall(SYS_getpgid, 0) >= 0, 1, "getpgid");
		must(syscall(SYS_fchdir, -1), -1, "fchdir");
		must(syscall(SYS_readlinkat, AT_FDCWD, i % 4 ? "/proc/self/nothing" : "", NULL, i % 4 ? 1 : 0), -1,
		     "readlinkat");
	}
	napped_ns = -clock_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < NAPS; i++)
		must(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &nap, NULL), 0, "clock_nanosleep");
	napped_ns += clock_ns(CLOCK_MONOTONIC);
	pthread_join(other, NULL);
	/* Handlers return through a call whose end has no number (rt_sigreturn). */
	signal(SIGUSR1, ignore);
	for (int i = 0; i < CALLS; i++)
		must(raise(SIGUSR1), 0, "raise");
	return napped_ns;
}

int main(void)
{
	int64_t all_ns, napped_ns;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("process %d\n", getpid());
	wait_for("ready");
	all_ns = -clock_ns(CLOCK_MONOTONIC);
	napped_ns = make_calls();
	all_ns += clock_ns(CLOCK_MONOTONIC);
	/* Of two threads. */
	printf("getpgid %d 0 0 0 %lld\n", CALLS + THREAD_NS, (long long)all_ns * 2);
	printf("fchdir %d %d 0 0 %lld\n", CALLS, CALLS, (long long)all_ns);
	printf("readlinkat %d %d %d 0 %lld\n", CALLS, CALLS, CALLS * 3 / 4, (long long)all_ns);
	printf("clock_nanosleep %d 0 0 %d %lld\n", NAPS, NAPS * NAP_MS, (long long)napped_ns);
	printf("rt_sigreturn %d 0 0 0 %lld\n", CALLS, (long long)all_ns);
	wait_for("done");
	return 0;
}
