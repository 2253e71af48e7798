/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Results in global variables: a histogram for each kind, and a list of counts. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b
#define KINDS       4

struct hist {
	__u32 slots[20];
};

struct hist hists[KINDS] = {};
__u64 counts[KINDS] = {};

SEC("tracepoint/syscalls/sys_enter_prctl")
int counts_mark(struct trace_event_raw_sys_enter *ctx)
{
	__u64 index = ctx->args[1];

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	__sync_fetch_and_add(&counts[index % KINDS], 1);
	__sync_fetch_and_add(&hists[index % KINDS].slots[index % 2], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
