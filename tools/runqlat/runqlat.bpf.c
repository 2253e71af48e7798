/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * runqlat: how long do threads wait for a CPU, as a picture?
 *
 * Each wait in a run queue is counted in one of 32 buckets, for the whole machine, each process or each thread, and the runner
 * draws them every second. Nothing is reported one by one: this costs little on the busiest machine. When a wait begins
 * and ends is in ../include/runq.bpf.h; here is only what becomes of one.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/bits.bpf.h"
#include "../include/runq.bpf.h"
#include "runqlat.h"

/// a histogram for each process
/// @cmdarg {"short": "P"}
const volatile bool pids = false;
/// a histogram for each thread
/// @cmdarg {"short": "L"}
const volatile bool tids = false;
/// count milliseconds instead of microseconds
/// @cmdarg {"short": "m"}
const volatile bool ms = false;

/// @sample {"interval": 1000, "type": "log2_hist", "unit": "usecs", "unit_if": {"ms": "msecs"}, "sort": "+pid"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct whom);
	__type(value, struct hist);
} hists SEC(".maps");

static const struct hist empty;

static struct hist *find_or_add(struct whom *whom)
{
	struct hist *hist = bpf_map_lookup_elem(&hists, whom);

	if (hist)
		return hist;
	bpf_map_update_elem(&hists, whom, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&hists, whom);
}

static void runq_waited(void *ctx, struct task_struct *prev, struct task_struct *next, __u64 wait_ns)
{
	struct whom whom = {};
	struct hist *hist;

	if (tids)
		whom.pid = BPF_CORE_READ(next, pid);
	else if (pids)
		whom.pid = BPF_CORE_READ(next, tgid);
	hist = find_or_add(&whom);
	if (!hist)
		return;
	log2_count(hist->slots, RUNQLAT_SLOTS, wait_ns / (ms ? 1000000 : 1000));
	if (whom.pid && !hist->comm[0]) {
		struct task_struct *named = tids ? next : BPF_CORE_READ(next, group_leader);

		bpf_probe_read_kernel_str(hist->comm, sizeof(hist->comm), named->comm);
	}
}

/// @brief Shows how long threads wait for a CPU, as a histogram.
/// @description Counts waits in a run queue, from the moment a thread is able to run until a CPU runs it, and draws them every second
/// (--interval), since the start or, with --clear, since the last time.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
