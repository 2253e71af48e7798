/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls a helper that no kernel lets raw tracepoint programs call: the author's fault, not the kernel's. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_enter")
int probe(struct bpf_raw_tracepoint_args *ctx)
{
	return bpf_get_socket_cookie((void *)ctx->args[0]);
}

char LICENSE[] SEC("license") = "GPL";
