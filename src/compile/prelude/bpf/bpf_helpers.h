/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ecc's prelude. It stands before libbpf's header of the same name and wraps the calls that can lose a record: when
 * such a call fails because a buffer or map is full, a counter of that map goes up, and the runner tells the person how
 * many events are missing. A tool needs no line of its own for this.
 *
 *     call fails -> slot of the call site (.rodata.ecli, given by the runner) -> entry of ecli_lost, one counter a CPU
 *
 * A program that uses none of these calls gets nothing: the map is only declared here, ecc adds its definition
 * (ecli_lost.bpf.c) to objects that refer to it. Format: docs/formats/prelude.md.
 *
 * Deliberately not here: filtering, buffering, anything on the path of a call that succeeds but one comparison. A
 * source that wants the plain calls defines ECLI_NO_LOSS_COUNT before including this.
 */
#pragma clang system_header
#include_next <bpf/bpf_helpers.h>

#if !defined(ECLI_PRELUDE) && !defined(ECLI_NO_LOSS_COUNT)
#define ECLI_PRELUDE

/* One call site. The runner writes the slot before loading, so the verifier knows it; 0 for loaders that do not. */
struct ecli_site {
	__u32 slot;
	char map[28]; /* text of the map argument, NUL-terminated */
};

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

/* The text without a leading '&', cut to 27 bytes, as an initialiser: no language construct cuts a string literal. */
#define ECLI_SKIP(text) ((text)[0] == '&' ? 1 + ((text)[1] == ' ') : 0)
#define ECLI_CHAR(text, i) \
	((i) + ECLI_SKIP(text) < sizeof(text) ? (text)[(i) + ECLI_SKIP(text)] : 0)
#define ECLI_CHARS(text, i)                                                                         \
	ECLI_CHAR(text, i), ECLI_CHAR(text, i + 1), ECLI_CHAR(text, i + 2), ECLI_CHAR(text, i + 3), \
		ECLI_CHAR(text, i + 4), ECLI_CHAR(text, i + 5), ECLI_CHAR(text, i + 6),             \
		ECLI_CHAR(text, i + 7), ECLI_CHAR(text, i + 8)

#define ECLI_LOST(text)                                                                                        \
	do {                                                                                                   \
		static const volatile struct ecli_site ecli_site __attribute__((section(".rodata.ecli"))) = {  \
			0, { ECLI_CHARS(text, 0), ECLI_CHARS(text, 9), ECLI_CHARS(text, 18) }                  \
		};                                                                                             \
		ecli_count_lost(&ecli_site);                                                                   \
	} while (0)

#define ECLI_CALL(call, is_lost, text)         \
	({                                     \
		long ecli_result = (call);     \
		if (is_lost)                   \
			ECLI_LOST(text);       \
		ecli_result;                   \
	})

#define bpf_ringbuf_reserve(ringbuf, size, flags)                                    \
	({                                                                           \
		void *ecli_record = (bpf_ringbuf_reserve)((ringbuf), (size), (flags)); \
		if (!ecli_record)                                                    \
			ECLI_LOST(#ringbuf);                                         \
		ecli_record;                                                         \
	})

#define bpf_ringbuf_output(ringbuf, data, size, flags) \
	ECLI_CALL((bpf_ringbuf_output)((ringbuf), (data), (size), (flags)), ecli_result < 0, #ringbuf)

#define bpf_ringbuf_reserve_dynptr(ringbuf, size, flags, ptr) \
	ECLI_CALL((bpf_ringbuf_reserve_dynptr)((ringbuf), (size), (flags), (ptr)), ecli_result < 0, #ringbuf)

#define bpf_perf_event_output(ctx, map, flags, data, size) \
	ECLI_CALL((bpf_perf_event_output)((ctx), (map), (flags), (data), (size)), ecli_result < 0, #map)

/* -E2BIG: the map is full; -ENOMEM: no memory for the element. Anything else (-EEXIST, ...) is an answer, not a loss. */
#define bpf_map_update_elem(map, key, value, flags)                               \
	ECLI_CALL((bpf_map_update_elem)((map), (key), (value), (flags)),          \
		  ecli_result == -7 || ecli_result == -12, #map)

#endif
