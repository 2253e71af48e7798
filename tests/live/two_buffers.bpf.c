/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct ring_event {
	__u32 index;
};

/// @export
struct perfs {
	__u32 index;
	__u32 twice;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct ring_event);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perfs SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct ring_event ring = { .index = ctx->args[1] };
	struct perfs perf = { .index = ctx->args[1], .twice = ctx->args[1] * 2 };

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	bpf_ringbuf_output(&rings, &ring, sizeof(ring), 0);
	bpf_perf_event_output(ctx, &perfs, BPF_F_CURRENT_CPU, &perf, sizeof(perf));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
