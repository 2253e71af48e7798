/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One row of runqslower: one wait in a run queue that ended. Shared with whoever reads the rows, so only types of fixed
 * width; the members leave no gaps.
 */
#ifndef RUNQSLOWER_H
#define RUNQSLOWER_H

struct event {
	/// name of the thread that waited
	char task[16];
	/// name of the thread that had the CPU until then
	char prev_task[16];
	/// how long it waited, in microseconds
	/// @unit us
	__u64 delta_us;
	/// id of the thread that waited
	__u32 pid;
	/// id of the thread that had the CPU until then; 0 is the idle task
	__u32 prev_pid;
};

#endif
