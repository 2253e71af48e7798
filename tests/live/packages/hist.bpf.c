/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A sampled histogram in the style of runqlat: how many marks have a number of which magnitude. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "hist.h"

/// @sample {"interval": 100, "type" : "log2_hist", "unit": "marks"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, struct hist);
} hists SEC(".maps");

static struct hist zero;

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 key = -1, slot = 0, index = ctx->args[1];
	struct hist *hist;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	bpf_map_update_elem(&hists, &key, &zero, BPF_NOEXIST);
	hist = bpf_map_lookup_elem(&hists, &key);
	if (!hist)
		return 0;
	bpf_get_current_comm(hist->comm, sizeof(hist->comm));
	for (int i = 1; i < 8; i++)
		if (index >> i)
			slot = i;
	if (slot < 8)
		__sync_fetch_and_add(&hist->slots[slot], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
