/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the runner tells a tool about itself.
 *
 * A tool that reports on the whole machine also sees the program that prints its rows. Each row printed can then cause
 * the next one: without this, a busy terminal traces itself. The runner writes its own process id here before the
 * programs are loaded; 0 means "leave nobody out" (--trace-self, or a loader that does not know the variable).
 *
 * A tool that shows stacks makes the runner start a child, which looks up names (ecli-symbols). It comes later than this, so it is known by
 * whose child it is; the runner starts no other.
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_RUNNER_BPF_H
#define TOOLS_RUNNER_BPF_H

#include <bpf/bpf_core_read.h>

const volatile __u32 ecli_self_tgid;

/* @tgid: a process id as user space knows it (the kernel calls that one "thread group id"). */
static inline bool is_runner(__u32 tgid)
{
	return ecli_self_tgid && tgid == ecli_self_tgid;
}

/* @task: a typed pointer or a plain address. The runner's, or its child's. */
static inline bool is_runner_task(struct task_struct *task)
{
	return ecli_self_tgid && (BPF_CORE_READ(task, tgid) == ecli_self_tgid ||
				  BPF_CORE_READ(task, real_parent, tgid) == ecli_self_tgid);
}

#endif
