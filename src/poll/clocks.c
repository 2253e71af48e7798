/* SPDX-License-Identifier: MIT */
/*
 * That the wall clock was set, or the machine woke up, at once: a timer of the wall clock that is never due is cancelled by it (timerfd_create(2)).
 *
 * When the machine slept is known afterwards only: the kernel writes down the steps of falling asleep and waking up (tracepoint
 * power:suspend_resume) with the time of CLOCK_MONOTONIC. Around the sleep itself that clock stands still, for several steps:
 *
 *     4.1  4.2  4.2  4.2  4.2  4.3        slept from 4.2 on
 *
 * All these steps are of the first CPU, as the others are off. Nothing is known of sleeps in which CPUs only idle (s2idle), without tracefs, or without the
 * right to open the event. (The time of CLOCK_BOOTTIME would tell more: the kernel does not give it to tracepoints.)
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "poll/source.h"

#define NEVER_S 9000000000 /* since 1970: not before the year 2255 */
#define PAGES   4          /* a power of two: 1,000 steps; some 40 each time */
#define STILL   3          /* so many steps at one time, in nanoseconds */

/* Record: header, u64 time. */
struct step {
	struct perf_event_header header;
	uint64_t time_ns;
};

struct ecli_poll_clocks {
	int timer_fd;
	bool is_watched;                   /* or could not be */
	int event_fd;                      /* -1: there is none */
	struct perf_event_mmap_page *page; /* the records are behind it; NULL with the event */
	uint64_t tail;
	size_t page_bytes;
};

static bool read_id(uint64_t *ret)
{
	static const char *const paths[] = { "/sys/kernel/tracing/events/power/suspend_resume/id",
					     "/sys/kernel/debug/tracing/events/power/suspend_resume/id" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };

		if (!ecli_file_read(paths[i], 64, &text, NULL) && sscanf(ecli_buf_text(&text), "%lu", ret) == 1)
			return true;
	}
	return false;
}

static void open_event(struct ecli_poll_clocks *clocks, uint64_t id)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_TRACEPOINT,
		.config = id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TIME,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	clocks->event_fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (clocks->event_fd < 0)
		return;
	void *page =
		mmap(NULL, (1 + PAGES) * clocks->page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, clocks->event_fd, 0);
	clocks->page = page == MAP_FAILED ? NULL : page;
}

static int open_timer(void)
{
	const struct itimerspec never = { .it_value.tv_sec = NEVER_S };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct ecli_poll_clocks *ecli_poll_clocks_new(void)
{
	struct ecli_poll_clocks *clocks = calloc(1, sizeof(*clocks));

	if (!clocks)
		return NULL;
	clocks->event_fd = -1;
	clocks->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	clocks->timer_fd = open_timer();
	if (clocks->timer_fd < 0) {
		free(clocks);
		return NULL;
	}
	return clocks;
}

void ecli_poll_clocks_watch(struct ecli_poll_clocks *clocks)
{
	uint64_t id;

	if (clocks->is_watched)
		return;
	clocks->is_watched = true;
	if (read_id(&id))
		open_event(clocks, id);
}

int ecli_poll_clocks_fd(const struct ecli_poll_clocks *clocks)
{
	return clocks->timer_fd;
}

void ecli_poll_clocks_free(struct ecli_poll_clocks *clocks)
{
	if (!clocks)
		return;
	if (clocks->page)
		munmap(clocks->page, (1 + PAGES) * clocks->page_bytes);
	if (clocks->event_fd >= 0)
		close(clocks->event_fd);
	close(clocks->timer_fd);
	free(clocks);
}

/* The time of the next step; false: there is none. After another kind of record (lost ones) the rest is passed over. */
static bool next(struct ecli_poll_clocks *clocks, uint64_t *ret_ns)
{
	uint64_t head = __atomic_load_n(&clocks->page->data_head, __ATOMIC_ACQUIRE);
	const uint8_t *data = (const uint8_t *)clocks->page + clocks->page_bytes;
	struct step step;

	/* Each has 16 bytes, so none wraps. */
	if (head - clocks->tail < sizeof(step))
		return false;
	memcpy(&step, data + clocks->tail % (PAGES * clocks->page_bytes), sizeof(step));
	if (step.header.type != PERF_RECORD_SAMPLE || step.header.size != sizeof(step)) {
		clocks->tail = head;
		return false;
	}
	clocks->tail += sizeof(step);
	*ret_ns = step.time_ns;
	return true;
}

bool ecli_poll_clocks_read(struct ecli_poll_clocks *clocks, uint64_t *ret_mono_ns)
{
	uint64_t mono_ns, last_ns = 0, times;
	unsigned still = 0;
	bool found = false;

	/* ECANCELED says that the clock was changed: that is why we are here. */
	if (read(clocks->timer_fd, &times, sizeof(times)) < 0)
		times = 0;
	while (clocks->page && next(clocks, &mono_ns)) {
		still = mono_ns == last_ns ? still + 1 : 1;
		last_ns = mono_ns;
		if (still < STILL)
			continue;
		*ret_mono_ns = mono_ns;
		found = true;
	}
	if (clocks->page)
		__atomic_store_n(&clocks->page->data_tail, clocks->tail, __ATOMIC_RELEASE);
	return found;
}
