/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tables for a screen: mark N adds 1000 - N to row N of one table, whose other columns follow from N, and 1 to the only row of another.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct row {
	__u64 count;
	__s32 mixed;
	char comm[16];
	char path[64];
};

/// @sample {"interval": 100, "sort": "count", "top": 5, "counters": ["count"]}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

/// @sample {"interval": 100}
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

static void add_row(__u32 index)
{
	struct row new = { .count = 1000 - index, .mixed = (__s32)(index * 37 % 60) - 30 }, *row;

	row = bpf_map_lookup_elem(&rows, &index);
	if (row) {
		__sync_fetch_and_add(&row->count, 1000 - index);
		return;
	}
	bpf_get_current_comm(new.comm, sizeof(new.comm));
	for (__u32 i = 0; i < sizeof(new.path) - 1; i++)
		new.path[i] = i < index ? 'a' + i % 26 : 0;
	bpf_map_update_elem(&rows, &index, &new, BPF_NOEXIST);
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 zero = 0;
	__u64 *total;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	add_row(ctx->args[1]);
	total = bpf_map_lookup_elem(&totals, &zero);
	if (total)
		__sync_fetch_and_add(total, 1);
	return 0;
}

/// @brief Counts marks.
char LICENSE[] SEC("license") = "GPL";
