/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * softirqs: which deferred work of interrupts runs how often, and how long?
 *
 * Each run of a kind is seen at its begin and end (../include/irqs.bpf.h). A run is interrupted by devices, and the time of a device's handler in
 * the middle is in it (hardirqs shows that alone).
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/irqs.bpf.h"
#include "softirqs.h"

/// only on this CPU (-1: on all)
/// @cmdarg {"short": "c"}
/// @exists /sys/devices/system/cpu/cpu%
const volatile __s32 cpu = -1;

/// @when !distributed
/// @sample {"interval": 1000, "type": "default_kv", "sort": "count", "counters": true}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct kind);
	__type(value, struct total);
} totals SEC(".maps");

/// @when distributed
/// @sample {"interval": 1000, "type": "log2_hist", "unit": "usecs", "unit_if": {"nanoseconds": "nsecs"}, "sort": "+softirq"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct kind);
	__type(value, struct hist);
} hists SEC(".maps");

static void add_total(struct kind *kind, __u64 ns)
{
	struct total *total = find_or_add(&totals, kind);

	if (!total)
		return;
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->total_usecs, ns);
}

static void add_to_hist(struct kind *kind, __u64 ns)
{
	struct hist *hist = find_or_add(&hists, kind);

	if (hist)
		log2_count(hist->slots, in_unit(ns));
}

static void add(unsigned int number, __u64 ns)
{
	struct kind kind = { .softirq = number };

	if (distributed)
		add_to_hist(&kind, ns);
	else
		add_total(&kind, ns);
}

SEC("raw_tp/softirq_entry")
int BPF_PROG(softirq_entry, unsigned int number)
{
	if (run_begins(cpu))
		add(number, 0);
	return 0;
}

/// @when !count_only, distributed
SEC("raw_tp/softirq_exit")
int BPF_PROG(softirq_exit, unsigned int number)
{
	__u64 ns;

	if (run_ends(&ns))
		add(number, ns);
	return 0;
}

/// @brief Shows how often the kinds of soft interrupts run, and how long.
/// @description Counts the runs of each kind of soft interrupt and their time, and shows them every second (--interval), since the start or,
/// with --clear, since the last time. --distributed draws how the times are spread.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
