/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __SIGNAL_H
#define __SIGNAL_H

#define TASK_COMM_LEN 16

/* What happened to which process. */
struct event {
	int pid;
	char comm[TASK_COMM_LEN];
	bool success;
};

#endif /* __SIGNAL_H */
