/* SPDX-License-Identifier: MIT */
/*
 * The workload of the tools that show stacks: known functions that do known amounts of one thing. Says "process PID" and "ready", begins when a line comes
 * on standard input, prints what it did and "done", and lives on until the input ends, so that its addresses keep their names.
 *
 *     truth_stack_load burn     burn_short and burn_long use CPU: function burn_long 1500000 1490000: microseconds of CPU time, and those for which the thread surely ran
 *     truth_stack_load nap      nap_short and nap_long sleep: nap FUNCTION LEAST_US MOST_US COUNT ASKED_US, a line a sleep: without a CPU at least and at most, how often, and as asked for;
 *                               others COUNT: how often it came onto a CPU else; pidns NUMBER: its namespace of process ids
 *     truth_stack_load wake     the thread truth-waker wakes truth-target, through wake_up(): wake LEAST_US MOST_US, a line a sleep
 *     truth_stack_load leak     leak_small, leak_cleared, leak_grown, leak_aligned keep memory, keep_nothing does not (US: bytes)
 *     truth_stack_load ways     turn_left and turn_right call each other in 8,704 orders, and each keeps memory at its end (US: bytes); few_ways: in 1,200
 *
 * Always, before "done": process_us US, the CPU time of the process until then.
 *
 * Every function has a frame pointer and calls nothing last, so that it is on the stack of whoever looks.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

#define GAP_NS 500000 /* between two readings of the clock: the thread may not have run, or the whole machine */

struct burnt {
	int64_t cpu_ns, sure_ns;
};

static PLAIN void burn_until(int64_t end_ns, struct burnt *sum)
{
	int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID), time = clock_ns(CLOCK_MONOTONIC);

	while (cpu < end_ns) {
		for (int i = 0; i < 2000; i++)
			sink += (uint64_t)i * i;

		int64_t cpu_now = clock_ns(CLOCK_THREAD_CPUTIME_ID), now = clock_ns(CLOCK_MONOTONIC);

		sum->cpu_ns += cpu_now - cpu;
		if (now - time < GAP_NS)
			sum->sure_ns += cpu_now - cpu;
		cpu = cpu_now;
		time = now;
	}
	NOT_LAST();
}

static PLAIN void burn_short(int64_t ms, struct burnt *sum)
{
	burn_until(clock_ns(CLOCK_THREAD_CPUTIME_ID) + ms * NS_PER_MS, sum);
	NOT_LAST();
}

static PLAIN void burn_long(int64_t ms, struct burnt *sum)
{
	burn_until(clock_ns(CLOCK_THREAD_CPUTIME_ID) + ms * NS_PER_MS, sum);
	NOT_LAST();
}

static void burn(void)
{
	struct burnt shorts = { 0 }, longs = { 0 };

	for (int i = 0; i < 5; i++) {
		burn_short(100, &shorts);
		burn_long(300, &longs);
	}
	tell("burn_short", (uint64_t)shorts.cpu_ns / 1000, (uint64_t)shorts.sure_ns / 1000);
	tell("burn_long", (uint64_t)longs.cpu_ns / 1000, (uint64_t)longs.sure_ns / 1000);
}

/* ---- sleep ----------------------------------------------------------------------------------------------------- */

/* The C library's own functions mostly have no frame, and then their caller is missing from stacks: this one, not what is looked for. */
static PLAIN void rest(int64_t ms)
{
	sleep_ms(ms);
	NOT_LAST();
}

static PLAIN void nap_short(void)
{
	rest(5);
	NOT_LAST();
}

static PLAIN void nap_long(void)
{
	rest(40);
	NOT_LAST();
}

/* What the scheduler has counted: nanoseconds that the thread waited for a CPU, and how often it got one. */
static void read_waits(int64_t *ret_waited_ns, int64_t *ret_count)
{
	FILE *stream = fopen("/proc/thread-self/schedstat", "re");
	long long waited, count;

	if (!stream || fscanf(stream, "%*d %lld %lld", &waited, &count) != 2)
		die("this kernel has no schedstat");
	fclose(stream);
	*ret_waited_ns = waited;
	*ret_count = count;
}

/*
 * At most: the time that passed. At least: the sleep, and the time it then waited for a CPU; into the sleep the thread goes by itself, which takes
 * microseconds.
 */
static int64_t naps_count;

static void measure_nap(const char *name, void (*function)(void), int64_t ms)
{
	int64_t waited[2], count[2], most_ns;

	read_waits(&waited[0], &count[0]);
	most_ns = -clock_ns(CLOCK_MONOTONIC);
	function();
	most_ns += clock_ns(CLOCK_MONOTONIC);
	read_waits(&waited[1], &count[1]);
	naps_count += count[1] - count[0];
	printf("nap %s %lld %lld %lld %lld\n", name, (long long)(ms * 1000 + (waited[1] - waited[0]) / 1000),
	       (long long)most_ns / 1000, (long long)(count[1] - count[0]), (long long)ms * 1000);
}

static void nap(void)
{
	int64_t waited, count;
	struct stat ns;

	for (int i = 0; i < 20; i++) {
		measure_nap("nap_short", nap_short, 5);
		measure_nap("nap_long", nap_long, 40);
	}
	read_waits(&waited, &count);
	if (stat("/proc/self/ns/pid", &ns))
		die("this kernel has no namespaces");
	printf("others %lld\npidns %llu\n", (long long)(count - naps_count), (unsigned long long)ns.st_ino);
}

/* ---- wakeups --------------------------------------------------------------------------------------------------- */

#define WAKEUPS 20

static int channel[2];
static pid_t target_tid;
static pthread_barrier_t target_known;
static int64_t least_ns[WAKEUPS], most_ns[WAKEUPS];

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
	target_tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&target_known);
	for (int i = 0; i < WAKEUPS; i++) {
		int64_t start = clock_ns(CLOCK_MONOTONIC);

		if (read(channel[0], &byte, 1) != 1)
			die("cannot read from the pipe");
		most_ns[i] = clock_ns(CLOCK_MONOTONIC) - start;
	}
	return NULL;
}

/* It sleeps at least from when it surely sleeps until the byte is written. */
static void *waker(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "truth-waker");
	pthread_barrier_wait(&target_known);
	for (int i = 0; i < WAKEUPS; i++) {
		wait_asleep(target_tid);

		int64_t asleep = clock_ns(CLOCK_MONOTONIC);

		sleep_ms(30);
		least_ns[i] = clock_ns(CLOCK_MONOTONIC) - asleep;
		wake_up();
	}
	return NULL;
}

static void wake(void)
{
	pthread_t threads[2];

	if (pipe(channel) || pthread_barrier_init(&target_known, NULL, 2))
		die("no pipe");
	if (pthread_create(&threads[0], NULL, target, NULL) || pthread_create(&threads[1], NULL, waker, NULL))
		die("no threads");
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	for (int i = 0; i < WAKEUPS; i++)
		printf("wake %lld %lld\n", (long long)least_ns[i] / 1000, (long long)most_ns[i] / 1000);
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
		printf("process %d\nready\n", (int)getpid());
		fflush(stdout);
		if (read(STDIN_FILENO, buffer, sizeof(buffer)) <= 0)
			die("nobody said go");
		modes[i].run();
		printf("process_us %lld\n", (long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000);
		printf("done\n");
		fflush(stdout);
		while (read(STDIN_FILENO, buffer, sizeof(buffer)) > 0)
			;
		return 0;
	}
	die("burn, nap, wake, leak, ways or few_ways");
}
