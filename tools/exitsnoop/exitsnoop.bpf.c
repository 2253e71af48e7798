/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exitsnoop: which processes end, after how long, and with what result?
 *
 * The kernel's hook fires once for each *thread*. A process ends with its last thread, whichever that is: the first one
 * (the "leader", whose id is the process id) may have left long ago. So: wait for the last thread, then describe the
 * process through its leader, which stays in memory until the parent has asked for the result.
 *
 * The hook is taken in two ways. As a tracepoint it never misses a process, and a kernel without types of its own has it
 * too. As a raw tracepoint it can be had where tracefs cannot; but since Linux 7.0 a thread may be interrupted there, and the
 * kernel leaves out the run for another one that ends on the same CPU meanwhile (the runner tells how many).
 *
 *     tracepoint   the record says "group_dead": this was the last thread; Linux 6.16 and later only
 *     raw          args[0] is the struct task_struct * of the thread that ends, args[1] the same "group_dead"
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "exitsnoop.h"

#define SIGNAL_GROUP_EXIT 0x4  /* all threads were told to end; a macro of the kernel: not in its types */
#define STATUS_SIGNAL     0x7f /* the layout of a status as wait(2) returns it */
#define STATUS_CORE       0x80
#define STATUS_CODE_SHIFT 8

/// report only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;
/// report only processes that failed: a status other than 0, or killed
/// @cmdarg {"short": "x"}
const volatile bool failed_only = false;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* ---- which thread is the last one? ---- */

/* The record has this member exactly when the raw tracepoint has the second argument. */
struct trace_event_raw_sched_process_exit___6_16 {
	bool group_dead;
} __attribute__((preserve_access_index));

struct process {
	__u64 start_time; /* makes the key unique: process ids are used again */
	__u32 pid;
	__u32 zero;
};

/* Processes reported lately, before Linux 6.16 only. The oldest leave by themselves. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct process);
	__type(value, bool);
} reported SEC(".maps");

/*
 * Older kernels: the number of threads left is counted down a good while before the hook. When several threads end at
 * once, more than one of them finds 0 here; the first to enter the process into the map is the one that reports it.
 */
static bool is_first_to_see_none_left(struct task_struct *task)
{
	struct process process = {};
	bool yes = true;

	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return false;
	process.start_time = BPF_CORE_READ(task, group_leader, start_time);
	process.pid = BPF_CORE_READ(task, tgid);
	return bpf_map_update_elem(&reported, &process, &yes, BPF_NOEXIST) == 0;
}

static bool has_group_dead(void)
{
	return bpf_core_field_exists(struct trace_event_raw_sched_process_exit___6_16, group_dead);
}

/* ---- how did it end? ---- */

/* What the parent's wait() will return: the status all threads share (exit(3), a signal), else the leader's own. */
static __u32 wait_status(struct task_struct *leader)
{
	if (BPF_CORE_READ(leader, signal, flags) & SIGNAL_GROUP_EXIT)
		return BPF_CORE_READ(leader, signal, group_exit_code);
	return BPF_CORE_READ(leader, exit_code);
}

/* @task: the last thread of its process. */
static int on_end(struct task_struct *task)
{
	struct task_struct *leader;
	struct event *event;
	__u32 status;

	leader = BPF_CORE_READ(task, group_leader);
	status = wait_status(leader);
	if ((failed_only && status == 0) || (pid && pid != BPF_CORE_READ(leader, tgid)))
		return 0;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0; /* full: the runner tells how many were lost */

	/* The gaps too: a reserved record holds old bytes. */
	__builtin_memset(event, 0, sizeof(*event));

	event->time_ns = bpf_ktime_get_ns();
	event->duration_ns = event->time_ns - BPF_CORE_READ(leader, start_time);
	event->pid = BPF_CORE_READ(leader, tgid);
	event->ppid = BPF_CORE_READ(leader, real_parent, tgid);
	event->signal = status & STATUS_SIGNAL;
	event->core_dumped = (status & STATUS_CORE) != 0;
	event->exit_code = event->signal ? 128 + event->signal : (status >> STATUS_CODE_SHIFT) & 0xff;
	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), leader->comm);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/// @alternative tracepoint
SEC("tracepoint/sched/sched_process_exit")
int exit_tracepoint(struct trace_event_raw_sched_process_exit___6_16 *record)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task(); /* each thread ends by itself */
	bool is_last = has_group_dead() ? record->group_dead : is_first_to_see_none_left(task);

	return is_last ? on_end(task) : 0;
}

/// @alternative raw
SEC("raw_tp/sched_process_exit")
int exit_raw(unsigned long long *args)
{
	struct task_struct *task = (struct task_struct *)args[0];
	bool is_last = has_group_dead() ? (bool)args[1] : is_first_to_see_none_left(task);

	return is_last ? on_end(task) : 0;
}

/// @brief Shows the processes that end.
/// @description Reports each process when its last thread ends: how long it lived and with what result.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
