/* SPDX-License-Identifier: MIT */
/*
 * Programs that take each other's place. Compiled at a fixed address (-no-pie) with SPIN, the name of the function that uses CPU time:
 *
 *     MS [PROGRAM ARG...]     uses so much of it, then becomes the other program: the same pid
 *     again MS PROGRAM PID    the same in a child of that pid that ends, and then the other program in one that gets its pid
 *     moved MS                with its function's page copied to memory of no file, at its own place
 *
 * again ends with 77 when the pid cannot be had.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };
static volatile unsigned long turns;

/* A page of its own, which calls nothing. */
__attribute__((noinline, aligned(4096), section(".text.spin"))) void SPIN(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		turns++;
}
__attribute__((noinline, aligned(4096), section(".text.spin"), used)) static void behind(void)
{
	__asm__ volatile("nop");
}

static void burn(long ms)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	do {
		SPIN(1000000);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

/* As fork(2), with that pid: struct clone_args of linux/sched.h. */
static pid_t fork_as(pid_t pid)
{
	struct {
		unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
			set_tid_size;
	} args = { .exit_signal = SIGCHLD, .set_tid = (unsigned long)&pid, .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t try_as(pid_t pid)
{
	pid_t child = -1;

	for (int tries = 0; child < 0 && tries < 1000; tries++)
		child = fork_as(pid);
	return child;
}

static int again(char *ms, char *program, pid_t pid)
{
	pid_t first = try_as(pid), second;

	if (!first) {
		burn(atol(ms));
		_exit(0);
	}
	if (first < 0)
		return 77;
	waitpid(first, NULL, 0);
	second = try_as(pid);
	if (!second)
		_exit(execl(program, program, ms, (char *)NULL));
	return second < 0 ? 77 : waitpid(second, NULL, 0) != second;
}

static void move_page(void)
{
	char *page = (char *)SPIN, *copy = malloc(PAGE);

	memcpy(copy, page, PAGE);
	if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
		exit(1);
	memcpy(page, copy, PAGE);
	mprotect(page, PAGE, PROT_READ | PROT_EXEC);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "again"))
		return again(argv[2], argv[3], atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "moved"))
		move_page();
	burn(atol(argv[argc == 3 && !strcmp(argv[1], "moved") ? 2 : 1]));
	if (argc > 2 && strcmp(argv[1], "moved") != 0)
		execv(argv[2], argv + 2);
	return 0;
}
