/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	if (ctx->args[0] == 0x6d61726b)
		bpf_printk("mark %d", ctx->args[1]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
