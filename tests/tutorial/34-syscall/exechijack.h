/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __EXECHIJACK_H
#define __EXECHIJACK_H

#define TASK_COMM_LEN 16

struct event {
	int pid;
	char comm[TASK_COMM_LEN];
	bool success;
};

#endif
