/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything that can be looked at: mark N of a run (tests/live/mark.c) is counted in variables, in a queue, a stack, LRU and
 * per-CPU maps, and in the storage of its task and cgroup. Every value is known from the number of marks.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct row {
	__u64 count;
	__u64 sum;
};

/// @sample {"columns": ["count", "sum", "avg = sum / count"]}
struct row single;

/// @sample {"counters": true, "columns": ["class = index", "*"]}
struct row classes[8];

/// @sample {"type": "log2_hist"}
__u32 slots[8];

/// @sample
__u64 total = 1000;

/// @sample
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 256);
	__type(value, struct row);
} queue SEC(".maps");

/// @sample
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 256);
	__type(value, __u32);
} stack SEC(".maps");

/// @sample {"sort": "+key"}
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} lru SEC(".maps");

/// @sample {"percpu": "each", "sort": "+cpu"}
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} each SEC(".maps");

/// @sample
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct row);
} tasks SEC(".maps");

/// @sample [{"name": "by_count", "columns": ["key", "count"], "sort": "count", "top": 2, "total": true}, {"name": "by_key", "columns": ["sum", "key"], "sort": "+key"}]
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct row);
} twice SEC(".maps");

static void add(struct row *row, __u64 index)
{
	__sync_fetch_and_add(&row->count, 1);
	__sync_fetch_and_add(&row->sum, index);
}

SEC("tp_btf/sys_enter")
int BPF_PROG_enter(__u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[0];
	__u32 index, key, bucket = 0;
	struct row row = {}, *at;
	__u64 one = 1, *n;

	if (ctx[1] != 157 || regs->di != 0x6d61726b)
		return 0;
	index = regs->si;
	row.count = 1;
	row.sum = index;
	add(&single, index);
	add(&classes[(index % 4) & 7], index);
	for (__u32 rest = index; rest > 1 && bucket < 7; rest /= 2)
		bucket++;
	__sync_fetch_and_add(&slots[bucket & 7], 1);
	__sync_fetch_and_add(&total, 1);
	bpf_map_push_elem(&queue, &row, 0);
	bpf_map_push_elem(&stack, &index, 0);
	key = index % 3;
	n = bpf_map_lookup_elem(&lru, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&lru, &key, &one, BPF_NOEXIST);
	key = 1;
	n = bpf_map_lookup_elem(&each, &key);
	if (n)
		*n += 1;
	at = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (at)
		add(at, index);
	key = index % 5;
	at = bpf_map_lookup_elem(&twice, &key);
	if (at)
		add(at, index);
	else
		bpf_map_update_elem(&twice, &key, &row, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
