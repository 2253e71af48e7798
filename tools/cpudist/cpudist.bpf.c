/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cpudist: how long do threads keep a CPU, or go without one, as a picture?
 *
 *     switch(prev, next)        on-CPU:  a turn of prev ends, one of next begins
 *                               off-CPU: a pause of next ends, one of prev begins
 *
 * So a switch always ends the time of one thread and begins that of the other; --offcpu only says which is which. The moment of
 * the beginning is noted in the task (task storage), or by thread id in a hash where tasks have none. A turn is counted whether the
 * thread left by itself or was made to; a pause is sleeping and waiting for a CPU together (runqlat shows the waiting
 * alone). What began before the tool did is not counted.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "cpudist.h"

#include "../include/runner.bpf.h"
#include "../include/task_hist.bpf.h"

/// time without a CPU instead of time with one
/// @cmdarg {"short": "O"}
const volatile bool offcpu = false;
/// only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;

/// @alternative btf
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} begun SEC(".maps"); /* bpf_ktime_get_ns(); 0: no note */

/// @alternative raw
/// @max_entries threads_max
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u64);
} begun_by_pid SEC(".maps"); /* the same note, by thread id */

static bool is_wanted(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);

	/* 0: the idle tasks, one a CPU */
	return tgid && (!pid || tgid == pid) && !is_runner(tgid);
}

/* @since: the note. It may come from another CPU, whose clock can be a moment ahead. */
static void end(struct task_struct *task, __u64 since, __u64 now)
{
	count_time(task, now > since ? now - since : 0);
}

/// @alternative btf
SEC("tp_btf/sched_switch")
int BPF_PROG(btf_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct task_struct *ends = offcpu ? next : prev, *begins = offcpu ? prev : next;
	__u64 now = bpf_ktime_get_ns(), *since;

	if (is_wanted(ends)) {
		since = bpf_task_storage_get(&begun, ends, NULL, 0);
		if (since && *since) {
			end(ends, *since, now);
			*since = 0;
		}
	}
	if (is_wanted(begins)) {
		since = bpf_task_storage_get(&begun, begins, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (since)
			*since = now;
	}
	return 0;
}

/// @alternative raw
SEC("raw_tp/sched_switch")
int BPF_PROG(raw_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct task_struct *ends = offcpu ? next : prev, *begins = offcpu ? prev : next;
	__u64 now = bpf_ktime_get_ns(), *since;
	__u32 tid;

	if (is_wanted(ends)) {
		tid = BPF_CORE_READ(ends, pid);
		since = bpf_map_lookup_elem(&begun_by_pid, &tid);
		if (since && *since) {
			end(ends, *since, now);
			*since = 0;
		}
	}
	if (is_wanted(begins)) {
		tid = BPF_CORE_READ(begins, pid);
		bpf_map_update_elem(&begun_by_pid, &tid, &now, BPF_ANY);
	}
	return 0;
}

/// @brief Shows how long threads keep a CPU, or go without one, as a histogram.
/// @description Counts the turns of threads on a CPU by their length, or with --offcpu the pauses between them, and draws them every
/// second (--interval), since the start or, with --clear, since the last time.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
