/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As XDP tools are: a map that user space makes as large as it needs it, and nothing but counts in it. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

struct seen {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct seen);
} seen_packets SEC(".maps");

SEC("xdp")
int counts_packets(struct xdp_md *ctx)
{
	__u32 key = 2;
	struct seen *seen = bpf_map_lookup_elem(&seen_packets, &key);

	if (seen) {
		seen->packets++;
		seen->bytes += ctx->data_end - ctx->data;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
