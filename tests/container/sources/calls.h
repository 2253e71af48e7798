/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of the calls tool of the container tests: one setpriority(2). */
#ifndef CALLS_H
#define CALLS_H

struct call {
	__u32 pid;
	__s32 niceness;
};

#endif
