/* SPDX-License-Identifier: MIT */
/* See still_clock.h. The program that is tested has one thread while the clock stands still. */
#include "still_clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define NS_PER_S 1000000000ull
#define N_CLOCKS 16

int __real_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret);
int __real_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest);
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest);
int __real_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);

struct still_waits still_waits;
void (*still_meanwhile)(void *ctx);
void *still_meanwhile_ctx;

static bool is_stopped;
static uint64_t moved_ns, set_ns[N_CLOCKS];
static struct timespec stopped_at[N_CLOCKS];

void clock_stop(void)
{
	for (clockid_t id = 0; id < N_CLOCKS; id++)
		__real_clock_gettime(id, &stopped_at[id]);
	is_stopped = true;
	still_waits = (struct still_waits){ 0 };
}

void clock_go(void)
{
	is_stopped = false;
	still_meanwhile = NULL;
}

void clock_set(clockid_t id, int64_t ns)
{
	set_ns[id] += (uint64_t)ns;
}

void clock_move(uint64_t ns)
{
	moved_ns += ns;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	int r = 0;

	if (is_stopped && id >= 0 && id < N_CLOCKS)
		*ret = stopped_at[id];
	else
		r = __real_clock_gettime(id, ret);
	uint64_t ns = (uint64_t)ret->tv_sec * NS_PER_S + (uint64_t)ret->tv_nsec + moved_ns;
	if (id >= 0 && id < N_CLOCKS)
		ns += set_ns[id];
	ret->tv_sec = (time_t)(ns / NS_PER_S);
	ret->tv_nsec = (long)(ns % NS_PER_S);
	return r;
}

static void pass(uint64_t ns, uint64_t *longest_ns)
{
	clock_move(ns);
	if (ns > *longest_ns)
		*longest_ns = ns;
	if (still_meanwhile)
		still_meanwhile(still_meanwhile_ctx);
}

int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *length, struct timespec *rest)
{
	if (!is_stopped)
		return __real_clock_nanosleep(id, flags, length, rest);
	still_waits.naps++;
	pass((uint64_t)length->tv_sec * NS_PER_S + (uint64_t)length->tv_nsec, &still_waits.longest_nap_ns);
	return 0;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	if (!is_stopped)
		return __real_epoll_wait(fd, events, max, timeout_ms);
	if (timeout_ms)
		still_waits.waits++;
	else
		still_waits.looks++;
	int n = __real_epoll_wait(fd, events, max, 0);
	if (n || !timeout_ms)
		return n;
	if (timeout_ms < 0) {
		fprintf(stderr, "it would wait for ever\n");
		abort();
	}
	pass((uint64_t)timeout_ms * 1000000, &still_waits.longest_wait_ns);
	return __real_epoll_wait(fd, events, max, 0);
}
