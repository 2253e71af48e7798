// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program before the network stack, on the loopback device, attached as its tags say. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/// @ifindex 1
/// @flags 0
/// @xdpopts {"old_prog_fd":0}
SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	int pkt_sz = data_end - data;

	bpf_printk("packet size: %d", pkt_sz);
	return XDP_PASS;
}

char __license[] SEC("license") = "GPL";
