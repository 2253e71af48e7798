/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once
#define MAX_LEN 64

struct head {
	unsigned long long ts;
	unsigned int pid;
};
