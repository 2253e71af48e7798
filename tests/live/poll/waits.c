/* SPDX-License-Identifier: MIT */
/* See waits.h. Waits in vain are counted: so many, while something is there to be found, mean that the reader never finds it. */
#include "waits.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "live.h"

#define IN_VAIN    400   /* of at most 50 ms each */
#define NO_TIMER   30000 /* ms: nothing is found by it but that it was needed */
#define NS_PER_MS  1000000ull
#define NS_PER_SEC 1000000000ull

int __real_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __real_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest);
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest);

struct live_waits live_waits;
static int stop_fd = -1;
/* NULL: what is waited for is there from the start, or comes with a timer of the kernel. */
static const struct live_rows *owed;

static void note_timeout(int timeout_ms, bool is_long)
{
	if (timeout_ms > 0)
		live_waits.asked_ns += (uint64_t)timeout_ms * NS_PER_MS;
	live_waits.timeouts++;
	if (owed && owed->produced <= owed->found)
		return;
	live_waits.in_vain++;
	if (is_long || live_waits.in_vain >= IN_VAIN) {
		live_waits.gave_up = true;
		live_stop();
	}
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	if (!timeout_ms) {
		live_waits.looks++;
		return __real_epoll_wait(fd, events, max, 0);
	}
	live_waits.waits++;
	if (timeout_ms > (int)live_waits.longest_ms)
		live_waits.longest_ms = (unsigned)timeout_ms;
	bool is_long = timeout_ms < 0 || live_waits.without_timer;
	int n = __real_epoll_wait(fd, events, max, is_long ? NO_TIMER : timeout_ms);
	if (!n)
		note_timeout(timeout_ms, is_long);
	return n;
}

int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest)
{
	int r = __real_clock_nanosleep(id, flags, length, rest);

	live_waits.naps++;
	live_waits.asked_ns += (uint64_t)length->tv_sec * NS_PER_SEC + (uint64_t)length->tv_nsec;
	return r;
}

void live_stop(void)
{
	if (stop_fd >= 0)
		eventfd_write(stop_fd, 1);
}

enum ecli_poll_end live_run_poll(struct ecli_poll *poll, const struct ecli_poll_run *run)
{
	struct ecli_poll_run with_stop = *run;
	struct ecli_err err = { 0 };
	enum ecli_poll_end end;
	bool without_timer = live_waits.without_timer;

	memset(&live_waits, 0, sizeof(live_waits));
	live_waits.without_timer = without_timer;
	if (stop_fd < 0)
		stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(stop_fd >= 0);
	with_stop.duration_ms = 0;
	with_stop.signal_fd = stop_fd;
	assert_ok(ecli_poll_run(poll, &with_stop, &err, &end), &err);
	eventfd_read(stop_fd, &(eventfd_t){ 0 });
	if (live_waits.gave_up)
		fail_msg("the reader waited %u times of %u in vain, at most %u ms each, and did not get what it waits "
			 "for",
			 live_waits.in_vain, live_waits.waits, live_waits.longest_ms);
	return end;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void *write_rows(void *arg)
{
	struct live_rows *rows = arg;

	live_pin(0);
	for (unsigned i = 0; i < rows->bursts && !live_waits.gave_up; i++) {
		uint64_t found = rows->found;

		rows->came_ns = UINT64_MAX;
		if (live_try(rows->prog_fd, rows->burst, rows->flags, rows->produced))
			abort();
		rows->produced += rows->burst;
		rows->came_ns = live_waits.asked_ns;
		if (rows->pause_us)
			usleep(rows->pause_us);
		while (rows->each && !live_waits.gave_up && (rows->found == found || rows->shown < rows->found))
			usleep(100);
	}
	live_stop();
	return NULL;
}

void live_rows_found(struct live_rows *rows)
{
	uint64_t asked_ns = live_waits.asked_ns, came_ns = rows->came_ns;

	if (rows->shown == rows->found++) {
		rows->found_at_ns = asked_ns;
		rows->waits_at = live_waits.waits;
		/* One that was found before its writer said so was found at once. */
		if (rows->each && came_ns < asked_ns && asked_ns - came_ns > rows->worst_found_ns)
			rows->worst_found_ns = asked_ns - came_ns;
	}
}

static void on_shown(void *ctx)
{
	struct live_rows *rows = ctx;

	if (rows->shown == rows->found)
		return;
	uint64_t asked_ns = live_waits.asked_ns - rows->found_at_ns;
	if (asked_ns > rows->worst_shown_ns)
		rows->worst_shown_ns = asked_ns;
	rows->waits_unshown += live_waits.waits - rows->waits_at;
	rows->shows++;
	rows->shown = rows->found;
}

enum ecli_poll_end live_rows_run(struct live_rows *rows, struct ecli_poll *poll)
{
	const struct ecli_poll_run run = { .on_idle = on_shown, .ctx = rows };

	live_waits.gave_up = false;
	assert_int_equal(pthread_create(&rows->thread, NULL, write_rows, rows), 0);
	owed = rows;
	enum ecli_poll_end end = live_run_poll(poll, &run);
	owed = NULL;
	rows->bursts = 0;
	pthread_join(rows->thread, NULL);
	eventfd_read(stop_fd, &(eventfd_t){ 0 }); /* where a callback ended it before the writer did */
	assert_int_equal(rows->waits_unshown, 0);
	assert_in_range(rows->worst_found_ns + rows->worst_shown_ns, 0, ECLI_POLL_LATENCY_MS * MS);
	return end;
}
