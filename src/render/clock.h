/* SPDX-License-Identifier: MIT */
/*
 * Time as text. The local calendar is asked once a second of event time, so a change of offset (summer time) shows with
 * the second it begins in; rows within a second differ in six digits only. The state belongs to a renderer, so threads with renderers of their own need no lock.
 */
#ifndef ECLI_RENDER_CLOCK_H
#define ECLI_RENDER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "render/digits.h"

#define ECLI_CLOCK_TIME_LEN 8  /* 10:00:00 */
#define ECLI_CLOCK_ISO_LEN  32 /* 2026-11-22T10:00:00.123456+00:00 */
#define ECLI_CLOCK_US_AT    20 /* of six digits */
#define ECLI_CLOCK_NS_PER_S 1000000000u

struct ecli_clock {
	uint64_t begin_ns; /* of the second that is cached; 0: none is */
	char iso[ECLI_CLOCK_ISO_LEN];
};

/* Asks the calendar. */
void ecli_clock_refill(struct ecli_clock *clock, uint64_t wall_ns);

/* Whether two times are less than @keep_ns apart: rows of different CPUs need not come in order. */
static inline bool ecli_clock_is_near(uint64_t a_ns, uint64_t b_ns, uint64_t keep_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < keep_ns;
}

/* "10:00:00" within the ISO text; ECLI_CLOCK_TIME_LEN bytes, valid until the next call. @wall_ns: since 1970. */
static inline const char *ecli_clock_time(struct ecli_clock *clock, uint64_t wall_ns)
{
	/* Before it (also when there is none: then that is everything), or after it. */
	if (__builtin_expect(wall_ns <= clock->begin_ns - 1 || wall_ns - clock->begin_ns >= ECLI_CLOCK_NS_PER_S, 0))
		ecli_clock_refill(clock, wall_ns);
	return clock->iso + 11;
}

/* Writes ECLI_CLOCK_ISO_LEN bytes to @p: ISO 8601 in local time with microseconds and offset. */
static inline void ecli_clock_iso(struct ecli_clock *clock, uint64_t wall_ns, char *p)
{
	ecli_clock_time(clock, wall_ns);

	uint32_t ns = (uint32_t)(wall_ns - clock->begin_ns);
	/* All but the first two of eight digits, and the two bytes after them once more: one store. */
	uint64_t us = (ecli_digits_eight(ns / 1000) | ECLI_DIGITS_ASCII) >> 16;
	uint16_t after;

	memcpy(&after, clock->iso + ECLI_CLOCK_US_AT + 6, sizeof(after));
	us |= (uint64_t)after << 48;
	memcpy(p, clock->iso, ECLI_CLOCK_ISO_LEN);
	memcpy(p + ECLI_CLOCK_US_AT, &us, sizeof(us));
}

#endif
