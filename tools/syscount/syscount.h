/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What syscount counts. Only types of fixed width; gaps are zero. */
#ifndef SYSCOUNT_H
#define SYSCOUNT_H

struct call {
	/// @format syscall
	__s32 syscall;
};

struct process {
	__u32 pid;
};

struct by_syscall {
	__u64 count;
	/// @measured latency
	/// @format ns_in_us
	__u64 time_us;
};

struct by_process {
	char comm[16];
	__u64 count;
	/// @measured latency
	/// @format ns_in_us
	__u64 time_us;
};

#endif
