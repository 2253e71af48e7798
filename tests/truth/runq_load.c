/* SPDX-License-Identifier: MIT */
/*
 * Threads that must share one CPU, for runqslower: two that always want it and one that sleeps and is woken beside
 * them.
 *
 *     truth_runq_load SECONDS CPU
 *
 *     process PID                       at once; its first thread is called "main" and only waits
 *     thread NAME TID                   one line a thread, then it waits for a line on standard input
 *     waited NAME TID NS FROM_US TO_US  at the end: what the kernel counted itself between two moments of wall clock
 * time
 *
 * The truth is the second number of /proc/PID/task/TID/schedstat: nanoseconds spent waiting on a run queue, kept by the
 * scheduler without any tracing. Other load on that CPU makes all of them wait longer, and is counted the same in both.
 *
 * The sleeper is SCHED_BATCH: it waits for its turn when woken. A thread that preempts the running one at once would be
 * no measure, because there the scheduler itself rounds: it uses one reading of its clock for the wakeup and for the
 * switch.
 */
#include "workload.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAP_MS 3

struct worker {
	const char *name;
	bool sleeps;
	pid_t tid;
	int schedstat;     /* opened beforehand: the measuring itself must be short */
	int64_t waited_ns; /* between the two moments */
	int64_t from_us, to_us;
	pthread_t thread;
};

static struct worker workers[] = {
	{ .name = "hog-a" },
	{ .name = "hog-b" },
	{ .name = "sleeper", .sleeps = true },
};
#define WORKERS (sizeof(workers) / sizeof(workers[0]))

static pthread_barrier_t ready, go;
static int64_t run_ns;

static int64_t waited_so_far(const struct worker *worker)
{
	char text[128];
	ssize_t len = pread(worker->schedstat, text, sizeof(text) - 1, 0);
	long long ran, waited;

	if (len <= 0)
		die("cannot read schedstat");
	text[len] = '\0';
	if (sscanf(text, "%lld %lld", &ran, &waited) != 2)
		die("schedstat is not two numbers: %s", text);
	return waited;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	char path[64];
	int64_t until, before;

	worker->tid = (pid_t)syscall(SYS_gettid);
	prctl(PR_SET_NAME, worker->name);
	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", worker->tid);
	worker->schedstat = open(path, O_RDONLY | O_CLOEXEC);
	if (worker->schedstat < 0)
		die("this kernel has no %s", path);
	if (worker->sleeps && sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }))
		die("cannot become a batch thread");
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);

	worker->from_us = clock_ns(CLOCK_REALTIME) / 1000;
	before = waited_so_far(worker);
	until = clock_ns(CLOCK_MONOTONIC) + run_ns;
	while (clock_ns(CLOCK_MONOTONIC) < until)
		if (worker->sleeps)
			sleep_ms(NAP_MS);
	worker->waited_ns = waited_so_far(worker) - before;
	worker->to_us = clock_ns(CLOCK_REALTIME) / 1000;
	return NULL;
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;
	char line[16];

	if (argc != 3)
		die("usage: truth_runq_load SECONDS CPU");
	prctl(PR_SET_NAME, "main");
	run_ns = atoi(argv[1]) * 1000 * NS_PER_MS;
	CPU_ZERO(&cpus);
	CPU_SET((size_t)atoi(argv[2]), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("cannot stay on CPU %s", argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_barrier_init(&ready, NULL, WORKERS + 1);
	pthread_barrier_init(&go, NULL, WORKERS + 1);
	for (size_t i = 0; i < WORKERS; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("cannot start a thread");

	pthread_barrier_wait(&ready);
	printf("process %d\n", getpid());
	for (size_t i = 0; i < WORKERS; i++)
		printf("thread %s %d\n", workers[i].name, workers[i].tid);
	if (!fgets(line, sizeof(line), stdin))
		die("nobody said go");
	pthread_barrier_wait(&go);
	for (size_t i = 0; i < WORKERS; i++) {
		pthread_join(workers[i].thread, NULL);
		printf("waited %s %d %lld %lld %lld\n", workers[i].name, workers[i].tid,
		       (long long)workers[i].waited_ns, (long long)workers[i].from_us, (long long)workers[i].to_us);
	}
	return 0;
}
