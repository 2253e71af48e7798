/* SPDX-License-Identifier: MIT */
/*
 * frames_load A B: marks from alpha() A times and from beta() B times, then lives on until its input ends. Each
 * function has a frame, so that it is found on the stack; mark() is the one that the C library's own missing frame hides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PLAIN      __attribute__((noinline, noclone))
#define NOT_LAST() __asm__ volatile("" ::: "memory")

static PLAIN void mark(long index)
{
	prctl(0x6d61726b, index, 0, 0, 0);
	NOT_LAST();
}

PLAIN void alpha(long index)
{
	mark(index);
	NOT_LAST();
}

PLAIN void beta(long index)
{
	mark(index);
	NOT_LAST();
}

int main(int argc, char **argv)
{
	char byte;

	for (long i = 0; argc > 2 && i < atol(argv[1]); i++)
		alpha(i);
	for (long i = 0; argc > 2 && i < atol(argv[2]); i++)
		beta(i);
	printf("done\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
