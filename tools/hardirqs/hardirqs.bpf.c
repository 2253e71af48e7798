/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hardirqs: how often do devices interrupt, and how long do their handlers keep the CPU?
 *
 * Each run of a handler is seen at its begin and end. The begin is noted for the CPU: a handler is not interrupted by another,
 * so one note a CPU is enough. Several handlers may share a line; each is a run of its own, with its own name.
 *
 * Interrupts that are no handler's (the local timer, those between CPUs) are not seen here; the kernel has other hooks for them.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/bits.bpf.h"
#include "hardirqs.h"

/// only count, which costs least: no times
/// @cmdarg {"short": "C"}
const volatile bool count_only = false;
/// a histogram of times for each handler
/// @cmdarg {"short": "d"}
const volatile bool distributed = false;
/// nanoseconds instead of microseconds, in histograms
/// @cmdarg {"short": "N"}
const volatile bool nanoseconds = false;
/// only on this CPU (-1: on all)
/// @cmdarg {"short": "s"}
const volatile __s32 cpu = -1;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} begun SEC(".maps"); /* bpf_ktime_get_ns(); 0: no note */

/// @when !distributed
/// @sample {"interval": 1000, "type": "default_kv", "sort": "count", "counters": ["count", "total_usecs"]}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct irq);
	__type(value, struct total);
} totals SEC(".maps");

/// @when distributed
/// @sample {"interval": 1000, "type": "log2_hist", "unit": "usecs", "unit_if": {"nanoseconds": "nsecs"}, "sort": "+hardirq"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct irq);
	__type(value, struct hist);
} hists SEC(".maps");

static const struct total no_total;
static const struct hist no_hist;

static bool is_wanted(void)
{
	return cpu < 0 || bpf_get_smp_processor_id() == (__u32)cpu;
}

static void add_total(struct irq *irq, __u64 ns)
{
	struct total *total = bpf_map_lookup_elem(&totals, irq);

	if (!total) {
		bpf_map_update_elem(&totals, irq, &no_total, BPF_NOEXIST);
		total = bpf_map_lookup_elem(&totals, irq);
	}
	if (!total)
		return;
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->total_usecs, ns);
	if (ns > total->max_usecs)
		total->max_usecs = ns;
}

static void add_to_hist(struct irq *irq, __u64 ns)
{
	struct hist *hist = bpf_map_lookup_elem(&hists, irq);

	if (!hist) {
		bpf_map_update_elem(&hists, irq, &no_hist, BPF_NOEXIST);
		hist = bpf_map_lookup_elem(&hists, irq);
	}
	if (hist)
		log2_count(hist->slots, HARDIRQS_SLOTS, nanoseconds ? ns : ns / 1000);
}

static void add(struct irqaction *action, __u64 ns)
{
	struct irq irq = {};

	bpf_probe_read_kernel_str(irq.hardirq, sizeof(irq.hardirq), BPF_CORE_READ(action, name));
	if (distributed)
		add_to_hist(&irq, ns);
	else
		add_total(&irq, ns);
}

SEC("raw_tp/irq_handler_entry")
int BPF_PROG(handler_entry, int irq, struct irqaction *action)
{
	__u32 only = 0;
	__u64 *since = bpf_map_lookup_elem(&begun, &only);

	if (!is_wanted() || !since)
		return 0;
	if (count_only && !distributed)
		add(action, 0);
	else
		*since = bpf_ktime_get_ns();
	return 0;
}

/// @when !count_only, distributed
SEC("raw_tp/irq_handler_exit")
int BPF_PROG(handler_exit, int irq, struct irqaction *action)
{
	__u32 only = 0;
	__u64 *since = bpf_map_lookup_elem(&begun, &only);

	if (since && *since) {
		add(action, bpf_ktime_get_ns() - *since);
		*since = 0;
	}
	return 0;
}

/// @brief Shows how often devices interrupt, and how long their handlers take.
/// @description Counts the runs of interrupt handlers and their time, by name, and shows them every second (--interval), since the start or,
/// with --clear, since the last time. --distributed draws how the times are spread.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
