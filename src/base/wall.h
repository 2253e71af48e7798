/* SPDX-License-Identifier: MIT */
/*
 * The wall clock's time of a moment that the kernel's clocks tell. The distance of these clocks changes at once when somebody sets the wall clock, and
 * when the machine sleeps (CLOCK_MONOTONIC stands still then, CLOCK_BOOTTIME does not). A moment keeps the distance that was true for it, however
 * late it is asked about.
 */
#ifndef ECLI_BASE_WALL_H
#define ECLI_BASE_WALL_H

#include <stdbool.h>
#include <stdint.h>

enum ecli_wall_change { ECLI_WALL_SAME, ECLI_WALL_SET, ECLI_WALL_SLEPT };

/* Looks at the clocks; cheap. A change is taken to be of this moment. */
enum ecli_wall_change ecli_wall_look(void);
/* The same, and takes up what has drifted. To be called once a second. */
enum ecli_wall_change ecli_wall_measure(void);
/* Whether a look has seen that the machine slept, since this was asked last: by whomever it was made. */
bool ecli_wall_has_slept(void);
/* When the machine fell asleep before the last change: from then on the new distance is true. */
void ecli_wall_slept_at(uint64_t mono_ns);

/* Nanoseconds since 1970. */
uint64_t ecli_wall_of_mono(uint64_t mono_ns);
uint64_t ecli_wall_of_boot(uint64_t boot_ns);

#endif
