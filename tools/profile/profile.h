/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose samples profile counts. Only types of fixed width; gaps are zero. */
#ifndef PROFILE_H
#define PROFILE_H

/// @export
struct where {
	/// the process
	__u32 pid;
	/// what the kernel did
	/// @measured !user_stacks_only
	/// @format kernel_stack
	/// @stacks stacks
	__s32 kernel_stack;
	/// what the process did
	/// @measured !kernel_stacks_only
	/// @format user_stack
	/// @stacks stacks
	__s32 user_stack;
	char comm[16];
};

struct seen {
	__u64 count;
};

#endif
