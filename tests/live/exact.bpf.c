/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A storm of updates: each mark makes 1000, from every CPU at once, in maps of all the kinds that clearing has to be exact for. The sum
 * of what is shown must be what was made: `made` counts along.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define PER_MARK 1000

struct hist {
	__u32 slots[16];
	char comm[16];
};

struct row {
	__u64 count, total;
};

/// @sample {"interval": 100}
__u64 made;

/// @sample {"interval": 100, "type": "log2_hist"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

/// @sample {"interval": 100}
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu SEC(".maps");

/// @sample {"interval": 100}
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} cells SEC(".maps");

/// Keys come and go: without the deletion of idle ones the map would be full when it is cleared.
/// @sample {"interval": 100, "counters": true}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 700);
	__type(key, __u32);
	__type(value, struct row);
} churn SEC(".maps");

static const struct hist empty_hist;
static const struct row empty_row;
static const __u64 zero;

static void *find(void *map, const __u32 *key, const void *empty)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	bpf_map_update_elem(map, key, empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

static long update(__u32 index, void *ctx)
{
	__u64 serial = __sync_fetch_and_add(&made, 1);
	__u32 key = serial % 16, slot = serial >> 4;
	struct hist *hist = find(&hists, &key, &empty_hist);
	struct row *row;
	__u64 *n;

	if (hist)
		__sync_fetch_and_add(&hist->slots[slot & 15], 1);
	n = find(&per_cpu, &key, &zero);
	if (n)
		*n += 1;
	key = serial % 64;
	n = bpf_map_lookup_elem(&cells, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	key = serial >> 14; /* 611 keys of 10 million */
	row = find(&churn, &key, &empty_row);
	if (row) {
		__sync_fetch_and_add(&row->count, 1);
		__sync_fetch_and_add(&row->total, 3);
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	if (ctx->args[0] == 0x6d61726b)
		bpf_loop(PER_MARK, update, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
