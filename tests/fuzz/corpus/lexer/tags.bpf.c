/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/// @brief A tool with every tag
/// @version 1.2
#include "tags.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <linux/bpf.h>
#include <linux/types.h>

/// Shortest time to report,
/// in microseconds.
const volatile __u32 min_us = 10;

/** @description "Process to trace" */
/** @cmdarg {"default": 0, "long": "pid", "short": "p",
 *           "help": "only this process"} */
const volatile int targ_pid = 0;

/// @value 7
/// @unit {"si": ["u", "s"]}
/// @note not JSON: {
/// @flagged
int counter;

/// @sample {"interval": 500, "type": "log2_hist", "unit": "us", "clear_map": true}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, int);
	__type(value, struct place);
} hist SEC(".maps");

/// One entry a task.
/// @max_entries pid_max
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, int);
	__type(value, int);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/// @alternative typed
SEC("tp_btf/sched_switch")
int BPF_PROG(typed, int preempt)
{
	counter++;
	return min_us + targ_pid;
}

/// @alternative raw
/// @optional
SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	return 0;
}

SEC("perf_event")
/// @freq 49
/// @event cpu-cycles
int sampler(void *ctx)
{
	return 0;
}

/// @details More about it,
/// on two lines.
/// What it does, in a sentence.
char LICENSE[] SEC("license") = "GPL";
