/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stacks of marks in every form: ids of two maps of stacks and an array of addresses, in events; ids in a sampled map whose size is an
 * option. What is counted is chosen by options, so that one package serves all questions.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b

/// @export
struct event {
	__u32 tgid;
	__u32 index;
	/// @weight
	/// @format duration
	__u64 cost;
	/// @format kernel_stack
	/// @stacks kernel_stacks
	__s32 kernel;
	/// @format user_stack
	/// @stacks user_stacks
	__s32 user;
	char comm[16];
	/// @format user_stack
	__u64 addresses[12];
};

/// @export
struct who {
	__u32 pid;
	/// @format user_stack
	/// @stacks user_stacks
	__s32 user;
	char comm[16];
};

/// send events
const volatile bool send = false;
/// how many stacks there is room for; with few of them two stacks now and then want the same slot
const volatile __u32 slots = 65536;

/// @when send
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} kernel_stacks SEC(".maps");

/// @max_entries slots
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 65536);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} user_stacks SEC(".maps");

/// @when !send
/// @sample {"type": "stacks", "value": "count"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct who);
	__type(
		value, struct {
			__u64 sum;
			__u64 count;
		});
} sums SEC(".maps");

static const struct {
	__u64 sum, count;
} zero;

static void count(void *ctx, __u32 index)
{
	struct who who = { .pid = bpf_get_current_pid_tgid() >> 32 };
	struct {
		__u64 sum, count;
	} * sum;

	who.user = bpf_get_stackid(ctx, &user_stacks, BPF_F_USER_STACK);
	bpf_get_current_comm(who.comm, sizeof(who.comm));
	bpf_map_update_elem(&sums, &who, &zero, BPF_NOEXIST);
	sum = bpf_map_lookup_elem(&sums, &who);
	if (!sum)
		return;
	sum->sum += index;
	sum->count++;
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 index = ctx->args[1];
	struct event *event;

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	if (!send) {
		count(ctx, index);
		return 0;
	}
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->tgid = bpf_get_current_pid_tgid() >> 32;
	event->index = index;
	event->cost = 10 + index;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->kernel = bpf_get_stackid(ctx, &kernel_stacks, 0);
	event->user = bpf_get_stackid(ctx, &user_stacks, BPF_F_USER_STACK);
	bpf_get_stack(ctx, event->addresses, sizeof(event->addresses), BPF_F_USER_STACK);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
