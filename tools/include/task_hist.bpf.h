/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Histograms of times of threads: one for the whole machine, each process, thread or namespace of process ids (a container), drawn
 * every second.
 *
 * The tool says what a time is (a wait, a turn on a CPU) and whose, by count_time(). Nothing is reported one by one, which costs little
 * on the busiest machine. A tool that includes this has the options --pids, --tids, --pidnss and --milliseconds.
 *
 * Include after vmlinux.h, bpf/bpf_core_read.h, bpf/bpf_helpers.h and the tool's own header, which has
 *
 *     struct whom { __u32 pid, pidns; }                            the process or thread, or the namespace; 0: all
 *     struct hist { __u32 slots[a power of two]; char comm[16]; }  its times, and its name
 */
#ifndef TOOLS_TASK_HIST_BPF_H
#define TOOLS_TASK_HIST_BPF_H

#include "bits.bpf.h"
#include "maps.bpf.h"

/// a histogram for each process
/// @cmdarg {"short": "P"}
const volatile bool pids = false;
/// a histogram for each thread
/// @cmdarg {"short": "L"}
const volatile bool tids = false;
/// a histogram for each namespace of process ids, by its number in /proc/PID/ns/pid
const volatile bool pidnss = false;
/// count milliseconds instead of microseconds
/// @cmdarg {"short": "m", "long": "milliseconds"}
const volatile bool ms = false;

/// @sample {"interval": 1000, "type": "log2_hist", "unit": "usecs", "unit_if": {"ms": "msecs"}, "sort": "+pid"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct whom);
	__type(value, struct hist);
} hists SEC(".maps");

/* The namespace in which @task has its innermost id; 0: it has ended and is switched away from for the last time. */
static __u32 pidns_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct upid *innermost = pid->numbers + BPF_CORE_READ(pid, level); /* an address: nothing is read here */

	return pid ? BPF_CORE_READ(innermost, ns, ns.inum) : 0;
}

/* @task may be a plain address. A process is called what its first thread is. */
static void count_time(struct task_struct *task, __u64 ns)
{
	struct whom whom = {};
	struct hist *hist;

	if (tids)
		whom.pid = BPF_CORE_READ(task, pid);
	else if (pids)
		whom.pid = BPF_CORE_READ(task, tgid);
	if (pidnss)
		whom.pidns = pidns_of(task);
	hist = find_or_add(&hists, &whom);
	if (!hist)
		return;
	log2_count(hist->slots, ns / (ms ? 1000000 : 1000));
	if (whom.pid && !hist->comm[0]) {
		struct task_struct *named = tids ? task : BPF_CORE_READ(task, group_leader);

		bpf_probe_read_kernel_str(hist->comm, sizeof(hist->comm), named->comm);
	}
}

#endif
