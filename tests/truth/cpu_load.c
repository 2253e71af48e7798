/* SPDX-License-Identifier: MIT */
/*
 * Threads whose every turn on a CPU the kernel counts, for cpudist.
 *
 *     truth_cpu_load SECONDS
 *
 *     process PID                      at once, then "ready", and it waits
 *     thread NAME TID                  one line a thread
 *     ran NAME TID RAN_NS WAITED_NS PAUSED_NS SLEPT_NS LIFE_NS SWITCHES
 *                                      at the end: time on a CPU and waiting for one, as the scheduler counted, the part of the latter that lies between its
 *                                      first turn and its last, how long it slept at least, wall time, and how often it left a CPU, as the scheduler counted
 *
 * The threads: one that always wants a CPU, one that sleeps SLEEP_MS and works a little in turns, and one that gives its CPU away all the
 * time. While it is measured a thread is off the CPU, before and after: then every turn that the kernel has counted has ended.
 * Source: /proc/PID/task/TID/schedstat (two numbers) and the lines "..._ctxt_switches" of .../status.
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

/* Each returns how long it slept at least. */
static int64_t spin(void)
{
	burn(run_ns);
	return 0;
}

static int64_t nap(void)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + run_ns, slept = 0;

	while (clock_ns(CLOCK_MONOTONIC) < until) {
		sleep_ms(SLEEP_MS);
		slept += SLEEP_MS * NS_PER_MS;
		burn(NS_PER_MS / 2);
	}
	return slept;
}

static int64_t yield(void)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + run_ns;

	while (clock_ns(CLOCK_MONOTONIC) < until)
		sched_yield();
	return 0;
}

struct worker {
	const char *name;
	int64_t (*work)(void);
	pthread_t thread;
	pid_t tid;
	int64_t ran_ns, waited_ns, paused_ns, slept_ns, life_ns, switches;
};

static struct worker workers[] = {
	{ .name = "spinner", .work = spin },
	{ .name = "sleeper", .work = nap },
	{ .name = "yielder", .work = yield },
};
#define WORKERS (sizeof(workers) / sizeof(workers[0]))

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

static void read_schedstat(const struct worker *worker, int64_t *ret_ran, int64_t *ret_waited)
{
	FILE *stream = open_of(worker, "schedstat");
	long long ran, waited;

	if (fscanf(stream, "%lld %lld", &ran, &waited) != 2)
		die("schedstat has no two numbers");
	fclose(stream);
	*ret_ran = ran;
	*ret_waited = waited;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	int64_t ran, before, after;

	worker->tid = (pid_t)syscall(SYS_gettid);
	prctl(PR_SET_NAME, worker->name);
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);
	read_schedstat(worker, &ran, &before);
	worker->slept_ns = worker->work();
	read_schedstat(worker, &ran, &after);
	worker->paused_ns = after - before;
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&measured);
	return NULL;
}

/* Adds @sign times what the kernel has counted so far, once the thread sleeps. */
static void measure(struct worker *worker, int sign)
{
	long long count, switches = 0;
	int64_t ran, waited;
	char line[128];
	FILE *stream;

	wait_asleep(worker->tid);
	read_schedstat(worker, &ran, &waited);
	stream = open_of(worker, "status");
	while (fgets(line, sizeof(line), stream))
		if (sscanf(line, "voluntary_ctxt_switches: %lld", &count) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lld", &count) == 1)
			switches += count;
	fclose(stream);
	worker->ran_ns += sign * ran;
	worker->waited_ns += sign * waited;
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
		printf("ran %s %d %lld %lld %lld %lld %lld %lld\n", workers[i].name, workers[i].tid,
		       (long long)workers[i].ran_ns, (long long)workers[i].waited_ns, (long long)workers[i].paused_ns,
		       (long long)workers[i].slept_ns, (long long)workers[i].life_ns, (long long)workers[i].switches);
	}
	wait_for("done");
	pthread_barrier_wait(&measured);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
