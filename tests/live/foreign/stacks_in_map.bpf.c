/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As profilers of bcc are: a map of stacks without sizes, and how often each was seen. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b

struct whom {
	__u32 pid;
	int user_stack_id, kern_stack_id;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(key_size, sizeof(__u32));
} stackmap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct whom);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int counts_stack(struct trace_event_raw_sys_enter *ctx)
{
	struct whom key = { .pid = bpf_get_current_pid_tgid() >> 32 };
	__u64 zero = 0, *count;

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	key.kern_stack_id = bpf_get_stackid(ctx, &stackmap, 0);
	key.user_stack_id = bpf_get_stackid(ctx, &stackmap, BPF_F_USER_STACK);
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	bpf_map_update_elem(&counts, &key, &zero, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
