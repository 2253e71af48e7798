/* SPDX-License-Identifier: MIT */
/*
 * What the live tests share: the loaded programs, running one of them a known number of times, and a storm from a
 * second thread. The consumer is always the test's own thread.
 */
#ifndef ECLI_POLL_LIVE_H
#define ECLI_POLL_LIVE_H

#include "unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include <ecli/poll.h>

#include "poll_live_event.h"

#define MS 1000000ull

/* Loads the object in $POLL_OBJECT. When the machine cannot, prints a TAP skip with the reason and exits; any other
 * failure is one. */
void live_open(void);
int live_map(const char *name);
int live_prog(const char *name);
int live_try(int prog_fd, uint64_t count, uint64_t flags, uint64_t seq); /* from any thread; 0: it ran */
void live_run(int prog_fd, uint64_t count, uint64_t flags, uint64_t seq);
/* What could not be written since the last call: 0 ring, 1 perf; 2: what was taken back. */
uint64_t live_take_failed(uint32_t index);
void live_pin(int cpu);
uint64_t live_now_ns(void);
uint64_t live_thread_cpu_ns(void);

/* Fails the test with the library's sentence. */
#define assert_ok(r, err)                                                                                              \
	do {                                                                                                           \
		int r_ = (r);                                                                                          \
		if (r_)                                                                                                \
			fail_msg("%s: %d: %s", #r, r_, (err)->text);                                                   \
	} while (0)

/* A thread on CPU 0 that runs a program in bursts until told to stop. */
struct storm {
	int prog_fd;
	uint64_t burst;      /* records a run */
	unsigned pause_us;   /* between runs */
	uint64_t max_bursts; /* 0: until stopped */
	uint64_t flags;
	atomic_bool stop;
	atomic_ullong produced;
	pthread_t thread;
};
void storm_start(struct storm *storm);
void storm_stop(struct storm *storm);

/* Counts records and checks their bytes and their order. */
struct tally {
	uint64_t records, bytes, gaps, disorder, broken, max_late_ns, stop_after;
	uint64_t next_seq;
};
int tally_record(void *ctx, const struct ecli_poll_record *record);

#endif
