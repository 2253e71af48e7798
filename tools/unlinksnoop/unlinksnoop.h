/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of unlinksnoop: one attempt to delete a file. Only types of fixed width; gaps are zero. */
#ifndef UNLINKSNOOP_H
#define UNLINKSNOOP_H

#define NAME_SIZE 512

struct event {
	/// id of the process
	__u32 pid;
	/// id of the user it runs as
	/// @format uid
	__u32 uid;
	/// 0: the file is gone; negative: the error
	/// @format errno
	__s32 ret;
	/// name of the thread
	char comm[16];
	/// the name as the process gave it; from 511 bytes on it is cut and ends in ...
	char filename[NAME_SIZE];
	/// @time
	__u64 time_ns;
};

#endif
