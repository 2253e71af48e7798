/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each step of falling asleep and of waking up, with the time of two clocks: one stands still while the machine sleeps. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct event {
	/// @time
	__u64 mono;
	/// @format timestamp_boot
	__u64 boot;
	char action[24];
	__u32 start;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
	__type(value, struct event);
} events SEC(".maps");

SEC("raw_tp/suspend_resume")
int step(struct bpf_raw_tracepoint_args *ctx)
{
	struct event event = { .mono = bpf_ktime_get_ns(), .boot = bpf_ktime_get_boot_ns(), .start = ctx->args[2] & 1 };

	bpf_probe_read_kernel_str(event.action, sizeof(event.action), (void *)ctx->args[0]);
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
