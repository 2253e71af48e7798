/* SPDX-License-Identifier: MIT */
/*
 * A clock that stands still unless a test moves it, so that what waits for time is tested to the nanosecond on any machine. The code
 * under test is not changed for it: the program is linked with --wrap for the calls below (tests/unit/meson.build).
 *
 *     clock_gettime     while stopped: where it was stopped, plus what it was moved
 *     clock_nanosleep   while stopped: moves it by the time asked for, and returns
 *     epoll_wait        while stopped: asks without waiting; when there is nothing, moves it by the timeout
 */
#ifndef ECLI_TESTS_UNIT_STILL_CLOCK_H
#define ECLI_TESTS_UNIT_STILL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Stops all clocks, and lets them go on as they really are, but moved. */
void clock_stop(void);
void clock_go(void);

/* Moves all clocks, stopped or not. */
void clock_move(uint64_t ns);
/* Moves one of them, also back. */
void clock_set(clockid_t id, int64_t ns);

/* What the wrapped calls did since clock_stop(). */
extern struct still_waits {
	unsigned looks, waits, naps; /* epoll_wait without and with a timeout, clock_nanosleep */
	uint64_t longest_wait_ns, longest_nap_ns;
} still_waits;

/* Called after each wait and nap, for a test that does something meanwhile. NULL: nothing. */
extern void (*still_meanwhile)(void *ctx);
extern void *still_meanwhile_ctx;

#endif
