/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each mark is numbered from 0 since loading, and sent through a ring and a perf buffer; every tenth into a map that is too small. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct ring_row {
	__u64 number;
};

struct perf_row {
	__u64 number;
	__u64 twice;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct ring_row);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct perf_row);
} perfs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 5);
	__type(key, __u64);
	__type(value, __u64);
} seen SEC(".maps");

static __u64 numbers;

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct ring_row ring = {};
	struct perf_row perf = {};

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	ring.number = perf.number = __sync_fetch_and_add(&numbers, 1);
	perf.twice = perf.number * 2;
	bpf_ringbuf_output(&rings, &ring, sizeof(ring), 0);
	bpf_perf_event_output(ctx, &perfs, BPF_F_CURRENT_CPU, &perf, sizeof(perf));
	if (perf.number % 10 == 0)
		bpf_map_update_elem(&seen, &perf.number, &perf.twice, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
