/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As exporters of metrics have it: the bucket is a part of the key. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b

struct latency_key {
	__u32 kind;
	__u32 bucket;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct latency_key);
	__type(value, __u64);
} latency SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int counts_mark(struct trace_event_raw_sys_enter *ctx)
{
	struct latency_key key = { .kind = 3, .bucket = ctx->args[1] % 3 };
	__u64 zero = 0, *count;

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	bpf_map_update_elem(&latency, &key, &zero, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&latency, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
