/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HIST_H
#define HIST_H

struct hist {
	__u32 slots[8];
	char comm[16];
};

#endif
