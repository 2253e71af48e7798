/* SPDX-License-Identifier: MIT */
/*
 * What the reader's waits were, so that tests judge what it asked for and not how long the machine let it wait. The programs are
 * linked with --wrap for epoll_wait and clock_nanosleep.
 */
#ifndef ECLI_POLL_WAITS_H
#define ECLI_POLL_WAITS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ecli/poll.h>

extern struct live_waits {
	atomic_uint waits, looks;  /* epoll_wait with a timeout, and without */
	atomic_uint timeouts;      /* waits that ended without an event */
	atomic_uint in_vain;       /* of these, while something was there */
	atomic_uint naps;          /* clock_nanosleep */
	atomic_ullong asked_ns;    /* all naps, and the waits that ended without an event: what they asked for */
	atomic_uint longest_ms;    /* of the waits */
	atomic_bool without_timer; /* set by a test: no wait ends before something happens */
	atomic_bool gave_up;
} live_waits;

/*
 * Runs until a callback says so, and says how it ended. Fails the test when the reader waited in vain too often. @run's signal_fd
 * and duration are not used: live_stop() ends it with ECLI_POLL_SIGNAL, from any thread.
 */
enum ecli_poll_end live_run_poll(struct ecli_poll *poll, const struct ecli_poll_run *run);
void live_stop(void);

/*
 * Rows that come and are shown: a thread on CPU 0 writes bursts, the reader tells each record and each on_idle. While a row is there and
 * not shown the reader may ask for no more than ECLI_POLL_LATENCY_MS of waits and naps, and once it has the row, for no wait at all.
 */
struct live_rows {
	int prog_fd;
	uint64_t flags, burst;
	atomic_uint bursts;
	unsigned pause_us;
	bool each; /* the next burst comes when something of the last one is shown */

	atomic_ullong produced, found, shown;
	atomic_ullong came_ns; /* live_waits.asked_ns when the last burst was there; ~0: it is not there yet */
	uint64_t found_at_ns, worst_found_ns,
		worst_shown_ns; /* asked for until it was found; from there until it was shown */
	unsigned waits_at, waits_unshown, shows;
	pthread_t thread;
};
enum ecli_poll_end live_rows_run(struct live_rows *rows, struct ecli_poll *poll);
void live_rows_found(struct live_rows *rows);

#endif
