/* SPDX-License-Identifier: MIT */
/*
 * Time as text: one template of 32 bytes, refilled when the second changes.
 *
 *     2026-11-22T10:00:00.123456+00:00
 *     0          11       20    26
 *
 * 64 bits of nanoseconds end in the year 2554, so four digits of year always do. An offset with seconds (local mean
 * time, before 1972 in a few places) is cut to minutes, which is all ISO 8601 can say.
 */
#include "render/clock.h"

#include <string.h>
#include <time.h>

static void put_pairs(char *p, unsigned int a, unsigned int b, unsigned int c, char between)
{
	ecli_digits_pair(p, a);
	p[2] = between;
	ecli_digits_pair(p + 3, b);
	p[5] = between;
	ecli_digits_pair(p + 6, c);
}

void ecli_clock_refill(struct ecli_clock *clock, uint64_t wall_ns)
{
	uint64_t second = wall_ns / ECLI_CLOCK_NS_PER_S;
	time_t t = (time_t)second;
	struct tm tm;

	if (!localtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm)); /* a year that does not fit: not reachable from 64 bits of nanoseconds */

	long offset = tm.tm_gmtoff / 60;
	char *iso = clock->iso;
	unsigned int year = (unsigned int)(tm.tm_year + 1900);

	ecli_digits_pair(iso, year / 100 % 100);
	put_pairs(iso + 2, year % 100, (unsigned int)tm.tm_mon + 1, (unsigned int)tm.tm_mday, '-');
	iso[10] = 'T';
	put_pairs(iso + 11, (unsigned int)tm.tm_hour, (unsigned int)tm.tm_min, (unsigned int)tm.tm_sec, ':');
	memcpy(iso + 19, ".000000", 7);
	iso[26] = offset < 0 ? '-' : '+';
	if (offset < 0)
		offset = -offset;
	ecli_digits_pair(iso + 27, (unsigned int)(offset / 60) % 100);
	iso[29] = ':';
	ecli_digits_pair(iso + 30, (unsigned int)(offset % 60));
	clock->begin_ns = second * ECLI_CLOCK_NS_PER_S;
}
