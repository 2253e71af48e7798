/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events as long as they have to be: mark N sends N % 20 letters, through a flexible array, and through the used part of a long one. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct open {
	__u32 index;
	char text[];
};

struct part {
	__u32 index;
	__u16 words[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct open);
} opens SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct part);
} parts SEC(".maps");

static const char letters[32] = "abcdefghijklmnopqrstuvwxyz";

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	char bytes[sizeof(struct open) + 32] = {};
	struct open *open = (void *)bytes;
	struct part part = {};
	__u32 index = ctx->args[1], n = index % 20;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	open->index = part.index = index;
	__builtin_memcpy(open->text, letters, 20);
	for (int i = 0; i < 20; i++)
		part.words[i] = i + index;
	asm volatile("" : "+r"(n)); /* the bound that follows is for the verifier; the compiler knows it */
	n &= 31;
	bpf_ringbuf_output(&opens, bytes, sizeof(*open) + n, 0);
	bpf_ringbuf_output(&parts, &part, __builtin_offsetof(struct part, words) + 2 * n, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
