/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What softirqs counts. Only types of fixed width; gaps are zero. */
#ifndef SOFTIRQS_H
#define SOFTIRQS_H

/* The kinds, numbered as in the kernel since 2.6.31, in the words of /proc/softirqs. */
enum softirq { hi, timer, net_tx, net_rx, block, irq_poll, tasklet, sched, hrtimer, rcu };

struct kind {
	enum softirq softirq;
};

struct total {
	__u64 count;
	/// @measured !count_only
	/// @format ns_in_us
	__u64 total_usecs;
};

struct hist {
	/// runs of 2^i to 2^(i+1) - 1 units, the first also 0
	__u32 slots[32];
};

#endif
