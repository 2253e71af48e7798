/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which times without a CPU a tool adds up: by their length, and by whether a thread belongs to a process or to the kernel.
 *
 * A tool that includes this has the options -m, -M and -u. Lengths are whole microseconds, as they are added up.
 *
 * Include after vmlinux.h, bpf/bpf_core_read.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_BLOCK_TIME_BPF_H
#define TOOLS_BLOCK_TIME_BPF_H

/// only threads of processes, none of the kernel
/// @cmdarg {"short": "u"}
const volatile bool user_threads_only = false;
/// only times of at least this long
/// @cmdarg {"short": "m"}
/// @unit us
/// @at_most max_block_time
const volatile __u64 min_block_time = 1;
/// only times of at most this long
/// @cmdarg {"short": "M"}
/// @unit us
const volatile __u64 max_block_time = -1;

#define PF_KTHREAD 0x00200000 /* a macro of the kernel: not in its types */

static inline bool is_kernel_thread(struct task_struct *task)
{
	return BPF_CORE_READ(task, flags) & PF_KTHREAD;
}

/* @since_ns may come from another CPU, whose clock can be a moment ahead. */
static inline __u64 microseconds(__u64 since_ns, __u64 now_ns)
{
	return now_ns > since_ns ? (now_ns - since_ns) / 1000 : 0;
}

static inline bool is_wanted_time(__u64 us)
{
	return us >= min_block_time && us <= max_block_time;
}

#endif
