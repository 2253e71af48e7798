/* SPDX-License-Identifier: MIT */
/*
 * Time as text. The local calendar is asked once a second of event time; rows within a second differ in six digits
 * only. The state belongs to a renderer, so threads with renderers of their own need no lock.
 */
#ifndef ECLI_RENDER_CLOCK_H
#define ECLI_RENDER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define ECLI_CLOCK_TIME_LEN 8  /* 10:00:00 */
#define ECLI_CLOCK_ISO_LEN  32 /* 2026-11-22T10:00:00.123456+00:00 */

struct ecli_clock {
	uint64_t next_s; /* the second that is cached, plus one: 0 means none */
	char iso[ECLI_CLOCK_ISO_LEN];
};

/* Whether two times are less than @keep_ns apart: rows of different CPUs need not come in order. */
static inline bool ecli_clock_is_near(uint64_t a_ns, uint64_t b_ns, uint64_t keep_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < keep_ns;
}

/* "10:00:00" within the ISO text; ECLI_CLOCK_TIME_LEN bytes, valid until the next call. @wall_ns: since 1970. */
const char *ecli_clock_time(struct ecli_clock *clock, uint64_t wall_ns);
/* ECLI_CLOCK_ISO_LEN bytes, ISO 8601 in local time with microseconds and offset. */
const char *ecli_clock_iso(struct ecli_clock *clock, uint64_t wall_ns);

#endif
