/* SPDX-License-Identifier: MIT */
/* Numbers that look random and are the same in every run (xorshift64, Marsaglia 2003): a test that fails fails again. */
#ifndef ECLI_TESTS_RANDOM_H
#define ECLI_TESTS_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 88172645463325252u;

static inline uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Less than @limit, which is not 0. */
static inline uint32_t random_below(uint32_t limit)
{
	return (uint32_t)(next_random() >> 20) % limit;
}

#endif
