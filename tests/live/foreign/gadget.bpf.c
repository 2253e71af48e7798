/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As gadgets are: the type of the events stands in the name of a variable, and the buffer is reached through functions of their own. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b

#define GADGET_TRACER(name, map_name, event_type)                                                                      \
	const void *gadget_tracer_##name##___##map_name##___##event_type __attribute__((unused));                      \
	const struct event_type *__gadget_unused_##name __attribute__((unused));

struct other {
	__u64 numbers[9];
};

struct marked {
	__u32 index;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

GADGET_TRACER(marks, events, marked);

static __always_inline void *gadget_reserve_buf(void *map, __u64 size)
{
	return bpf_ringbuf_reserve(map, size, 0);
}

static __always_inline void gadget_submit_buf(void *buf)
{
	bpf_ringbuf_submit(buf, 0);
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int marks(struct trace_event_raw_sys_enter *ctx)
{
	struct marked *marked;

	if (ctx->args[0] != MARK_OPTION)
		return 0;
	marked = gadget_reserve_buf(&events, sizeof(*marked));
	if (!marked)
		return 0;
	marked->index = ctx->args[1];
	bpf_get_current_comm(marked->comm, sizeof(marked->comm));
	gadget_submit_buf(marked);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
