/* SPDX-License-Identifier: MIT */
/*
 * The workload of the tools that show stacks: known functions that do known amounts of one thing. Begins when a line comes on standard
 * input, prints what it did, and lives on until the input ends, so that its addresses keep their names.
 *
 *     truth_stack_load burn     burn_short and burn_long use CPU:   function burn_long US 1500000 COUNT 0
 *     truth_stack_load nap      nap_short and nap_long sleep        (US: without a CPU, measured around each sleep)
 *     truth_stack_load wake     the thread truth-waker wakes truth-target, through wake_up()
 *     truth_stack_load leak     leak_small, leak_cleared, leak_grown, leak_aligned keep memory, keep_nothing does not (US: bytes)
 *     truth_stack_load ways     turn_left and turn_right call each other in 8,704 orders, and each keeps memory at its end (US: bytes); few_ways: in 1,200
 *
 * Every function has a frame pointer and calls nothing last, so that it is on the stack of whoever looks.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "workload.h"

#define NOT_LAST() __asm__ volatile("" ::: "memory")
#define PLAIN      __attribute__((noinline, noclone))

static void tell(const char *function, uint64_t us, uint64_t count)
{
	printf("function %s %llu %llu\n", function, (unsigned long long)us, (unsigned long long)count);
}

/* ---- CPU ------------------------------------------------------------------------------------------------------- */

static volatile uint64_t sink;

static PLAIN void burn_until(int64_t end_ns)
{
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end_ns)
		for (int i = 0; i < 20000; i++)
			sink += (uint64_t)i * i;
	NOT_LAST();
}

static PLAIN uint64_t burn_short(int64_t ms)
{
	int64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	burn_until(start + ms * NS_PER_MS);
	NOT_LAST();
	return (uint64_t)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1000;
}

static PLAIN uint64_t burn_long(int64_t ms)
{
	int64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	burn_until(start + ms * NS_PER_MS);
	NOT_LAST();
	return (uint64_t)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1000;
}

static void burn(void)
{
	uint64_t short_us = 0, long_us = 0;

	for (int i = 0; i < 5; i++) {
		short_us += burn_short(100);
		long_us += burn_long(300);
	}
	tell("burn_short", short_us, 0);
	tell("burn_long", long_us, 0);
}

/* ---- sleep ----------------------------------------------------------------------------------------------------- */

/* The C library's own functions mostly have no frame, and then their caller is missing from stacks: this one, not what is looked for. */
static PLAIN void rest(int64_t ms)
{
	sleep_ms(ms);
	NOT_LAST();
}

/* The time that passed without a CPU: what the kernel says this thread has used does not count, such as the way into the kernel and out again. */
static int64_t off_cpu_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC) - clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static PLAIN uint64_t nap_short(void)
{
	int64_t start = off_cpu_ns();

	rest(5);
	NOT_LAST();
	return (uint64_t)(off_cpu_ns() - start) / 1000;
}

static PLAIN uint64_t nap_long(void)
{
	int64_t start = off_cpu_ns();

	rest(40);
	NOT_LAST();
	return (uint64_t)(off_cpu_ns() - start) / 1000;
}

#define LATE_US 30000 /* a short one that took so long is none */

static void nap(void)
{
	uint64_t short_us = 0, long_us = 0, late_us = 0;
	unsigned int late = 0;

	for (int i = 0; i < 20; i++) {
		uint64_t us = nap_short();

		short_us += us;
		if (us >= LATE_US) { /* on a busy machine */
			late_us += us;
			late++;
		}
		long_us += nap_long();
	}
	tell("nap_short", short_us, 20);
	tell("nap_long", long_us, 20);
	tell("nap_short_late", late_us, late);
}

/* ---- wakeups --------------------------------------------------------------------------------------------------- */

#define WAKEUPS 20

static int channel[2];
static uint64_t slept_us;

static PLAIN void send_byte(void)
{
	if (write(channel[1], "x", 1) != 1)
		die("cannot write into the pipe");
	NOT_LAST();
}

static PLAIN void wake_up(void)
{
	send_byte();
	NOT_LAST();
}

static void *target(void *unused)
{
	char byte;

	(void)unused;
	prctl(PR_SET_NAME, "truth-target");
	for (int i = 0; i < WAKEUPS; i++) {
		int64_t start = clock_ns(CLOCK_MONOTONIC);

		if (read(channel[0], &byte, 1) != 1)
			die("cannot read from the pipe");
		slept_us += (uint64_t)(clock_ns(CLOCK_MONOTONIC) - start) / 1000;
	}
	return NULL;
}

static void *waker(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "truth-waker");
	for (int i = 0; i < WAKEUPS; i++) {
		sleep_ms(30);
		wake_up();
	}
	return NULL;
}

static void wake(void)
{
	pthread_t threads[2];

	if (pipe(channel))
		die("no pipe");
	if (pthread_create(&threads[0], NULL, target, NULL) || pthread_create(&threads[1], NULL, waker, NULL))
		die("no threads");
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	tell("wake_up", slept_us, WAKEUPS);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static void *volatile kept;

static PLAIN void leak_small(void)
{
	for (int i = 0; i < 100; i++)
		kept = malloc(24);
	NOT_LAST();
}

static PLAIN void leak_cleared(void)
{
	for (int i = 0; i < 10; i++)
		kept = calloc(100, 1000);
	NOT_LAST();
}

static PLAIN void leak_grown(void)
{
	for (int i = 0; i < 5; i++) {
		void *piece = malloc(10);

		kept = piece;
		kept = realloc(piece, 4096);
	}
	NOT_LAST();
}

static PLAIN void leak_aligned(void)
{
	void *piece = NULL;

	for (int i = 0; i < 3; i++) {
		if (posix_memalign(&piece, 64, 512))
			die("no memory");
		kept = piece;
	}
	NOT_LAST();
}

static PLAIN void keep_nothing(void)
{
	for (int i = 0; i < 1000; i++) {
		kept = malloc(33);
		free(kept);
		kept = realloc(NULL, 77);
		free(kept);
	}
	NOT_LAST();
}

static void leak(void)
{
	leak_small();
	leak_cleared();
	leak_grown();
	leak_aligned();
	keep_nothing();
	tell("leak_small", 100 * 24, 100);
	tell("leak_cleared", 10 * 100 * 1000, 10);
	tell("leak_grown", 5 * 4096, 5);
	tell("leak_aligned", 3 * 512, 3);
}

/* ---- many stacks ----------------------------------------------------------------------------------------------- */

#define WAYS     8704 /* more than half of the stacks that tools have room for */
#define FEW_WAYS 1200
#define TURNS    14 /* 2^14 are enough */
#define WAY_SIZE 16

static void walk(unsigned int way, unsigned int turns);

static PLAIN void turn_left(unsigned int way, unsigned int turns)
{
	walk(way, turns);
	NOT_LAST();
}

static PLAIN void turn_right(unsigned int way, unsigned int turns)
{
	walk(way, turns);
	NOT_LAST();
}

static PLAIN void arrive(void)
{
	kept = malloc(WAY_SIZE);
	NOT_LAST();
}

static PLAIN void walk(unsigned int way, unsigned int turns)
{
	if (!turns)
		arrive();
	else if (way & 1)
		turn_left(way >> 1, turns - 1);
	else
		turn_right(way >> 1, turns - 1);
	NOT_LAST();
}

static void go(unsigned int ways)
{
	for (unsigned int way = 0; way < ways; way++)
		walk(way, TURNS);
	tell("arrive", ways * WAY_SIZE, ways);
}

static void ways(void)
{
	go(WAYS);
}

static void few_ways(void)
{
	go(FEW_WAYS);
}

/* ---------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(void);
} modes[] = { { "burn", burn }, { "nap", nap },   { "wake", wake },
	      { "leak", leak }, { "ways", ways }, { "few_ways", few_ways } };

int main(int argc, char **argv)
{
	char buffer[4096];

	setvbuf(stdout, malloc(BUFSIZ), _IOFBF, BUFSIZ);
	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		printf("pid %d\n", (int)getpid());
		fflush(stdout);
		if (read(STDIN_FILENO, buffer, sizeof(buffer)) <= 0)
			die("nobody said go");
		modes[i].run();
		printf("done\n");
		fflush(stdout);
		while (read(STDIN_FILENO, buffer, sizeof(buffer)) > 0)
			;
		return 0;
	}
	die("burn, nap, wake, leak, ways or few_ways");
}
