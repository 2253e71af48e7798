/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sampled tables: mark N of a run counts under N % 10, as often as that number says, in a map of one value and in a per-CPU
 * map; `greatest` keeps the greatest index each CPU has seen.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct row {
	__u64 count;
	__s32 least;
	char comm[16];
};

/// @sample {"interval": 100, "sort": "count"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct row);
} one SEC(".maps");

/// @sample {"interval": 100, "sort": "+key", "top": 4}
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct row);
} each SEC(".maps");

/// @sample {"interval": 100, "percpu": "max"}
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} greatest SEC(".maps");

static const struct row zero;

static void count(void *map, __u32 key, __u32 index)
{
	struct row *row;

	bpf_map_update_elem(map, &key, &zero, BPF_NOEXIST);
	row = bpf_map_lookup_elem(map, &key);
	if (!row)
		return;
	__sync_fetch_and_add(&row->count, key);
	row->least = -(__s32)key;
	bpf_get_current_comm(row->comm, sizeof(row->comm));
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 index = ctx->args[1], zero_key = 0;
	__u64 *most;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	count(&one, index % 10, index);
	count(&each, index % 10, index);
	most = bpf_map_lookup_elem(&greatest, &zero_key);
	if (most && *most < index)
		*most = index;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
