/* SPDX-License-Identifier: MIT */
/* mark N [stay]: calls prctl(2) N times with arguments nobody else uses, the index last; mark_call() is there for a uprobe. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef MARK_OPTION /* or one of its own, for a test that does not take its turn (tests/lib.sh) */
#define MARK_OPTION 0x6d61726b
#endif

__attribute__((noinline)) void mark_call(long index)
{
	prctl(MARK_OPTION, index, 0, 0, 0);
	__asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	for (long i = 0; i < count; i++)
		mark_call(i);
	if (argc > 2) {
		printf("%d\n", getpid());
		fflush(stdout);
		pause();
	}
	return 0;
}
