/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stacks, kept once each: the map of stacks that the runner reads, and how a tool gets the id of one.
 *
 *     program ── bpf_get_stack() ──> addresses ── hash ──> id ──> a member with @format kernel_stack or user_stack, and @stacks stacks
 *                                        └──────────────────────> stacks[id]
 *
 * The map is an ordinary hash, all of which can be filled. The kernel's own kind of map for stacks (bpf_get_stackid()) has one slot for each
 * stack and no other: with half as many stacks as slots it loses one of five. An id stands for one stack, always: what has the id of another one by
 * chance (31 bits of a hash: one of 10,000 stacks has, every fiftieth time) takes the next; what finds no room is counted as lost, and the sample keeps its weight.
 *
 * A stack is too large for the stack of a program. What it is read into belongs to the CPU, and a program may be interrupted by another one, or
 * by itself in another thread (uprobes): each takes a place that is free, and there are a few.
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_STACKS_BPF_H
#define TOOLS_STACKS_BPF_H

#define STACK_DEPTH  127 /* what the kernel gives at most (kernel.perf_event_max_stack) */
#define STACK_PLACES 4
#define ID_TRIES     2

/* Instead of an id. */
#define NO_STACK     -1  /* nobody asked for it */
#define ABSENT_STACK -14 /* EFAULT: the kernel has none to give */
#define LOST_STACK   -12 /* ENOMEM */
#define OTHER_STACK  -17 /* EEXIST: the id is another one's */

#ifndef ECLI_LOST /* compiled without ecc: nobody counts */
#define ECLI_LOST(map)
#endif

#ifndef BPF_F_USER_STACK
#define BPF_F_USER_STACK (1ULL << 8)
#endif

/// how many different stacks there is room for (1.1 KiB each)
const volatile __u32 stack_storage_size = 16384;
/// how many rows there is room for: processes with their different stacks (about 100 bytes each)
const volatile __u32 max_rows = 40960;

struct stack {
	__u64 addresses[STACK_DEPTH];
};

/// @max_entries stack_storage_size
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __s32);
	__type(value, struct stack);
} stacks SEC(".maps");

struct stack_place {
	__u64 users;
	struct stack stack;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STACK_PLACES);
	__type(key, __u32);
	__type(value, struct stack_place);
} stack_places SEC(".maps");

/*
 * A place that nobody else on this CPU is using; NULL: they are all in use. Who finds more users than itself leaves it again: of two that come at once
 * it may be that neither gets it, never both. (Atomic operations that return a value came with Linux 5.12.)
 */
static __always_inline struct stack_place *take_stack_place(void)
{
	for (__u32 i = 0; i < STACK_PLACES; i++) {
		__u32 index = i;
		struct stack_place *place = bpf_map_lookup_elem(&stack_places, &index);

		if (!place)
			return NULL;
		__sync_fetch_and_add(&place->users, 1);
		if (*(volatile __u64 *)&place->users == 1)
			return place;
		__sync_fetch_and_add(&place->users, -1);
	}
	return NULL;
}

/* Not negative. */
static __always_inline __s32 hash_stack(const struct stack *stack)
{
	__u64 hash = 0;

	for (__u32 i = 0; i < STACK_DEPTH && stack->addresses[i]; i++) {
		hash = (hash ^ stack->addresses[i]) * 0x9e3779b97f4a7c15; /* 2^64 by the golden ratio */
		hash ^= hash >> 29;
	}
	return hash >> 33;
}

static __always_inline bool is_same_stack(const struct stack *a, const struct stack *b)
{
	for (__u32 i = 0; i < STACK_DEPTH; i++) {
		if (a->addresses[i] != b->addresses[i])
			return false;
		if (!a->addresses[i])
			break;
	}
	return true;
}

/* Under that id, if it is free or this stack's already. */
static __always_inline __s32 keep_stack_as(__s32 id, struct stack *stack)
{
	struct stack *known = bpf_map_lookup_elem(&stacks, &id);

	if (!known) {
		if (!bpf_map_update_elem(&stacks, &id, stack, BPF_NOEXIST))
			return id;
		known = bpf_map_lookup_elem(&stacks, &id); /* another CPU was first? */
		if (!known)
			return LOST_STACK;
	}
	return is_same_stack(known, stack) ? id : OTHER_STACK;
}

static __always_inline __s32 keep_stack(void *ctx, struct stack *stack, __u64 flags)
{
	__s32 id, kept = OTHER_STACK;

	if (bpf_get_stack(ctx, stack, sizeof(*stack), flags) <= 0)
		return ABSENT_STACK;
	id = hash_stack(stack);
	for (__u32 i = 0; i < ID_TRIES && kept == OTHER_STACK; i++)
		kept = keep_stack_as((id + i) & 0x7fffffff, stack);
	if (kept == OTHER_STACK)
		ECLI_LOST(&stacks);
	return kept;
}

static __always_inline __s32 stack_id(void *ctx, __u64 flags)
{
	struct stack_place *place = take_stack_place();
	__s32 id;

	if (!place) {
		ECLI_LOST(&stacks);
		return LOST_STACK;
	}
	id = keep_stack(ctx, &place->stack, flags);
	__sync_fetch_and_add(&place->users, -1);
	return id;
}

static __always_inline __s32 kernel_stack_id(void *ctx)
{
	return stack_id(ctx, 0);
}

static __always_inline __s32 user_stack_id(void *ctx)
{
	return stack_id(ctx, BPF_F_USER_STACK);
}

#endif
