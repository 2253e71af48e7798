/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counter map of ecc's prelude (bpf/bpf_helpers.h), compiled when ecc is built and carried inside it. ecc links
 * it to objects that refer to ecli_lost and to no other. Its definition must be the same as the declaration there: the
 * linker compares the two.
 */
typedef unsigned int __u32;
typedef unsigned long long __u64;

struct {
	int (*type)[6];        /* BPF_MAP_TYPE_PERCPU_ARRAY */
	int (*max_entries)[1]; /* the runner makes as many entries as there are call sites' maps */
	__u32 *key;
	__u64 *value;
} ecli_lost __attribute__((section(".maps"), used));
