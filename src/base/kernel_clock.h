/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own clocks, as bpf_ktime_get_ns() and bpf_ktime_get_boot_ns() read them. In a time namespace clock_gettime(2) adds an offset to
 * CLOCK_MONOTONIC and CLOCK_BOOTTIME that programs in the kernel do not see.
 */
#ifndef ECLI_BASE_KERNEL_CLOCK_H
#define ECLI_BASE_KERNEL_CLOCK_H

#include <stdint.h>

uint64_t ecli_kernel_mono_ns(void);
uint64_t ecli_kernel_boot_ns(void);

/* The two offsets in the text of /proc/self/timens_offsets, 0 where it has none. Apart for tests. */
void ecli_kernel_clock_read(const char *text, int64_t *ret_mono_ns, int64_t *ret_boot_ns);

#endif
