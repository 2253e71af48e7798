/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * softirqs: which deferred work of interrupts runs how often, and how long?
 *
 * Each run of a kind is seen at its begin and end. The begin is noted for the CPU: a run is interrupted by devices, but never
 * by another run on the same CPU. The time of a device's handler in the middle is in it (hardirqs shows that alone).
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/bits.bpf.h"
#include "softirqs.h"

/// only count, which costs least: no times
/// @cmdarg {"short": "C"}
const volatile bool count_only = false;
/// a histogram of times for each kind
/// @cmdarg {"short": "d"}
const volatile bool distributed = false;
/// nanoseconds instead of microseconds, in histograms
/// @cmdarg {"short": "N"}
const volatile bool nanoseconds = false;
/// only on this CPU (-1: on all)
/// @cmdarg {"short": "c"}
const volatile __s32 cpu = -1;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} begun SEC(".maps"); /* bpf_ktime_get_ns(); 0: no note */

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

static const struct total no_total;
static const struct hist no_hist;

static bool is_wanted(void)
{
	return cpu < 0 || bpf_get_smp_processor_id() == (__u32)cpu;
}

static void add_total(struct kind *kind, __u64 ns)
{
	struct total *total = bpf_map_lookup_elem(&totals, kind);

	if (!total) {
		bpf_map_update_elem(&totals, kind, &no_total, BPF_NOEXIST);
		total = bpf_map_lookup_elem(&totals, kind);
	}
	if (!total)
		return;
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->total_usecs, ns);
}

static void add_to_hist(struct kind *kind, __u64 ns)
{
	struct hist *hist = bpf_map_lookup_elem(&hists, kind);

	if (!hist) {
		bpf_map_update_elem(&hists, kind, &no_hist, BPF_NOEXIST);
		hist = bpf_map_lookup_elem(&hists, kind);
	}
	if (hist)
		log2_count(hist->slots, SOFTIRQS_SLOTS, nanoseconds ? ns : ns / 1000);
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
	__u32 only = 0;
	__u64 *since = bpf_map_lookup_elem(&begun, &only);

	if (!is_wanted() || !since)
		return 0;
	if (count_only && !distributed)
		add(number, 0);
	else
		*since = bpf_ktime_get_ns();
	return 0;
}

/// @when !count_only, distributed
SEC("raw_tp/softirq_exit")
int BPF_PROG(softirq_exit, unsigned int number)
{
	__u32 only = 0;
	__u64 *since = bpf_map_lookup_elem(&begun, &only);

	if (since && *since) {
		add(number, bpf_ktime_get_ns() - *since);
		*since = 0;
	}
	return 0;
}

/// @brief Shows how often the kinds of soft interrupts run, and how long.
/// @description Counts the runs of each kind of soft interrupt and their time, and shows them every second (--interval), since the start or,
/// with --clear, since the last time. --distributed draws how the times are spread.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
