/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wakeuptime: who ends the sleep of others, and after how long?
 *
 *     target:  running ── goes to sleep ── note the time ............ woken ── ...
 *     waker:   ...                                     running ── wakes ──┘ its stack gets the time that the target slept
 *
 * offcputime shows what a thread waits in; this shows the other end: on whom it waits. "current" at the wakeup is the waker, or what
 * was interrupted when it is an interrupt that wakes: then its kernel stack tells. The hook is sched_waking: sched_wakeup, which is
 * nearer to the end of the wakeup, may run on the CPU of the target, where "current" is anybody.
 *
 * Each hook exists twice: `tp_btf` gives typed pointers, `raw_tp` plain addresses, for kernels without types.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/block_time.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/stacks.bpf.h"
#include "../include/task.bpf.h"
#include "wakeuptime.h"

/// only sleeps of this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;
/// @max_entries threads_max
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u64);
} asleep SEC(".maps"); /* by thread id: since when, bpf_ktime_get_ns() */

/// @max_entries max_rows
/// @sample {"type": "stacks", "value": "us", "unit": "us"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 40960);
	__type(key, struct wakeup);
	__type(value, struct slept);
} wakeups SEC(".maps");

static __always_inline void falls_asleep(struct task_struct *task, bool preempt)
{
	__u32 id = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);
	__u64 now = bpf_ktime_get_ns();

	/* Who was only interrupted goes on waiting for a CPU and is woken by nobody. */
	if (!id || preempt || task_state_at(task) == TASK_RUNNING_STATE)
		return;
	if ((pid && tgid != pid) || is_runner_task(task))
		return;
	if (user_threads_only && is_kernel_thread(task))
		return;
	bpf_map_update_elem(&asleep, &id, &now, BPF_ANY);
}

static __always_inline void wakes(void *ctx, struct task_struct *task)
{
	__u64 now = bpf_ktime_get_ns(), us, *since;
	__u32 id = BPF_CORE_READ(task, pid);
	struct wakeup wakeup = {};
	struct slept *sum;

	since = bpf_map_lookup_elem(&asleep, &id);
	if (!since)
		return;
	us = microseconds(*since, now);
	bpf_map_delete_elem(&asleep, &id);
	wakeup.tgid = bpf_get_current_pid_tgid() >> 32;
	if (!is_wanted_time(us) || is_runner_task((void *)bpf_get_current_task()))
		return;
	bpf_probe_read_kernel_str(wakeup.target, sizeof(wakeup.target), task->comm);
	bpf_get_current_comm(wakeup.waker, sizeof(wakeup.waker));
	wakeup.kernel_stack = kernel_stack_id(ctx);
	wakeup.user_stack = user_stack_id(ctx);

	sum = find_or_add(&wakeups, &wakeup);
	if (!sum)
		return;
	__sync_fetch_and_add(&sum->us, us);
	__sync_fetch_and_add(&sum->count, 1);
}

/// @alternative btf
SEC("tp_btf/sched_switch")
int BPF_PROG(btf_switch, bool preempt, struct task_struct *prev)
{
	falls_asleep(prev, preempt);
	return 0;
}

/// @alternative btf
SEC("tp_btf/sched_waking")
int BPF_PROG(btf_waking, struct task_struct *task)
{
	wakes(ctx, task);
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_switch")
int BPF_PROG(raw_switch, bool preempt, struct task_struct *prev)
{
	falls_asleep(prev, preempt);
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_waking")
int BPF_PROG(raw_waking, struct task_struct *task)
{
	wakes(ctx, task);
	return 0;
}

/// @brief Adds up the time that threads sleep, by the stack of who wakes them.
/// @description Measures how long threads sleep and adds that up for each pair of sleeper and waker and the stack of the waker. Shows the sums at the
/// end (Ctrl-C, --duration), the largest last, or as a flame graph: -o flame=wakeups.html; -o folded, -o pprof=FILE.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
