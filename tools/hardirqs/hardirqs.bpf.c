/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hardirqs: how often do devices interrupt, and how long do their handlers keep the CPU?
 *
 * Each run of a handler is seen at its begin and end (../include/irqs.bpf.h). Several handlers may share a line; each is a run of its own, with
 * its own name.
 *
 * Interrupts that are no handler's (the local timer, those between CPUs) are not seen here; the kernel has other hooks for them.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/irqs.bpf.h"
#include "hardirqs.h"

/// only on this CPU (-1: on all)
/// @cmdarg {"short": "s"}
/// @exists /sys/devices/system/cpu/cpu%
const volatile __s32 cpu = -1;

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

static void add_total(struct irq *irq, __u64 ns)
{
	struct total *total = find_or_add(&totals, irq);

	if (!total)
		return;
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->total_usecs, ns);
	if (ns > total->max_usecs)
		total->max_usecs = ns;
}

static void add_to_hist(struct irq *irq, __u64 ns)
{
	struct hist *hist = find_or_add(&hists, irq);

	if (hist)
		log2_count(hist->slots, in_unit(ns));
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
	if (run_begins(cpu))
		add(action, 0);
	return 0;
}

/// @when !count_only, distributed
SEC("raw_tp/irq_handler_exit")
int BPF_PROG(handler_exit, int irq, struct irqaction *action)
{
	__u64 ns;

	if (run_ends(&ns))
		add(action, ns);
	return 0;
}

/// @brief Shows how often devices interrupt, and how long their handlers take.
/// @description Counts the runs of interrupt handlers and their time, by name, and shows them every second (--interval), since the start or,
/// with --clear, since the last time. --distributed draws how the times are spread.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
