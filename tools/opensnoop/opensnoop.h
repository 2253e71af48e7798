/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of opensnoop: one attempt to open a file. Only types of fixed width; a record ends where the path does. */
#ifndef OPENSNOOP_H
#define OPENSNOOP_H

#define PATH_SIZE 4096 /* PATH_MAX: the kernel takes no longer one */

struct event {
	/// @time
	__u64 time_ns;
	/// id of the thread
	/// @hidden
	__u32 tid;
	/// id of the process
	__u32 pid;
	/// id of the user it runs as
	/// @when print_uid
	/// @format uid
	__u32 uid;
	/// name of the thread
	char comm[16];
	/// the new file descriptor, -1 when there is none
	__s32 fd;
	/// the error, 0 when there is none
	/// @format errno
	__u32 err;
	/// how it was opened
	/// @format file_flags
	/// @when extended_fields
	__u32 flags;
	/// permissions of a file that is made
	/// @format octal
	/// @when extended_fields
	__u32 mode;
	/// the name as the process gave it
	char path[PATH_SIZE];
};

#endif
