/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * offcputime: what do threads wait for?
 *
 *     running ── switch ──> without a CPU: asleep, or able to run and waiting ── switch ──> running
 *                  │                                                              │
 *          stack and time are noted ───────────────────────────────────> the difference is added to that stack
 *
 * At the switch away "current" is still the thread that goes, so the stack is the one of what it waits for. Where a profiler shows what
 * uses CPUs, this shows what does not get to use them: locks, disks, sleeps, the network.
 *
 * The hook exists twice. `tp_btf` gives typed pointers; `raw_tp` gives plain addresses, for kernels without types. The runner takes
 * the first that this kernel can load. Waits that began before the tool did are not known.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/block_time.bpf.h"
#include "../include/lists.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/stacks.bpf.h"
#include "../include/task.bpf.h"
#include "offcputime.h"

/// only these processes (ids, separated by commas)
/// @cmdarg {"short": "p"}
/// @count n_pids
/// @exists /proc/%
const volatile __u32 pids[IDS_MAX];
const volatile __u32 n_pids;
/// only these threads
/// @cmdarg {"short": "t"}
/// @count n_tids
/// @exists /proc/%
const volatile __u32 tids[IDS_MAX];
const volatile __u32 n_tids;
/// only threads of the kernel
/// @cmdarg {"short": "k"}
const volatile bool kernel_threads_only = false;
/// only in one of these states (bits: 1 interruptible, 2 uninterruptible; 0: able to run; -1: all)
const volatile __s64 state = -1;

struct departure {
	struct blocked who;
	__u32 zero;
	__u64 since_ns; /* 0: it has a CPU */
};

/// @max_entries threads_max
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct departure);
} departures SEC(".maps"); /* by thread id */

/// @max_entries max_rows
/// @sample {"type": "stacks", "value": "us", "unit": "us"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 40960);
	__type(key, struct blocked);
	__type(value, struct off_cpu);
} waits SEC(".maps");

static __always_inline bool is_wanted(struct task_struct *task, __u32 pid, __u32 tgid)
{
	bool is_kernel = is_kernel_thread(task);
	unsigned int now = task_state_at(task);

	if (!pid || is_runner_task(task))
		return false;
	if (!has_id(pids, n_pids, tgid) || !has_id(tids, n_tids, pid))
		return false;
	if (user_threads_only != kernel_threads_only && is_kernel != kernel_threads_only)
		return false;
	return state == -1 || (state ? (now & state) != 0 : !now);
}

static __always_inline void note_departure(void *ctx, struct task_struct *prev)
{
	/* First of all: to walk the stack takes time, and the thread is without a CPU already. */
	struct departure departure = { .since_ns = bpf_ktime_get_ns() };

	departure.who.pid = BPF_CORE_READ(prev, pid);
	departure.who.tgid = BPF_CORE_READ(prev, tgid);
	if (!is_wanted(prev, departure.who.pid, departure.who.tgid))
		return;
	departure.who.kernel_stack = kernel_stack_id(ctx);
	departure.who.user_stack = is_kernel_thread(prev) ? NO_STACK : user_stack_id(ctx);
	bpf_map_update_elem(&departures, &departure.who.pid, &departure, BPF_ANY);
}

static __always_inline void add_wait(struct task_struct *next, const struct departure *departure)
{
	__u64 us = microseconds(departure->since_ns, bpf_ktime_get_ns());
	struct blocked who = departure->who;
	struct off_cpu *sum;

	if (!is_wanted_time(us))
		return;
	sum = find_or_add(&waits, &who);
	if (!sum)
		return;
	if (!sum->comm[0])
		bpf_probe_read_kernel_str(sum->comm, sizeof(sum->comm), next->comm);
	__sync_fetch_and_add(&sum->us, us);
	__sync_fetch_and_add(&sum->count, 1);
}

static __always_inline void on_switch(void *ctx, struct task_struct *prev, struct task_struct *next)
{
	__u32 pid = BPF_CORE_READ(next, pid);
	struct departure *departure;

	note_departure(ctx, prev);
	if (!pid)
		return;
	departure = bpf_map_lookup_elem(&departures, &pid);
	if (!departure)
		return;
	add_wait(next, departure);
	bpf_map_delete_elem(&departures, &pid);
}

/// @alternative btf
SEC("tp_btf/sched_switch")
int BPF_PROG(btf_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	on_switch(ctx, prev, next);
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_switch")
int BPF_PROG(raw_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	on_switch(ctx, prev, next);
	return 0;
}

/// @brief Adds up the time that threads are without a CPU, by stack: what they wait for.
/// @description Measures how long threads sleep or wait for a CPU and adds that up for each stack. Shows the sums at the end (Ctrl-C, --duration),
/// the largest last, or as a flame graph: -o flame=off.html; -o folded, -o pprof=FILE.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
