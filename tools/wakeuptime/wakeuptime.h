/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What wakeuptime adds up, and for whom. Only types of fixed width; gaps are zero. */
#ifndef WAKEUPTIME_H
#define WAKEUPTIME_H

/// @export
struct wakeup {
	/// who slept
	char target[16];
	/// who ended that
	char waker[16];
	/// the waker's process, 0: the kernel's idle task
	__u32 tgid;
	/// what the kernel did for the waker
	/// @format kernel_stack
	/// @stacks stacks
	__s32 kernel_stack;
	/// what the waker had called
	/// @format user_stack
	/// @stacks stacks
	__s32 user_stack;
};

struct slept {
	/// microseconds that targets slept
	/// @unit us
	__u64 us;
	/// wakeups
	__u64 count;
};

#endif
