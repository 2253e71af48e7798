/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each mark makes `per_mark` records at once, far more than the ring holds. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/// @export
struct event {
	__u64 index;
	__u64 mark; /* its number, which the workload gave */
	__u64 padding[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/// Records made for each mark
const volatile __u32 per_mark = 1000;

static long produce(__u32 index, void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	event->index = index;
	event->mark = *(__u64 *)ctx;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u64 mark = ctx->args[1];

	if (ctx->args[0] == 0x6d61726b)
		bpf_loop(per_mark, produce, &mark, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
