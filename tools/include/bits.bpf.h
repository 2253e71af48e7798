/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bucket of a log2 histogram that a value falls in: 0 and 1 in bucket 0, 2 and 3 in bucket 1, 4 to 7 in bucket 2, ...
 *
 * Five comparisons instead of a loop over bits, which the verifier would have to walk for each of 64 rounds.
 *
 * Include after vmlinux.h.
 */
#ifndef TOOLS_BITS_BPF_H
#define TOOLS_BITS_BPF_H

static inline __u32 log2_u32(__u32 value)
{
	__u32 bits = 0;

	if (value >> 16) {
		bits = 16;
		value >>= 16;
	}
	if (value >> 8) {
		bits += 8;
		value >>= 8;
	}
	if (value >> 4) {
		bits += 4;
		value >>= 4;
	}
	if (value >> 2) {
		bits += 2;
		value >>= 2;
	}
	return bits + (value >> 1);
}

static inline __u32 log2_u64(__u64 value)
{
	return value >> 32 ? 32 + log2_u32(value >> 32) : log2_u32(value);
}

/*
 * The same, at most the last of @slots buckets: what is larger is counted there. @slots: a power of two. The mask changes nothing, but shows
 * the verifier a bound on every path, also on those that Linux 6.1 takes for possible and are not; the compiler, who
 * knows better, must not see through it.
 */
static inline __u32 log2_slot(__u64 value, __u32 slots)
{
	__u32 slot = log2_u64(value);

	if (slot >= slots)
		slot = slots - 1;
	asm volatile("" : "+r"(slot));
	return slot & (slots - 1);
}

/* Counts @value in its bucket of @slots, an array whose size is a power of two. */
#define log2_count(slots, value) log2_count_of((slots), sizeof(slots) / sizeof((slots)[0]), (value))

static inline void log2_count_of(__u32 *slots, __u32 n, __u64 value)
{
	__u32 slot = log2_slot(value, n);

	/* Always in range. The mask shows it to the verifier of Linux 5.10, which loses a bound that was checked earlier. */
	asm volatile("" : "+r"(slot));
	__sync_fetch_and_add(&slots[slot & (n - 1)], 1);
}

#endif
