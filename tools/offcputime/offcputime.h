/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What offcputime adds up, and for whom. Only types of fixed width; gaps are zero. */
#ifndef OFFCPUTIME_H
#define OFFCPUTIME_H

/// @export
struct blocked {
	/// the process
	__u32 tgid;
	/// the thread
	__u32 pid;
	/// where the kernel took the CPU away
	/// @format kernel_stack
	/// @stacks stacks
	__s32 kernel_stack;
	/// what the process had called
	/// @format user_stack
	/// @stacks stacks
	__s32 user_stack;
};

struct off_cpu {
	/// microseconds without a CPU
	/// @unit us
	__u64 us;
	/// how often
	__u64 count;
	/// name of the thread
	char comm[16];
};

#endif
