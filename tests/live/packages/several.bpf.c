/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Three buffers, no __type(value, ...): one has records of two sizes, one has 128-bit numbers, one is a perf buffer. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "several.h"

/* What the public compiler adds so that types survive. */
const volatile struct small *__eunomia_dummy_small_ptr __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} mixed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} wide SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perfs SEC(".maps");

/// Added to each number
const volatile __u32 offset = 0;

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	__u32 index = ctx->args[1];
	struct small small = { .index = index + offset };
	struct middle middle = { .index = index, .twice = index * 2 };
	struct wide huge = { .index = index, .negative = -1 };

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	huge.index = (huge.index << 64) + 5;
	bpf_get_current_comm(huge.comm, sizeof(huge.comm));
	if (index % 2)
		bpf_ringbuf_output(&mixed, &middle, sizeof(middle), 0);
	else
		bpf_ringbuf_output(&mixed, &small, sizeof(small), 0);
	bpf_ringbuf_output(&wide, &huge, sizeof(huge), 0);
	bpf_perf_event_output(ctx, &perfs, BPF_F_CURRENT_CPU, &middle, sizeof(middle));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
