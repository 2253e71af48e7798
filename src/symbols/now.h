/* SPDX-License-Identifier: MIT */
/* Milliseconds that only go forward, from the clock that costs next to nothing and steps every 1 to 10 ms: for "not again so soon". */
#ifndef ECLI_SYMBOLS_NOW_H
#define ECLI_SYMBOLS_NOW_H

#include <stdint.h>
#include <time.h>

static inline uint64_t ecli_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
