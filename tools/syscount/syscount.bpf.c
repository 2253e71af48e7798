/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * syscount: which system calls are made how often, by whom, and how long do they take?
 *
 * Counting alone needs the begin of a call only: each is counted, also one that never returns (exit, a successful execve), and
 * what a fork returns in the child is no call. For times and results the begin is noted for the thread, number and time, and
 * counted at the end; what began before the tool did is not.
 *
 * The note lies in the task, or by thread id in a hash where tasks have no storage (before Linux 5.11). Not seen: calls of 32-bit
 * programs, whose numbers mean other calls.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/task.bpf.h"
#include "syscount.h"

/// only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;
/// count by process instead of by system call
/// @cmdarg {"short": "P"}
const volatile bool process = false;
/// show how long the calls took in all
/// @cmdarg {"short": "L"}
const volatile bool latency = false;
/// only calls that failed
/// @cmdarg {"short": "x"}
const volatile bool failures = false;
/// only calls that failed with this error
/// @cmdarg {"short": "e"}
/// @format errno
const volatile __u32 errno = 0;

struct note {
	__u64 begun; /* bpf_ktime_get_ns(); 0: no note */
	__s32 syscall;
};

/// @alternative task
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct note);
} notes SEC(".maps");

/// @alternative hash
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct note);
} notes_by_pid SEC(".maps");

/// @when !process
/// @sample {"interval": 1000, "type": "default_kv", "sort": "count", "top": 20, "clear_map": true, "counters": true}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct call);
	__type(value, struct by_syscall);
} calls SEC(".maps");

/// @when process
/// @sample {"interval": 1000, "type": "default_kv", "sort": "count", "top": 20, "clear_map": true, "counters": true}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct process);
	__type(value, struct by_process);
} processes SEC(".maps");

static bool is_counted_at_end(void)
{
	return latency || failures || errno;
}

static bool is_wanted(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return (!pid || tgid == pid) && !is_runner(tgid) && !is_in_32_bit_call();
}

static void count_call(__s32 number, __u64 ns)
{
	struct call call = { .syscall = number };
	struct by_syscall *sum = find_or_add(&calls, &call);

	if (!sum)
		return;
	__sync_fetch_and_add(&sum->count, 1);
	__sync_fetch_and_add(&sum->time_us, ns);
}

static void count_process(__u64 ns)
{
	struct process whom = { .pid = bpf_get_current_pid_tgid() >> 32 };
	struct by_process *sum = bpf_map_lookup_elem(&processes, &whom);

	if (!sum) {
		struct by_process fresh = {};

		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
		bpf_map_update_elem(&processes, &whom, &fresh, BPF_NOEXIST);
		sum = bpf_map_lookup_elem(&processes, &whom);
	}
	if (!sum)
		return;
	__sync_fetch_and_add(&sum->count, 1);
	__sync_fetch_and_add(&sum->time_us, ns);
}

static void count(__s32 number, __u64 ns)
{
	if (process)
		count_process(ns);
	else
		count_call(number, ns);
}

static void end(struct note *note, long result)
{
	__u64 now = bpf_ktime_get_ns(), begun;

	if (!note || !note->begun)
		return;
	begun = note->begun;
	note->begun = 0;
	if (failures && result >= 0)
		return;
	if (errno && result != -(long)errno)
		return;
	count(note->syscall, now > begun ? now - begun : 0);
}

/// @alternative task
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_task(struct trace_event_raw_sys_enter *ctx)
{
	struct note *note;

	if (!is_wanted())
		return 0;
	if (!is_counted_at_end()) {
		count(ctx->id, 0);
		return 0;
	}
	note = bpf_task_storage_get(&notes, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (note)
		*note = (struct note){ bpf_ktime_get_ns(), ctx->id };
	return 0;
}

/// @alternative task
/// @when latency, failures, errno
SEC("tracepoint/raw_syscalls/sys_exit")
int exit_task(struct trace_event_raw_sys_exit *ctx)
{
	end(bpf_task_storage_get(&notes, bpf_get_current_task_btf(), NULL, 0), ctx->ret);
	return 0;
}

/// @alternative hash
SEC("raw_tp/sys_enter")
int BPF_PROG(enter_hash, struct pt_regs *regs, long number)
{
	struct note note = { .syscall = number };
	__u32 tid = bpf_get_current_pid_tgid();

	if (!is_wanted())
		return 0;
	if (!is_counted_at_end()) {
		count(number, 0);
		return 0;
	}
	note.begun = bpf_ktime_get_ns();
	bpf_map_update_elem(&notes_by_pid, &tid, &note, BPF_ANY);
	return 0;
}

/// @alternative hash
/// @when latency, failures, errno
SEC("raw_tp/sys_exit")
int BPF_PROG(exit_hash, struct pt_regs *regs, long result)
{
	__u32 tid = bpf_get_current_pid_tgid();

	end(bpf_map_lookup_elem(&notes_by_pid, &tid), result);
	return 0;
}

/// @brief Counts system calls.
/// @description Counts system calls by kind or, with --process, by process, and shows the most frequent ones every second (--interval), each time
/// anew; with -i 0 all of the run, at the end.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
