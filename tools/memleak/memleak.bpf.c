/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * memleak: which memory was asked for and not given back?
 *
 *     malloc(size) ── entry: note the size ── return: address ──> pieces[process, address] = size, stack
 *                                                                       │ + bytes of that stack
 *     free(address) ──────────────────────────────────────────────> taken out, - bytes
 *
 * What is left at the end, by stack, are leaks or simply memory in use: two looks some time apart tell (--interval). Every call is
 * traced, which a program that allocates all the time feels; trace one process (--target-pid).
 *
 * A stack is taken when the function returns, for then it begins with the caller. realloc() is a free and an allocation, and neither
 * when it fails. Memory from before the tool began is not known, and its free is nothing.
 *
 * The functions are those of the C library; another allocator: --attach 'malloc_*=FILE:my_malloc' and so on.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../include/arguments.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/stacks.bpf.h"
#include "memleak.h"

/// only pieces of at least this many bytes
/// @cmdarg {"short": "z"}
/// @unit bytes
/// @at_most max_size
const volatile __u64 min_size = 0;
/// only pieces of at most this many bytes
/// @cmdarg {"short": "Z"}
/// @unit bytes
const volatile __u64 max_size = -1;
/// only every Nth allocation (its weight stays its own)
/// @cmdarg {"short": "s"}
const volatile __u64 sample_rate = 1;

struct call {
	__u64 size;
	__u64 old;    /* realloc: the piece that it replaces */
	__u64 result; /* posix_memalign: where the address will stand */
};

struct piece_key {
	__u64 address;
	__u64 pid;
};

struct piece {
	__u64 size;
	struct allocator who;
};

/// @max_entries threads_max
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct call);
} calls SEC(".maps"); /* by process and thread id, between entry and return */

/// how many pieces of memory there is room for at once (about 120 bytes each)
const volatile __u32 max_pieces = 262144;

/// @max_entries max_pieces
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__type(key, struct piece_key);
	__type(value, struct piece);
} pieces SEC(".maps");

/// @max_entries max_rows
/// @sample {"type": "stacks", "value": "bytes", "unit": "bytes", "interval": 5000, "top": 10}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 40960);
	__type(key, struct allocator);
	__type(value, struct outstanding);
} leaks SEC(".maps");

static __u64 seen;

/* ---- sums ---- */

static __always_inline void add(const struct piece *piece)
{
	struct outstanding *sum = find_or_add(&leaks, &piece->who);

	if (!sum)
		return;
	if (!sum->comm[0])
		bpf_get_current_comm(sum->comm, sizeof(sum->comm));
	__sync_fetch_and_add(&sum->bytes, piece->size);
	__sync_fetch_and_add(&sum->count, 1);
}

static __always_inline void subtract(const struct piece *piece)
{
	struct outstanding *sum = bpf_map_lookup_elem(&leaks, &piece->who);

	if (!sum)
		return;
	__sync_fetch_and_add(&sum->bytes, -piece->size);
	__sync_fetch_and_add(&sum->count, -1);
}

/* ---- pieces ---- */

static __always_inline void freed(__u64 address)
{
	struct piece_key key = { .address = address, .pid = bpf_get_current_pid_tgid() >> 32 };
	struct piece *piece = bpf_map_lookup_elem(&pieces, &key);

	if (!piece)
		return;
	subtract(piece);
	bpf_map_delete_elem(&pieces, &key);
}

static __always_inline void called(__u64 size, __u64 old, __u64 result)
{
	struct call call = { .size = size, .old = old, .result = result };
	__u64 id = bpf_get_current_pid_tgid();

	if (!is_runner(id >> 32))
		bpf_map_update_elem(&calls, &id, &call, BPF_ANY);
}

static __always_inline bool is_wanted(__u64 size)
{
	if (size < min_size || size > max_size)
		return false;
	/* Two CPUs may count the same one: atomic operations that return a value came with Linux 5.12. */
	return sample_rate <= 1 || seen++ % sample_rate == 0;
}

/* @address: what the function returned; posix_memalign() returns an error instead. */
static __always_inline int returned(void *ctx, __u64 address)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct piece_key key = { .pid = id >> 32 };
	struct piece piece = { .who.pid = id >> 32 };
	struct call *call = bpf_map_lookup_elem(&calls, &id);

	if (!call)
		return 0;
	if (call->result) {
		void *written = NULL;

		if (!address)
			bpf_probe_read_user(&written, sizeof(written), (void *)call->result);
		address = (__u64)written;
	}
	/* realloc(p, 0) frees and returns NULL; a realloc() that fails changes nothing. */
	if (call->old && (address || !call->size))
		freed(call->old);
	piece.size = call->size;
	bpf_map_delete_elem(&calls, &id);
	if (!address || !is_wanted(piece.size))
		return 0;
	piece.who.user_stack = user_stack_id(ctx);
	key.address = address;
	freed(address); /* its free was not seen, or another program had it before this process became this one */
	/* No room: told as lost, and in no sum, for nobody could take it out again. */
	if (!bpf_map_update_elem(&pieces, &key, &piece, BPF_NOEXIST))
		add(&piece);
	return 0;
}

/* ---- the functions ---- */

#define ON_ENTRY(function)                                                                                             \
	SEC("uprobe/libc.so.6:" #function)                                                                             \
	int function##_entry(struct pt_regs *ctx)
#define ON_RETURN(function)                                                                                            \
	SEC("uretprobe/libc.so.6:" #function)                                                                          \
	int function##_return(struct pt_regs *ctx)                                                                     \
	{                                                                                                              \
		return returned(ctx, result(ctx));                                                                     \
	}

/* malloc(size) */
ON_ENTRY(malloc)
{
	called(argument_1(ctx), 0, 0);
	return 0;
}
ON_RETURN(malloc)

/* calloc(count, size) */
ON_ENTRY(calloc)
{
	called(argument_1(ctx) * argument_2(ctx), 0, 0);
	return 0;
}
ON_RETURN(calloc)

/* realloc(old, size) */
ON_ENTRY(realloc)
{
	called(argument_2(ctx), argument_1(ctx), 0);
	return 0;
}
ON_RETURN(realloc)

/* posix_memalign(result, alignment, size) */
ON_ENTRY(posix_memalign)
{
	called(argument_3(ctx), 0, argument_1(ctx));
	return 0;
}
ON_RETURN(posix_memalign)

/* aligned_alloc(alignment, size) */
ON_ENTRY(aligned_alloc)
{
	called(argument_2(ctx), 0, 0);
	return 0;
}
ON_RETURN(aligned_alloc)

/* memalign(alignment, size) */
ON_ENTRY(memalign)
{
	called(argument_2(ctx), 0, 0);
	return 0;
}
ON_RETURN(memalign)

/* free(address) */
ON_ENTRY(free)
{
	__u64 address = argument_1(ctx);

	if (address)
		freed(address);
	return 0;
}

/// @brief Shows memory that a process has asked for and not given back, by stack.
/// @description Traces malloc(), calloc(), realloc(), free() and their relatives of the C library and adds up what is outstanding, since the tool
/// began, for each stack. Shows the ten largest sums every five seconds (--interval, --top), the largest last, or all of them at the end as a flame
/// graph: -o flame=leaks.html. Trace one process: --target-pid PID.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
