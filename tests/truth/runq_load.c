/* SPDX-License-Identifier: MIT */
/*
 * Threads that must share one CPU, for runqslower and runqlat: two that always want it and one that sleeps and is woken beside
 * them.
 *
 *     truth_runq_load NAPS CPU
 *
 *     process PID                       at once; its first thread is called "main" and only waits
 *     thread NAME TID                   one line a thread, then "ready", and it waits
 *     wait TID FROM_US TO_US NS COUNT MOST_NS
 *                                       at the end: what the kernel itself counted between two moments of wall clock, mostly of one wait: time on a run
 *                                       queue, and how often the thread came from there onto the CPU. MOST_NS: the thread itself saw that it was without
 *                                       the CPU so long at most, naps left out
 *     total NAME TID NS COUNT MOST_NS   the same from before the first wait to after the last one
 *
 * The truth is /proc/PID/task/TID/schedstat: nanoseconds on a run queue (second number) and turns on the CPU that began there (third), kept
 * by the scheduler without any tracing. Other load on that CPU makes all of them wait longer, and is counted the same in both. How long
 * this takes is decided by the sleeper, which takes so many naps.
 *
 * The sleeper is SCHED_BATCH: it mostly waits for its turn when woken. Of a thread that preempts the running one at once the scheduler uses one reading of
 * its clock for the wakeup and for the switch, and counts the microseconds between them to the other one's wait.
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

#define NAP_MS     3
#define GAP_NS     10000 /* between two readings of the clock: the thread may have been without the CPU */
#define WAITS_MOST 60000 /* of a thread */

struct wait {
	int64_t from_ns, to_ns; /* CLOCK_MONOTONIC */
	int64_t waited_ns, count, most_ns;
};

struct counts {
	int64_t ran_ns, waited_ns, count;
};

struct worker {
	const char *name;
	bool sleeps;
	pid_t tid;
	int schedstat; /* opened beforehand: the measuring itself must be short */
	struct counts before, after;
	struct wait *waits;
	size_t n;
	pthread_t thread;
};

static struct worker workers[] = {
	{ .name = "hog-a" },
	{ .name = "hog-b" },
	{ .name = "sleeper", .sleeps = true },
};
#define WORKERS (sizeof(workers) / sizeof(workers[0]))

static pthread_barrier_t ready, go, done, measured;
static atomic_bool is_over;
static int naps;

static struct counts counts_of(const struct worker *worker)
{
	char text[128];
	ssize_t len = pread(worker->schedstat, text, sizeof(text) - 1, 0);
	long long ran, waited, count;

	if (len <= 0)
		die("cannot read schedstat");
	text[len] = '\0';
	if (sscanf(text, "%lld %lld %lld", &ran, &waited, &count) != 3)
		die("schedstat is not three numbers: %s", text);
	return (struct counts){ ran, waited, count };
}

static void add_wait(struct worker *worker, const struct counts *last, const struct counts *now, struct wait wait)
{
	if (worker->n == WAITS_MOST)
		die("%s had to wait too often", worker->name);
	wait.waited_ns = now->waited_ns - last->waited_ns;
	wait.count = now->count - last->count;
	worker->waits[worker->n++] = wait;
}

/*
 * Whoever always wants the CPU sees by the clock that he was without it, and by the count that he waited. In the middle of the turn
 * between them one wait is parted from the next: far from the ends of both. A wait may also begin while the count is read: what that took belongs to the
 * wait before it, and to the one after it.
 */
static void hog(struct worker *worker)
{
	struct counts last = counts_of(worker), now;
	int64_t before = clock_ns(CLOCK_MONOTONIC), turn_ns = before, reading_ns = 0, time, after;

	while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
		time = clock_ns(CLOCK_MONOTONIC);
		if (time - before < GAP_NS) {
			before = time;
			continue;
		}
		now = counts_of(worker);
		after = clock_ns(CLOCK_MONOTONIC);
		if (now.count != last.count) {
			int64_t middle = turn_ns + (before - turn_ns) / 2;
			int64_t small = (now.count - last.count) * GAP_NS;

			if (worker->n)
				worker->waits[worker->n - 1].to_ns = middle;
			add_wait(worker, &last, &now,
				 (struct wait){ .from_ns = worker->n ? middle : turn_ns,
						.to_ns = after,
						.most_ns = after - before + reading_ns + small });
			last = now;
			turn_ns = after;
		}
		reading_ns = after - time;
		before = after;
	}
}

/* The next wait cannot end before the next nap has: in the middle of that the two are parted. */
static void nap(struct worker *worker)
{
	struct counts last = counts_of(worker), now;
	int64_t before = clock_ns(CLOCK_MONOTONIC), from = before, time, after = before;

	for (int i = 0; i < naps; i++) {
		sleep_ms(NAP_MS);
		time = clock_ns(CLOCK_MONOTONIC);
		now = counts_of(worker);
		after = clock_ns(CLOCK_MONOTONIC);
		add_wait(worker, &last, &now,
			 (struct wait){ .from_ns = from,
					.to_ns = after + NAP_MS * NS_PER_MS / 2,
					.most_ns = after - before - NAP_MS * NS_PER_MS });
		last = now;
		before = time;
		from = after + NAP_MS * NS_PER_MS / 2;
	}
	worker->waits[worker->n - 1].to_ns = after; /* what comes now is the end */
	atomic_store(&is_over, true);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	char path[64];

	worker->tid = (pid_t)syscall(SYS_gettid);
	prctl(PR_SET_NAME, worker->name);
	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", worker->tid);
	worker->schedstat = open(path, O_RDONLY | O_CLOEXEC);
	if (worker->schedstat < 0)
		die("this kernel has no %s", path);
	worker->waits = calloc(WAITS_MOST, sizeof(*worker->waits));
	if (!worker->waits)
		die("no memory");
	memset(worker->waits, 0, WAITS_MOST * sizeof(*worker->waits)); /* no page is missing later */
	if (worker->sleeps && sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }))
		die("cannot become a batch thread");
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&go);
	if (worker->sleeps)
		nap(worker);
	else
		hog(worker);
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&measured);
	return NULL;
}

/* Wall time less monotonic time, by the shortest of a few readings: the others were interrupted. */
static int64_t wall_offset_ns(void)
{
	int64_t shortest = INT64_MAX, offset = 0;

	for (int i = 0; i < 100; i++) {
		int64_t before = clock_ns(CLOCK_MONOTONIC), wall = clock_ns(CLOCK_REALTIME);
		int64_t took = clock_ns(CLOCK_MONOTONIC) - before;

		if (took < shortest) {
			shortest = took;
			offset = wall - before - took / 2;
		}
	}
	return offset;
}

static void print_waits(const struct worker *worker, int64_t began_ns)
{
	int64_t offset = wall_offset_ns(), life_ns = clock_ns(CLOCK_MONOTONIC) - began_ns;
	int64_t napped_ns = worker->sleeps ? naps * NAP_MS * NS_PER_MS : 0;

	for (size_t i = 0; i < worker->n; i++) {
		const struct wait *wait = &worker->waits[i];

		printf("wait %d %lld %lld %lld %lld %lld\n", worker->tid, (long long)(wait->from_ns + offset) / 1000,
		       (long long)(wait->to_ns + offset) / 1000, (long long)wait->waited_ns, (long long)wait->count,
		       (long long)wait->most_ns);
	}
	printf("total %s %d %lld %lld %lld\n", worker->name, worker->tid,
	       (long long)(worker->after.waited_ns - worker->before.waited_ns),
	       (long long)(worker->after.count - worker->before.count),
	       (long long)(life_ns - napped_ns - (worker->after.ran_ns - worker->before.ran_ns)));
}

int main(int argc, char **argv)
{
	int64_t began_ns;
	cpu_set_t cpus;

	if (argc != 3)
		die("usage: truth_runq_load NAPS CPU");
	prctl(PR_SET_NAME, "main");
	naps = atoi(argv[1]);
	CPU_ZERO(&cpus);
	CPU_SET((size_t)atoi(argv[2]), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("cannot stay on CPU %s", argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_barrier_init(&ready, NULL, WORKERS + 1);
	pthread_barrier_init(&go, NULL, WORKERS + 1);
	pthread_barrier_init(&done, NULL, WORKERS + 1);
	pthread_barrier_init(&measured, NULL, WORKERS + 1);
	for (size_t i = 0; i < WORKERS; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("cannot start a thread");

	pthread_barrier_wait(&ready);
	printf("process %d\n", getpid());
	for (size_t i = 0; i < WORKERS; i++)
		printf("thread %s %d\n", workers[i].name, workers[i].tid);
	wait_for("ready");
	for (size_t i = 0; i < WORKERS; i++) {
		wait_asleep(workers[i].tid);
		workers[i].before = counts_of(&workers[i]);
	}
	began_ns = clock_ns(CLOCK_MONOTONIC);
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&done);
	for (size_t i = 0; i < WORKERS; i++) {
		wait_asleep(workers[i].tid);
		workers[i].after = counts_of(&workers[i]);
		print_waits(&workers[i], began_ns);
	}
	wait_for("done");
	pthread_barrier_wait(&measured);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
