/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that are not of the size of their type: a longer one, a shorter one, one that is right. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct small {
	__u32 index;
	__u32 of;
};

struct large {
	struct small small;
	__u32 more[8];
};

/// send: 1 what the map's type says, 2 more, 3 less
const volatile __u32 how = 1;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct small);
} events SEC(".maps");

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct large large = { .small = { 1, 2 } };
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (__builtin_memcmp(comm, "mark", 5) != 0)
		return 0;
	if (how == 1)
		bpf_ringbuf_output(&events, &large.small, sizeof(large.small), 0);
	else if (how == 2)
		bpf_ringbuf_output(&events, &large, sizeof(large), 0);
	else
		bpf_ringbuf_output(&events, &large.small, sizeof(large.small.index), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
