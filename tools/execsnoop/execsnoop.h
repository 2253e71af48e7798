/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of execsnoop: one program that was started, or was to be. Only types of fixed width; a record ends where the arguments do. */
#ifndef EXECSNOOP_H
#define EXECSNOOP_H

#define FILE_SIZE 512
#define ARGS_SIZE 4096 /* when this many bytes are there, no further argument is added */
#define ARG_SIZE  4096 /* of one argument */
#define CUT_SIZE  3    /* "..." */

struct event {
	/// @time
	__u64 time_ns;
	/// name of the process: after success the new one
	char pcomm[16];
	/// id of the process
	__u32 pid;
	/// id of its parent
	__u32 ppid;
	/// id of the user it runs as
	/// @when print_uid
	/// @format uid
	__u32 uid;
	/// 0: the program runs; else why not
	/// @format errno
	__s32 ret;
	/// the file as the process named it; from 511 bytes on it is cut and ends in ...
	char file[FILE_SIZE];
	/// the argument list
	/// @format argv
	char args[ARGS_SIZE + ARG_SIZE + CUT_SIZE];
};

#endif
