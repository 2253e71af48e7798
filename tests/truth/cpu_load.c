/* SPDX-License-Identifier: MIT */
/*
 * Threads whose every turn on a CPU the kernel counts, for cpudist.
 *
 *     truth_cpu_load SECONDS
 *
 *     process PID                      at once, then "ready", and it waits
 *     thread NAME TID                  one line a thread
 *     ran NAME TID NS SWITCHES LIFE_NS at the end: time on a CPU and how often it left one, as the scheduler counted, and wall time
 *
 * The threads: one that always wants a CPU, one that sleeps SLEEP_MS and works a little in turns, and one that gives its CPU away all the
 * time. While it is measured a thread is off the CPU, before and after: then every turn that the kernel has counted has ended.
 * Source: /proc/PID/task/TID/schedstat (first number) and the lines "..._ctxt_switches" of .../status.
 */
#include "workload.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLEEP_MS 5

static pthread_barrier_t ready, go, done, measured;
static int64_t run_ns;

static void burn(int64_t ns)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + ns;

	while (clock_ns(CLOCK_MONOTONIC) < until)
		;
}

static void spin(void)
{
	burn(run_ns);
}

static void nap(void)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + run_ns;

	while (clock_ns(CLOCK_MONOTONIC) < until) {
		sleep_ms(SLEEP_MS);
		burn(NS_PER_MS / 2);
	}
}

static void yield(void)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + run_ns;

	while (clock_ns(CLOCK_MONOTONIC) < until)
		sched_yield();
}

struct worker {
	const char *name;
	void (*work)(void);
	pthread_t thread;
	pid_t tid;
	int64_t ran_ns, switches, life_ns;
};

static struct worker workers[] = {
	{ .name = "spinner", .work = spin },
	{ .name = "sleeper", .work = nap },
	{ .name = "yielder", .work = yield },
};
#define WORKERS (sizeof(workers) / sizeof(workers[0]))

static void *run(void *arg)
{
	struct worker *worker = arg;

	worker->tid = (pid_t)syscall(SYS_gettid);
	prctl(PR_SET_NAME, worker->name);
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);
	worker->work();
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&measured);
	return NULL;
}

static FILE *open_of(const struct worker *worker, const char *file)
{
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", worker->tid, file);
	stream = fopen(path, "re");
	if (!stream)
		die("this kernel has no %s", path);
	return stream;
}

/* The letter of the thread's state. */
static char state_of(const struct worker *worker)
{
	FILE *stream = open_of(worker, "stat");
	char state = 0;

	if (fscanf(stream, "%*d (%*[^)]) %c", &state) != 1)
		die("stat has no state");
	fclose(stream);
	return state;
}

/* Adds @sign times what the kernel has counted so far, once the thread sleeps. */
static void measure(struct worker *worker, int sign)
{
	long long ran = -1, count, switches = 0;
	char line[128];
	FILE *stream;

	while (state_of(worker) != 'S')
		sleep_ms(1);
	/* Off the CPU, too: the state changes a moment before. */
	sleep_ms(20);
	stream = open_of(worker, "schedstat");
	if (fscanf(stream, "%lld", &ran) != 1)
		die("schedstat has no number");
	fclose(stream);
	stream = open_of(worker, "status");
	while (fgets(line, sizeof(line), stream))
		if (sscanf(line, "voluntary_ctxt_switches: %lld", &count) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lld", &count) == 1)
			switches += count;
	fclose(stream);
	worker->ran_ns += sign * ran;
	worker->switches += sign * switches;
	worker->life_ns += sign * clock_ns(CLOCK_MONOTONIC);
}

int main(int argc, char **argv)
{

	if (argc != 2)
		die("usage: truth_cpu_load SECONDS");
	prctl(PR_SET_NAME, "main");
	run_ns = atoi(argv[1]) * 1000 * NS_PER_MS;
	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_barrier_init(&ready, NULL, WORKERS + 1);
	pthread_barrier_init(&go, NULL, WORKERS + 1);
	pthread_barrier_init(&done, NULL, WORKERS + 1);
	pthread_barrier_init(&measured, NULL, WORKERS + 1);
	for (size_t i = 0; i < WORKERS; i++)
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			die("cannot start a thread");
	pthread_barrier_wait(&ready);
	for (size_t i = 0; i < WORKERS; i++)
		printf("thread %s %d\n", workers[i].name, workers[i].tid);
	printf("process %d\n", getpid());
	wait_for("ready");
	for (size_t i = 0; i < WORKERS; i++)
		measure(&workers[i], -1);
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&done);
	for (size_t i = 0; i < WORKERS; i++) {
		measure(&workers[i], 1);
		printf("ran %s %d %lld %lld %lld\n", workers[i].name, workers[i].tid, (long long)workers[i].ran_ns,
		       (long long)workers[i].switches, (long long)workers[i].life_ns);
	}
	wait_for("done");
	pthread_barrier_wait(&measured);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
