/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program that sets itself off: its message is an event it is attached to. The kernel leaves the second run out. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/// @export
struct event {
	__u32 index;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

static __u32 number;

static bool is_mark(void)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'm' && comm[1] == 'a' && comm[2] == 'r' && comm[3] == 'k' && !comm[4];
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	if (ctx->args[0] == 0x6d61726b)
		bpf_printk("mark");
	return 0;
}

SEC("tp_btf/bpf_trace_printk")
int printed(void *ctx)
{
	struct event event = { .index = number };

	if (!is_mark())
		return 0;
	number++;
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	bpf_printk("again");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
