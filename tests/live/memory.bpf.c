// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A map of each kind whose memory can be estimated, for comparing the estimate with what the kernel counts. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, key, value, entries)                                                                           \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_##kind);                                                                     \
		__uint(key_size, key);                                                                                 \
		__uint(value_size, value);                                                                             \
		__uint(max_entries, entries);                                                                          \
	} memory_##name SEC(".maps")

MAP(array, ARRAY, 4, 20, 10000);
MAP(parray, PERCPU_ARRAY, 4, 20, 10000);
MAP(hash, HASH, 12, 20, 10000);
MAP(lru, LRU_HASH, 12, 20, 10000);
MAP(phash, PERCPU_HASH, 12, 20, 10000);
MAP(stack, STACK_TRACE, 4, 1016, 10000);
MAP(queue, QUEUE, 0, 20, 10000);
MAP(bloom, BLOOM_FILTER, 0, 20, 10000);
MAP(progs, PROG_ARRAY, 4, 4, 5000);
MAP(ring, RINGBUF, 0, 0, 65536);

/// @export
struct event {
	__u32 number;
};

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
