/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each mark puts an entry into maps that are too small, by functions that are given the map: which of them was full is to be told. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "mark.bpf.h"

#define SMALL(name, entries)                                                                                           \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_HASH);                                                                       \
		__uint(max_entries, entries);                                                                          \
		__type(key, __u64);                                                                                    \
		__type(value, __u64);                                                                                  \
	} name SEC(".maps")

SMALL(first, 4);
SMALL(second, 7);
SMALL(third, 5);
SMALL(fourth, 3);
SMALL(map, 2);
SMALL(a_name_that_is_longer_than_the_field_of_it, 8);
#define ALIAS a_name_that_is_longer_than_the_field_of_it

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 6);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __u64 numbers;

/* Inlined: each copy of it knows its map. */
static __always_inline void put(void *map, __u64 number)
{
	bpf_map_update_elem(map, &number, &number, BPF_NOEXIST);
}

/* One function for several maps: at this place nobody knows which. */
static __attribute__((noinline)) int put_into_any(void *map, __u64 number)
{
	return bpf_map_update_elem(map, &number, &number, BPF_NOEXIST);
}

static __always_inline struct event *reserve(void *buffer)
{
	return bpf_ringbuf_reserve(buffer, sizeof(struct event) + 976, 0);
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct event *event;
	__u64 number;

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	number = __sync_fetch_and_add(&numbers, 1);
	put(&first, number);
	put(&second, number);
	put_into_any(&third, number);
	put_into_any(&fourth, number);
	bpf_map_update_elem(&map, &number, &number, BPF_NOEXIST);
	bpf_map_update_elem(&ALIAS, &number, &number, BPF_NOEXIST);
	bpf_map_push_elem(&queue, &number, 0);
	event = reserve(&events);
	if (event) {
		event->number = event->index = number;
		bpf_ringbuf_submit(event, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
