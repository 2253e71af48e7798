/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __OPENS_H
#define __OPENS_H

#define TASK_COMM_LEN 16

/* 操作的种类 */
enum kind {
	KIND_OPEN = 1,
	KIND_CLOSE = 2,
};

/* 每次调用一条记录 */
struct event {
	int pid; /* 进程号 */
	enum kind kind;
	char comm[TASK_COMM_LEN];
};

#endif
