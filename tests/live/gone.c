/* SPDX-License-Identifier: MIT */
/*
 * A process that is gone before anybody looks: uses CPU time in burn_brief(), and ends. gone [MS [copy]]; copy: in a child that is a copy of it, and
 * whose parent has ended by then, too.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long turns;

static long long cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

__attribute__((noinline)) static void burn_brief(long long ms)
{
	long long end = cpu_ns() + ms * 1000000;

	while (cpu_ns() < end)
		for (int i = 0; i < 100000; i++)
			turns++;
}

int main(int argc, char **argv)
{
	if (argc > 2) {
		pid_t pid = fork();

		if (pid)
			return waitpid(pid, NULL, 0) != pid;
	}
	burn_brief(argc > 1 ? atoi(argv[1]) : 30);
	return 0;
}
