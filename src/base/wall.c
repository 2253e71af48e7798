/* SPDX-License-Identifier: MIT */
/*
 * A short history of distances, each from a moment of CLOCK_MONOTONIC on; the oldest also counts for what was before it:
 *
 *     mono      0 ......... 5000 ........ 9000 ...
 *     distance  wall - mono, wall - boot of each part; the second of a later part differs only when the wall clock was set
 *
 * Clocks are read one after the other, so a reading that was interrupted is wrong by half the interruption: the shortest of a few counts.
 */
#include "base/wall.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/kernel_clock.h"

#define NS_PER_S 1000000000ull
#define READINGS 10
#define GOOD_NS  5000    /* between two readings of the clock; usually 100 */
#define JUMP_NS  2000000 /* less is drift, or an interruption */
#define PARTS    8

struct part {
	uint64_t from_ns;
	uint64_t mono_offset_ns, boot_offset_ns;
};

static struct {
	struct part parts[PARTS];
	size_t count;
	bool has_slept; /* and nobody has asked yet */
} history;

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static struct part read_clocks(unsigned readings)
{
	struct part part = { 0 };
	uint64_t shortest = UINT64_MAX;

	for (unsigned i = 0; i < readings && shortest > GOOD_NS; i++) {
		uint64_t before = ecli_kernel_mono_ns(), wall = wall_ns(), boot = ecli_kernel_boot_ns();
		uint64_t after = ecli_kernel_mono_ns(), gap = after - before;

		if (gap >= shortest)
			continue;
		shortest = gap;
		part = (struct part){ after, wall - (before + gap / 2), wall - boot };
	}
	return part;
}

static bool is_near(uint64_t a, uint64_t b)
{
	return a - b + JUMP_NS <= 2 * JUMP_NS;
}

/* How long the machine has slept in all. */
static uint64_t slept_ns(const struct part *part)
{
	return part->mono_offset_ns - part->boot_offset_ns;
}

static enum ecli_wall_change change_of(const struct part *last, const struct part *now)
{
	if (!is_near(slept_ns(now), slept_ns(last)))
		return ECLI_WALL_SLEPT;
	return is_near(now->mono_offset_ns, last->mono_offset_ns) ? ECLI_WALL_SAME : ECLI_WALL_SET;
}

static enum ecli_wall_change measure(void)
{
	struct part now = read_clocks(READINGS);

	if (!history.count) {
		now.from_ns = 0;
		history.parts[history.count++] = now;
		return ECLI_WALL_SAME;
	}
	struct part *last = &history.parts[history.count - 1];
	enum ecli_wall_change change = change_of(last, &now);
	if (change == ECLI_WALL_SAME) {
		last->mono_offset_ns = now.mono_offset_ns;
		last->boot_offset_ns = now.boot_offset_ns;
		return change;
	}
	history.has_slept |= change == ECLI_WALL_SLEPT;
	if (history.count == PARTS)
		memmove(history.parts, history.parts + 1, --history.count * sizeof(*history.parts));
	history.parts[history.count++] = now;
	return change;
}

enum ecli_wall_change ecli_wall_look(void)
{
	struct part now = read_clocks(1);

	if (history.count && change_of(&history.parts[history.count - 1], &now) == ECLI_WALL_SAME)
		return ECLI_WALL_SAME;
	return measure();
}

enum ecli_wall_change ecli_wall_measure(void)
{
	return measure();
}

bool ecli_wall_has_slept(void)
{
	bool has_slept = history.has_slept;

	history.has_slept = false;
	return has_slept;
}

void ecli_wall_slept_at(uint64_t mono_ns)
{
	struct part *last = history.count > 1 ? &history.parts[history.count - 1] : NULL;

	if (last && mono_ns < last->from_ns && mono_ns >= last[-1].from_ns)
		last->from_ns = mono_ns + 1;
}

uint64_t ecli_wall_of_mono(uint64_t mono_ns)
{
	if (!history.count)
		measure();
	size_t i = history.count - 1;
	while (i && mono_ns < history.parts[i].from_ns)
		i--;
	return mono_ns + history.parts[i].mono_offset_ns;
}

uint64_t ecli_wall_of_boot(uint64_t boot_ns)
{
	if (!history.count)
		measure();
	size_t i = history.count - 1;
	while (i && boot_ns < history.parts[i].from_ns + slept_ns(&history.parts[i]))
		i--;
	return boot_ns + history.parts[i].boot_offset_ns;
}
