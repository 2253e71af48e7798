/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ecc's prelude. It stands before libbpf's header of the same name and wraps the calls that send records, for three things that a tool
 * then needs no line of its own for:
 *
 *     call fails -> slot of the call site (.rodata.ecli, given by the runner) -> entry of ecli_lost, one counter a CPU
 *     record is sent -> what the person asked for (.rodata.ecli.where, given by the runner) -> sent or not
 *     a quarter of the ring was written -> the runner, which may sleep until then, is woken
 *
 * When a buffer or map is full, a counter of that map goes up, and the runner tells how many events are missing. A record that
 * `ecli run --where` or --sample does not want is not sent, and is no loss. Without these options the verifier knows the bytes of the
 * call site to be zero and removes what would look at the record; two instructions stay. So it is with the wake-ups and a runner that does
 * not ask for them.
 *
 * A program that uses none of these calls gets nothing: ecc adds the map (ecli_lost.bpf.c) to objects that refer to it. Format: docs/formats/prelude.md.
 *
 * Deliberately not here: buffering, loops (kernels before 5.3 refuse them), functions of their own (they would take stack). A
 * source that wants the plain calls defines ECLI_NO_LOSS_COUNT before including this.
 */
#pragma clang system_header
#include_next <bpf/bpf_helpers.h>
#include <ecli/newer_helpers.h>

#if !defined(ECLI_PRELUDE) && !defined(ECLI_NO_LOSS_COUNT)
#define ECLI_PRELUDE

/* One call site. The runner writes the slot before loading, so the verifier knows it; 0 for loaders that do not. */
struct ecli_site {
	__u32 slot;
	char map[27]; /* its name as the assembler knows it, NUL-terminated or 27 long; a register where there are several */
	__u8 type;    /* of map that the call is for: one of ECLI_TO_... */
};

#define ECLI_TO_ENTRIES 1  /* BPF_MAP_TYPE_HASH, for any map that can be full */
#define ECLI_TO_PERF    4  /* BPF_MAP_TYPE_PERF_EVENT_ARRAY */
#define ECLI_TO_STACKS  7  /* BPF_MAP_TYPE_STACK_TRACE */
#define ECLI_TO_RING    27 /* BPF_MAP_TYPE_RINGBUF */
#define ECLI_TO_STORAGE 29 /* BPF_MAP_TYPE_TASK_STORAGE, for that of any owner */

extern struct {
	__uint(type, 6); /* BPF_MAP_TYPE_PERCPU_ARRAY; not every program includes a header with its name */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ecli_lost __attribute__((section(".maps")));

static __always_inline void ecli_count_lost(const volatile struct ecli_site *site)
{
	__u32 slot = site->slot;
	__u64 *count = bpf_map_lookup_elem(&ecli_lost, &slot);

	/* Atomic, because a program in an interrupt can come between on the same CPU. */
	if (count)
		__sync_fetch_and_add(count, 1);
}

/*
 * The site of this copy of the call. It is written by the assembler, because only the compiler knows which map an inlined function
 * was given: "ri" is the name of a map where that is one, else some register. Cut to its field character by character, as
 * no directive does it.
 */
#define ECLI_SITE(map, type)                                                                           \
	({                                                                                             \
		const volatile struct ecli_site *ecli_site;                                            \
		__asm__ __volatile__(".pushsection .rodata.ecli,\"a\",@progbits\n"                      \
				     ".Lecli_site%=: .long 0\n"                                        \
				     ".set .Lecli_len, 0\n"                                            \
				     ".irpc ecli_char,%1\n"                                            \
				     ".if .Lecli_len < 27\n"                                           \
				     ".ascii \"\\ecli_char\"\n"                                        \
				     ".set .Lecli_len, .Lecli_len + 1\n"                               \
				     ".endif\n"                                                        \
				     ".endr\n"                                                         \
				     ".zero 27 - .Lecli_len\n"                                         \
				     ".byte %2\n"                                                      \
				     ".popsection\n"                                                   \
				     "%0 = .Lecli_site%= ll"                                           \
				     : "=r"(ecli_site)                                                 \
				     : "ri"(map), "i"(type));                                          \
		ecli_site;                                                                             \
	})

/*
 * @call works on ecli_map, @is_lost asks ecli_error: 32 bits, because up to Linux 6.3 a call that the verifier binds to the map's own function leaves the
 * upper half of its answer empty, and -E2BIG is 4294967289 then.
 */
#define ECLI_CALL(map, type, call, is_lost)                           \
	({                                                            \
		void *ecli_map = (map);                               \
		long ecli_result = (call);                            \
		int ecli_error = (int)ecli_result;                    \
		if (is_lost)                                          \
			ecli_count_lost(ECLI_SITE(ecli_map, type));   \
		ecli_result;                                          \
	})

/* ---- what is sent ---------------------------------------------------------------------------------------------- */

/* One question about a record: is the number at `offset`, cut out by the shifts, within [low, low + span]? */
struct ecli_predicate {
	__u32 offset;
	__u8 size; /* 1, 2, 4, 8 bytes; 0: no question, and none after it */
	__u8 left, right;
	__u8 flags; /* 1: signed, 2: the answer must be no */
	__u64 mask, low, span;
};

/* One call site. All zero in the file but the version: everything is sent. */
struct ecli_where {
	__u32 version;
	__u32 is_on;
	__u32 sample; /* send one of so many; 0: all */
	__u32 slot;   /* of ecli_lost, which counts for it */
	struct ecli_predicate predicates[8];
	__u32 step_mask; /* a step of the ring, a power of two, less one; 0: the kernel wakes the reader as it likes */
	__u32 unused;
};

static __always_inline int ecli_holds(const volatile struct ecli_predicate *predicate, const void *record)
{
	const void *at = record + predicate->offset;
	__u8 size = predicate->size, flags = predicate->flags;
	__u64 value;

	if (size == 8)
		value = *(const __u64 *)at;
	else if (size == 4)
		value = *(const __u32 *)at;
	else if (size == 2)
		value = *(const __u16 *)at;
	else
		value = *(const __u8 *)at;
	value <<= predicate->left;
	if (flags & 1)
		value = (__u64)((long long)value >> predicate->right);
	else
		value >>= predicate->right;
	value = (value & predicate->mask) - predicate->low;
	return flags & 2 ? value > predicate->span : value <= predicate->span;
}

static __always_inline int ecli_is_sampled(const volatile struct ecli_where *site)
{
	__u32 slot = site->slot, every = site->sample;
	__u64 *count = bpf_map_lookup_elem(&ecli_lost, &slot);

	/* An interrupt that comes between costs one record its turn. */
	return !count || (*count)++ % every == 0;
}

#define ECLI_ASK(i, next) (!site->predicates[i].size || (ecli_holds(&site->predicates[i], record) && (next)))
static __always_inline int ecli_is_wanted(const volatile struct ecli_where *site, const void *record)
{
	if (!site->is_on)
		return 1;
	if (!ECLI_ASK(0, ECLI_ASK(1, ECLI_ASK(2, ECLI_ASK(3, ECLI_ASK(4, ECLI_ASK(5, ECLI_ASK(6, ECLI_ASK(7, 1)))))))))
		return 0;
	return !site->sample || ecli_is_sampled(site);
}

/*
 * The member without a value tells, in the type information of the section, which type of record the site sends. As a parameter, because
 * clang writes no more than the name of a struct to which a member points.
 */
#define ECLI_WHERE(data)                                                                                              \
	({                                                                                                            \
		static const volatile struct {                                                                        \
			struct ecli_where where;                                                                      \
			void (*type)(typeof(*(data)) *);                                                              \
		} ecli_where __attribute__((section(".rodata.ecli.where"))) = { .where = { .version = 2 } };         \
		&ecli_where.where;                                                                                    \
	})

/* What is sent through a dynptr has no type and wakes nobody, and that is worth knowing: version 0. */
#define ECLI_UNKNOWN                                                                                                  \
	({                                                                                                            \
		static const volatile struct {                                                                        \
			struct ecli_where where;                                                                      \
			void (*type)(void *);                                                                         \
		} ecli_where __attribute__((section(".rodata.ecli.where"), used)) = { .where = { .version = 0 } };   \
	})

#define ECLI_SEND(record, call)                                                   \
	({                                                                        \
		const void *ecli_data = (record);                                 \
		const volatile struct ecli_where *ecli_to = ECLI_WHERE(record);   \
		ecli_is_wanted(ecli_to, ecli_data) ? (call) : 0;                  \
	})

/* ---- who is woken ---------------------------------------------------------------------------------------------- */

#define ECLI_WAKE    2 /* BPF_RB_FORCE_WAKEUP */
#define ECLI_WRITTEN 3 /* BPF_RB_PROD_POS */

/* What a record takes in the ring. */
#define ECLI_IN_RING(size) (((__u64)(size) + 15) & ~7ull)

/*
 * Where a reserved record lies is known to the program as a pointer, and what is between two pointers as a number that means nothing but moves with
 * the record: it passes a multiple of the step once in each step that is written. So exactly one record a step wakes, whatever other CPUs write.
 * In assembler, for clang may not turn the difference into a sum.
 */
static __always_inline __u64 ecli_submit_flags(const volatile struct ecli_where *site, const void *record, __u64 size,
					       __u64 flags)
{
	__u32 mask = site->step_mask;
	__u64 at = (__u64)record;

	if (!mask)
		return flags;
	__asm__ __volatile__("%0 -= %1" : "+r"(at) : "r"(site));
	return ((at + ECLI_IN_RING(size)) & mask) < ECLI_IN_RING(size) ? flags | ECLI_WAKE : flags;
}

/* Of a record, by the type of the pointer to it; of one without, a guess that wakes some more. */
#define ECLI_SIZE(data) (sizeof(*(data)) > 1 ? sizeof(*(data)) : 4096)

/* Here it is not known where the record will lie: records of other CPUs may come between, so a few too many wake. */
static __always_inline __u64 ecli_output_flags(const volatile struct ecli_where *site, void *ring, __u64 size,
					       __u64 flags)
{
	__u32 mask = site->step_mask;

	if (!mask)
		return flags;
	__u64 written = bpf_ringbuf_query(ring, ECLI_WRITTEN) + ECLI_IN_RING(size);
	return (written & mask) < 4 * ECLI_IN_RING(size) ? flags | ECLI_WAKE : flags;
}

/* ---- the calls ------------------------------------------------------------------------------------------------- */

#define bpf_ringbuf_submit(data, flags)                                                                        \
	({                                                                                                     \
		void *ecli_data = (data);                                                                      \
		const volatile struct ecli_where *ecli_to = ECLI_WHERE(data);                                  \
		__u64 ecli_flags = ecli_submit_flags(ecli_to, ecli_data, ECLI_SIZE(data), (flags));            \
		if (ecli_is_wanted(ecli_to, ecli_data))                                                        \
			(bpf_ringbuf_submit)(ecli_data, ecli_flags);                                           \
		else                                                                                           \
			(bpf_ringbuf_discard)(ecli_data, ecli_flags);                                          \
	})

#define bpf_ringbuf_reserve(ringbuf, size, flags)                                        \
	({                                                                               \
		void *ecli_map = (ringbuf);                                              \
		void *ecli_record = (bpf_ringbuf_reserve)(ecli_map, (size), (flags));    \
		if (!ecli_record)                                                        \
			ecli_count_lost(ECLI_SITE(ecli_map, ECLI_TO_RING));              \
		ecli_record;                                                             \
	})

#define bpf_ringbuf_output(ringbuf, data, size, flags)                                                                     \
	ECLI_SEND(data, ECLI_CALL(ringbuf, ECLI_TO_RING, ({                                                                \
					  __u64 ecli_size = (size);                                                        \
					  (bpf_ringbuf_output)(ecli_map, (void *)ecli_data, ecli_size,                     \
							       ecli_output_flags(ecli_to, ecli_map, ecli_size, (flags))); \
				  }),                                                                                      \
				  ecli_error < 0))

#define bpf_ringbuf_reserve_dynptr(ringbuf, size, flags, ptr)                                          \
	(ECLI_UNKNOWN, ECLI_CALL(ringbuf, ECLI_TO_RING,                                                \
				 (bpf_ringbuf_reserve_dynptr)(ecli_map, (size), (flags), (ptr)),       \
				 ecli_error < 0))

#define bpf_perf_event_output(ctx, map, flags, data, size)                                                      \
	ECLI_SEND(data, ECLI_CALL(map, ECLI_TO_PERF,                                                            \
				  (bpf_perf_event_output)((ctx), ecli_map, (flags), (void *)ecli_data, (size)), \
				  ecli_error < 0))

/* -EEXIST: the slot of this stack holds another one; -ENOMEM: the map is full. -EFAULT says that there is none, and is no loss. */
#define bpf_get_stackid(ctx, map, flags)                                                   \
	ECLI_CALL(map, ECLI_TO_STACKS, (bpf_get_stackid)((ctx), ecli_map, (flags)),        \
		  ecli_error == -17 || ecli_error == -12)

/*
 * -E2BIG: the map is full; -ENOMEM: no memory for the element; -EBUSY, -EDEADLK, -ETIMEDOUT: the program has interrupted another update. -EEXIST and
 * -ENOENT are answers to the flags, not losses.
 */
#define bpf_map_update_elem(map, key, value, flags)                                                  \
	ECLI_CALL(map, ECLI_TO_ENTRIES, (bpf_map_update_elem)(ecli_map, (key), (value), (flags)),    \
		  ecli_error < 0 && ecli_error != -17 && ecli_error != -2)

/* -E2BIG: the queue or stack is full. */
#define bpf_map_push_elem(map, value, flags) \
	ECLI_CALL(map, ECLI_TO_ENTRIES, (bpf_map_push_elem)(ecli_map, (value), (flags)), ecli_error == -7)

/* No storage although it is to be made (BPF_LOCAL_STORAGE_GET_F_CREATE): there is no memory, or the program has interrupted another call. */
#define ECLI_STORAGE(call, map, owner, value, flags)                                  \
	({                                                                            \
		void *ecli_map = (map);                                               \
		__u64 ecli_flags = (flags);                                           \
		void *ecli_storage = (call)(ecli_map, (owner), (value), ecli_flags);  \
		if (!ecli_storage && (ecli_flags & 1))                                \
			ecli_count_lost(ECLI_SITE(ecli_map, ECLI_TO_STORAGE));        \
		ecli_storage;                                                         \
	})
#define bpf_task_storage_get(map, task, value, flags) ECLI_STORAGE(bpf_task_storage_get, map, task, value, flags)
#define bpf_cgrp_storage_get(map, cgroup, value, flags) ECLI_STORAGE(bpf_cgrp_storage_get, map, cgroup, value, flags)
#define bpf_inode_storage_get(map, inode, value, flags) ECLI_STORAGE(bpf_inode_storage_get, map, inode, value, flags)
#define bpf_sk_storage_get(map, sk, value, flags) ECLI_STORAGE(bpf_sk_storage_get, map, sk, value, flags)

/* For a program that keeps records in another way: @map lacks one. */
#define ECLI_LOST(map) ecli_count_lost(ECLI_SITE(map, ECLI_TO_ENTRIES))

#endif
