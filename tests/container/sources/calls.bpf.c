/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which process sets which priority: a source with a header, as a person would mount it into the image. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "calls.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} calls SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_setpriority")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = { .pid = bpf_get_current_pid_tgid() >> 32, .niceness = ctx->args[2] };

	bpf_ringbuf_output(&calls, &call, sizeof(call), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
