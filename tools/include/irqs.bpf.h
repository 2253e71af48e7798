/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs of what interrupts, device handlers (hardirqs) or soft interrupts (softirqs): what both tools ask for and how a run is timed.
 *
 *     a run begins ── counted at once with --count_only ── or its moment is noted for this CPU ── it ends: counted with its time
 *
 * One note a CPU is enough for each tool: a handler is not interrupted by another handler, nor one soft interrupt by another. The tool that includes
 * this has the options --count_only, --distributed and --nanoseconds; what is counted under which name is its own.
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_IRQS_BPF_H
#define TOOLS_IRQS_BPF_H

#include "bits.bpf.h"
#include "maps.bpf.h"

/// only count, which costs least: no times
/// @cmdarg {"short": "C"}
const volatile bool count_only = false;
/// histograms of times instead of sums
/// @cmdarg {"short": "d"}
const volatile bool distributed = false;
/// nanoseconds instead of microseconds, in histograms
/// @cmdarg {"short": "N"}
const volatile bool nanoseconds = false;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} begun SEC(".maps"); /* bpf_ktime_get_ns(); 0: no note */

static inline __u64 *note_of_this_cpu(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&begun, &only);
}

/* @cpu: the only one that is wanted, -1: all. True: count it now, nobody asked for times. */
static inline bool run_begins(__s32 cpu)
{
	__u64 *since = note_of_this_cpu();

	if (!since || (cpu >= 0 && bpf_get_smp_processor_id() != (__u32)cpu))
		return false;
	if (count_only && !distributed)
		return true;
	*since = bpf_ktime_get_ns();
	return false;
}

/* True: count it, with @ret_ns. False: its begin was not seen, or is not wanted. */
static inline bool run_ends(__u64 *ret_ns)
{
	__u64 *since = note_of_this_cpu();

	if (!since || !*since)
		return false;
	*ret_ns = bpf_ktime_get_ns() - *since;
	*since = 0;
	return true;
}

/* In the unit of the histograms. */
static inline __u64 in_unit(__u64 ns)
{
	return nanoseconds ? ns : ns / 1000;
}

#endif
