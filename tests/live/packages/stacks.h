/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef STACKS_H
#define STACKS_H

struct stack_event {
	__u32 tgid;
	__u32 cpu_id;
	char comm[16];
	__s32 kstack_sz;
	__s32 ustack_sz;
	__u64 kstack[64];
	__u64 ustack[64];
};

#endif
