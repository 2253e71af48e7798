/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Waits in a run queue: from the moment a thread is able to run until a CPU runs it.
 *
 *                wakeup, new thread              gets the CPU
 *     sleeping ----------------------> waiting ----------------> running
 *                                         ^                         |
 *                                         +--- loses it: preempt ---+
 *                                         |<-------- wait --------->|
 *
 * Two steps. When a thread becomes able to run, note the time. When a thread gets a CPU, look at the note, hand the
 * difference to the tool's runq_waited(), and wipe the note. When it goes to sleep, wipe it too: a thread that is still on its way
 * to sleep may be woken, and of a few wakeups and switches the kernel tells no program. So an old note can never be taken for a new one.
 *
 * The three hooks exist twice. `tp_btf` programs get typed pointers: they may read fields directly and keep the note in
 * the task itself (task storage), where it needs no key and ends with the task. `raw_tp` programs get plain numbers:
 * they read through BPF_CORE_READ() and keep the notes in a hash. The runner takes the first set that this kernel can
 * load.
 *
 * These hooks run hundreds of thousands of times a second on a busy machine, a report is rare: so what comes first is
 * what is cheap and decides most often. A waiting thread's note is overwritten where it lies and wiped, not removed, for
 * a lookup costs a fraction of an insertion; the hash lets go of it when the thread dies.
 *
 * The runner (runner.bpf.h) is left out at both ends. Its own waits are not noted. A wait that ends when the runner gives up its CPU is told as if
 * the thread before it had gone on until then; one that only the runner caused, because it began while the runner had the CPU or took it
 * from this very thread, is not told.
 *
 * In the kernel "pid" is the id of one thread and "tgid" the id of the process; so it is here. A tool that includes this
 * has the options --targ-pid (-t) and --targ-tgid (-p).
 *
 * Include after vmlinux.h, bpf/bpf_core_read.h, bpf/bpf_helpers.h and bpf/bpf_tracing.h.
 */
#ifndef TOOLS_RUNQ_BPF_H
#define TOOLS_RUNQ_BPF_H

#include "runner.bpf.h"
#include "task.bpf.h"

/* Who had a CPU before the runner. */
struct before_runner {
	__u64 until_ns; /* bpf_ktime_get_ns() when the runner got it */
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct before_runner);
} before_runner SEC(".maps");

/*
 * What the tool does with a wait that ends. Names and ids are taken from @next, which has waited, and @prev, which had the CPU
 * until now: "current" is still @prev here. Both may be plain addresses: read them with BPF_CORE_READ(). Where @before is not NULL, @prev is
 * the runner, and @before had the CPU.
 */
static void runq_waited(void *ctx, struct task_struct *prev, const struct before_runner *before,
			struct task_struct *next, __u64 wait_ns);

/// report only this thread (thread id, 0: all)
/// @cmdarg {"short": "t"}
/// @exists /proc/%
const volatile __u32 targ_pid = 0;
/// report only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 targ_tgid = 0;

/// @alternative btf
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} start SEC(".maps"); /* bpf_ktime_get_ns() when the task became able to run; 0: no note */

/// @alternative raw
/// @max_entries threads_max
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u64);
} start_by_pid SEC(".maps"); /* the same note, by thread id, for the life of the thread */

static bool is_wanted(__u32 pid, __u32 tgid)
{
	if (pid == 0) /* the idle tasks, one a CPU: what they do is not waiting */
		return false;
	if (targ_pid && pid != targ_pid)
		return false;
	if (targ_tgid && tgid != targ_tgid)
		return false;
	return !is_runner(tgid);
}

/*
 * Does the task that loses the CPU go on waiting for it? When it was preempted, always: its state may already say
 * "sleeping", for it was stopped half-way to sleep, but it stays in the run queue.
 */
static bool stays_in_queue(bool preempt, unsigned int prev_state)
{
	return preempt || prev_state == TASK_RUNNING_STATE;
}

static void runner_comes(struct task_struct *prev, __u32 prev_pid)
{
	__u32 zero = 0;
	struct before_runner *before = bpf_map_lookup_elem(&before_runner, &zero);

	if (!before)
		return;
	before->until_ns = bpf_ktime_get_ns();
	before->pid = prev_pid;
	bpf_probe_read_kernel_str(before->comm, sizeof(before->comm), prev->comm);
}

/* @since: the note of @next. It may come from another CPU, whose clock can be a moment ahead. The runner has one thread, so its pid is its tgid. */
static __always_inline void end_wait(void *ctx, struct task_struct *prev, __u32 prev_pid, struct task_struct *next,
				     __u32 next_pid, __u64 since)
{
	struct before_runner *before = NULL;
	__u64 now = bpf_ktime_get_ns();
	__u32 zero = 0;

	if (is_runner(prev_pid)) {
		before = bpf_map_lookup_elem(&before_runner, &zero);
		if (!before || since >= before->until_ns || before->pid == next_pid)
			return;
	}
	runq_waited(ctx, prev, before, next, now > since ? now - since : 0);
}

/* ---- choice "btf": the note lives in the task ---- */

static void note_start(struct task_struct *task)
{
	__u64 *since;

	if (!is_wanted(task->pid, task->tgid))
		return;
	since = bpf_task_storage_get(&start, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (since)
		*since = bpf_ktime_get_ns();
}

/// @alternative btf
SEC("tp_btf/sched_wakeup")
int BPF_PROG(btf_wakeup, struct task_struct *task)
{
	note_start(task);
	return 0;
}

/// @alternative btf
SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(btf_wakeup_new, struct task_struct *task)
{
	note_start(task);
	return 0;
}

/// @alternative btf
SEC("tp_btf/sched_switch")
int BPF_PROG(btf_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 *since;

	if (stays_in_queue(preempt, task_state(prev))) {
		note_start(prev);
	} else {
		since = bpf_task_storage_get(&start, prev, NULL, 0);
		if (since)
			*since = 0;
	}

	if (next->pid == 0)
		return 0;
	if (is_runner(next->pid))
		runner_comes(prev, prev->pid);
	since = bpf_task_storage_get(&start, next, NULL, 0);
	if (since && *since) {
		end_wait(ctx, prev, prev->pid, next, next->pid, *since);
		*since = 0;
	}
	return 0;
}

/* ---- choice "raw": the notes live in a hash ---- */

static void note_start_by_pid(struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, pid);
	__u64 *since, now;

	if (!is_wanted(pid, BPF_CORE_READ(task, tgid)))
		return;
	now = bpf_ktime_get_ns();
	since = bpf_map_lookup_elem(&start_by_pid, &pid);
	if (since)
		*since = now;
	else
		bpf_map_update_elem(&start_by_pid, &pid, &now, BPF_ANY);
}

/* The task sleeps, or has died. */
static void forget_start_by_pid(struct task_struct *task, bool is_dead)
{
	__u32 pid = BPF_CORE_READ(task, pid);
	__u64 *since;

	if (is_dead) {
		bpf_map_delete_elem(&start_by_pid, &pid);
		return;
	}
	since = bpf_map_lookup_elem(&start_by_pid, &pid);
	if (since)
		*since = 0;
}

/// @alternative raw
SEC("raw_tp/sched_wakeup")
int BPF_PROG(raw_wakeup, struct task_struct *task)
{
	note_start_by_pid(task);
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(raw_wakeup_new, struct task_struct *task)
{
	note_start_by_pid(task);
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_switch")
int BPF_PROG(raw_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	unsigned int prev_state = task_state_at(prev);
	__u32 pid = BPF_CORE_READ(next, pid);
	__u64 *since;

	if (stays_in_queue(preempt, prev_state))
		note_start_by_pid(prev);
	else
		forget_start_by_pid(prev, prev_state == TASK_DEAD_STATE);

	if (pid == 0)
		return 0;
	if (is_runner(pid))
		runner_comes(prev, BPF_CORE_READ(prev, pid));
	since = bpf_map_lookup_elem(&start_by_pid, &pid);
	if (since && *since) {
		end_wait(ctx, prev, BPF_CORE_READ(prev, pid), next, pid, *since);
		*since = 0;
	}
	return 0;
}

#endif
