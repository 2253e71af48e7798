/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What memleak adds up. Only types of fixed width; gaps are zero. */
#ifndef MEMLEAK_H
#define MEMLEAK_H

/// @export
struct allocator {
	/// the process
	__u32 pid;
	/// who asked for the memory
	/// @format user_stack
	/// @stacks stacks
	__s32 user_stack;
};

struct outstanding {
	/// bytes asked for and not given back
	/// @unit bytes
	__u64 bytes;
	/// in how many pieces
	__u64 count;
	/// name of the thread that asked first
	char comm[16];
};

#endif
