/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program for this kernel and one for another, of which user space would leave one out. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct event {
	__u32 index;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

static __always_inline int send(struct trace_event_raw_sys_enter *ctx)
{
	struct event event = { .index = ctx->args[1] };

	if (ctx->args[0] == 0x6d61726b)
		bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int of_this_kernel(struct trace_event_raw_sys_enter *ctx)
{
	return send(ctx);
}

SEC("tracepoint/syscalls/sys_enter_prctl_of_old")
int of_another(struct trace_event_raw_sys_enter *ctx)
{
	return send(ctx);
}

char LICENSE[] SEC("license") = "GPL";
