/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct seen {
	__u64 count;
	__u64 last;
};

/// @sample {"interval": 100, "type": "default_kv"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct seen);
} table SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct seen zero = {}, *seen;
	__u32 key = 42;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	bpf_map_update_elem(&table, &key, &zero, BPF_NOEXIST);
	seen = bpf_map_lookup_elem(&table, &key);
	if (seen) {
		seen->count++;
		seen->last = ctx->args[1];
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
