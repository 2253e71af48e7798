/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of exitsnoop: one process that ended. Only types of fixed width; gaps are zero. */
#ifndef EXITSNOOP_H
#define EXITSNOOP_H

struct event {
	/// id of the process
	__u32 pid;
	/// id of its parent at that moment
	__u32 ppid;
	/// what a shell shows as $?: the exit status, or 128 + the number of the signal that killed it
	__u32 exit_code;
	/// from the start of the process to its end, in nanoseconds
	/// @unit ns
	__u64 duration_ns;
	/// name of the process
	char comm[16];
	/// number of the signal that killed it, 0: it ended by itself
	/// @hidden
	/// @format signal
	__u32 signal;
	/// a core file was written
	/// @hidden
	bool core_dumped;
	/// @time
	__u64 time_ns;
};

#endif
