/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a loader program has to get right: functions that are not inlined, two programs in one section, relocations against
 * the kernel's types, all kinds of data sections, a map of maps, functions of the kernel, and maps of alternatives.
 */
#include "load.bpf.h"

const volatile __u32 getppid_nr = 0;
__u64 total = 5;
__u64 counted;
const char words[16] SEC(".rodata.words") = "some words";

extern void bpf_rcu_read_lock(void) __ksym; /* 6.2 */
extern void bpf_rcu_read_unlock(void) __ksym;

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &inner } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} first_map SEC(".maps"), second_map SEC(".maps");

static __attribute__((noinline)) int add(__u64 n)
{
	__sync_fetch_and_add(&total, n);
	__sync_fetch_and_add(&counted, 1);
	return words[0] == 's' ? hit(n) : 0;
}

static __always_inline int wanted(long id)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	return id == getppid_nr && self_tgid && BPF_CORE_READ(task, tgid) == self_tgid;
}

SEC("?raw_tp/sys_enter")
int one(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 key = 0, *value;
	void *map = bpf_map_lookup_elem(&outer, &key);
	__u64 now = 1;

	if (!wanted(ctx->args[1]))
		return 0;
	value = map ? bpf_map_lookup_elem(map, &key) : NULL;
	if (value)
		__sync_fetch_and_add(value, 1);
	bpf_map_update_elem(&first_map, &key, &now, BPF_ANY);
	return add(1);
}

SEC("?raw_tp/sys_enter")
int two(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 key = 0;
	__u64 now = 2;

	if (!wanted(ctx->args[1]))
		return 0;
	bpf_map_update_elem(&second_map, &key, &now, BPF_ANY);
	return add(2);
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(three, void *regs, long id)
{
	return wanted(id) ? add(3) : 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(four, void *regs, long id)
{
	if (!wanted(id))
		return 0;
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return add(4);
}
