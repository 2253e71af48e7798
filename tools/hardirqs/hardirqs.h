/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What hardirqs counts. Only types of fixed width; gaps are zero. */
#ifndef HARDIRQS_H
#define HARDIRQS_H

struct irq {
	/// name of the handler, as in /proc/interrupts
	char hardirq[32];
};

struct total {
	__u64 count;
	/// @measured !count_only
	/// @format ns_in_us
	__u64 total_usecs;
	/// @measured !count_only
	/// @format ns_in_us
	__u64 max_usecs;
};

struct hist {
	/// runs of 2^i to 2^(i+1) - 1 units, the first also 0
	__u32 slots[32];
};

#endif
