/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stacks, kept once each: the map of stacks that the runner reads, and how a tool gets the id of one.
 *
 *     program ── bpf_get_stackid() ──> id ──> a member with @format kernel_stack or user_stack
 *                      │
 *                      └─ the stack itself ──> stacks[id]
 *
 * The id is a hash: another stack may lie in its slot already. Then the answer is -EEXIST, the runner counts a lost stack, and the
 * sample keeps its weight. NO_STACK stands for a stack that nobody asked for.
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_STACKS_BPF_H
#define TOOLS_STACKS_BPF_H

#define STACK_DEPTH 127 /* what the kernel gives at most (kernel.perf_event_max_stack) */
#define NO_STACK    -1

#ifndef BPF_F_USER_STACK
#define BPF_F_USER_STACK (1ULL << 8)
#endif

/// how many different stacks there is room for
const volatile __u32 stack_storage_size = 16384;

/// @max_entries stack_storage_size
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

static __always_inline __s32 kernel_stack_id(void *ctx)
{
	return bpf_get_stackid(ctx, &stacks, 0);
}

static __always_inline __s32 user_stack_id(void *ctx)
{
	return bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
}

#endif
