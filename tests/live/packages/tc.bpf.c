/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "net.bpf.h"

/// @tchook {"ifindex":1, "attach_point":"BPF_TC_INGRESS"}
/// @tcopts {"handle":1, "priority":1}
SEC("tc")
int ingress(struct __sk_buff *skb)
{
	report((void *)(long)skb->data, (void *)(long)skb->data_end, skb->ifindex);
	return 0;
}

char __license[] SEC("license") = "GPL";
