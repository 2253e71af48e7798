/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Facts about tasks that differ between kernels.
 *
 * How to read a field that was renamed: describe each version of the struct with a "flavour", a type whose name ends in
 * `___anything` (the loader ignores that part) and which lists only the fields we use. While loading, the offsets are
 * filled in from the running kernel's own types, and bpf_core_field_exists() becomes a constant 1 or 0, so that the
 * branch for the other kernels is never looked at. No version numbers: distributions move such changes to old kernels.
 *
 * Include after vmlinux.h and bpf/bpf_core_read.h.
 */
#ifndef TOOLS_TASK_BPF_H
#define TOOLS_TASK_BPF_H

#define TASK_RUNNING_STATE 0 /* TASK_RUNNING is a macro of the kernel: no trace of it in its types */

/* Linux 5.14 and later: the name warns kernel authors not to read it without care. */
struct task_struct___new {
	unsigned int __state;
} __attribute__((preserve_access_index));

struct task_struct___old {
	volatile long state;
} __attribute__((preserve_access_index));

/* True when the task is able to run: it has a CPU or waits for one. */
static inline bool task_is_runnable(struct task_struct *task)
{
	struct task_struct___new *new = (void *)task;
	struct task_struct___old *old = (void *)task;

	if (bpf_core_field_exists(new->__state))
		return BPF_CORE_READ(new, __state) == TASK_RUNNING_STATE;
	return BPF_CORE_READ(old, state) == TASK_RUNNING_STATE;
}

#endif
