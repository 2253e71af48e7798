/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps as authors write them, globals of every section, a pin, and loss counters as docs/formats/prelude.md describes them. */
#include "load.bpf.h"

struct event {
	__u64 when;
	char text[44];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000); /* neither a power of two nor pages */
	__type(value, struct event);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} ecli_load_test_pinned SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ecli_lost SEC(".maps");

struct site {
	__u32 slot;
	char map[27];
	__u8 type;
};

static volatile const struct site first SEC(".rodata.ecli") = { 0, "ring" };
static volatile const struct site second SEC(".rodata.ecli") = { 0, "start" };
static volatile const struct site third SEC(".rodata.ecli") = { 0, "ring", BPF_MAP_TYPE_RINGBUF };
static volatile const struct site fourth SEC(".rodata.ecli") = { 0, "r6", BPF_MAP_TYPE_STACK_TRACE };

__u32 in_data = 7;
__u32 in_bss;
__u32 in_mine SEC(".data.mine") = 9;

static __always_inline void lose(const volatile struct site *site, __u64 count)
{
	__u32 slot = site->slot;
	__u64 *lost = bpf_map_lookup_elem(&ecli_lost, &slot);

	if (lost)
		*lost += count;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter, void *regs, long id)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 key = 0;

	if (!self_tgid || task->tgid != self_tgid || id != in_data)
		return 0;
	lose(&first, 1);
	lose(&second, 10);
	lose(&third, 100);
	lose(&fourth, 1000);
	__sync_fetch_and_add(&in_bss, in_mine);
	bpf_map_delete_elem(&start, &key);
	bpf_map_lookup_elem(&ecli_load_test_pinned, &key);
	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &key, sizeof(key));
	void *room = bpf_ringbuf_reserve(&ring, sizeof(struct event), 0);
	if (room)
		bpf_ringbuf_discard(room, 0);
	return hit(0);
}
