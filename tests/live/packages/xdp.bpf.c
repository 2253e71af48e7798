/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "net.bpf.h"

/// @ifindex 1
/// @flags 0
/// @xdpopts {"old_prog_fd":0}
SEC("xdp")
int pass(struct xdp_md *ctx)
{
	report((void *)(long)ctx->data, (void *)(long)ctx->data_end, ctx->ingress_ifindex);
	return 2; /* XDP_PASS */
}

char __license[] SEC("license") = "GPL";
