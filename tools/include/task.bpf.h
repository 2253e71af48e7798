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

/* Values of a task's state. In the kernel these are macros: no trace of them in its types. */
#define TASK_RUNNING_STATE 0    /* able to run: it has a CPU or waits for one */
#define TASK_DEAD_STATE    0x80 /* has run for the last time (Linux 4.15 and later) */

/* Linux 5.14 and later: the name warns kernel authors not to read it without care. */
struct task_struct___new {
	unsigned int __state;
} __attribute__((preserve_access_index));

struct task_struct___old {
	volatile long state;
} __attribute__((preserve_access_index));

/*
 * The state of a task. A typed pointer (tp_btf, fentry) is read directly, which costs one instruction; for a plain address
 * (raw_tp, kprobe) task_state_at() asks the kernel to read it, a call of some nanoseconds.
 */
static inline unsigned int task_state(struct task_struct *task)
{
	struct task_struct___new *new = (void *)task;
	struct task_struct___old *old = (void *)task;

	return bpf_core_field_exists(new->__state) ? new->__state : (unsigned int)old->state;
}

static inline unsigned int task_state_at(struct task_struct *task)
{
	struct task_struct___new *new = (void *)task;
	struct task_struct___old *old = (void *)task;

	if (bpf_core_field_exists(new->__state))
		return BPF_CORE_READ(new, __state);
	return (unsigned int)BPF_CORE_READ(old, state);
}

/*
 * Whether the current task is in a system call of a 32-bit program, whose numbers are those of another table. x86: a mark that the
 * kernel sets for the time of such a call (TS_COMPAT), as 64-bit programs can make them too; arm64: one of the task (TIF_32BIT).
 * Others: always false.
 */
struct thread_info___x86 {
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

struct user_pt_regs___any_arm64 {
	__u64 pstate;
} __attribute__((preserve_access_index));

static inline bool is_in_32_bit_call(void)
{
	struct task_struct___x86 *task = (void *)bpf_get_current_task();
	struct task_struct *any = (void *)task;

	if (bpf_core_field_exists(struct thread_info___x86, status))
		return BPF_CORE_READ(task, thread_info.status) & 2;
	if (bpf_core_field_exists(struct user_pt_regs___any_arm64, pstate))
		return BPF_CORE_READ(any, thread_info.flags) >> 22 & 1;
	return false;
}

#endif
