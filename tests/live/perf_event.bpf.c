/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/// @export
struct event {
	__u32 cpu;
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

/// @freq 200
SEC("perf_event")
int sample(void *ctx)
{
	struct event event = { .cpu = bpf_get_smp_processor_id(), .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
