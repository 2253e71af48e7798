// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A security hook that refuses: connections to 1.1.1.1. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define EPERM   1
#define AF_INET 2

const __u32 blockme = 16843009; /* 1.1.1.1 */

SEC("lsm/socket_connect")
int BPF_PROG(restrict_connect, struct socket *sock, struct sockaddr *address, int addrlen, int ret)
{
	/* What another program has refused stays so. */
	if (ret != 0)
		return ret;
	if (address->sa_family != AF_INET)
		return 0;

	struct sockaddr_in *addr = (struct sockaddr_in *)address;
	__u32 dest = addr->sin_addr.s_addr;

	bpf_printk("lsm: found connect to %d", dest);
	if (dest == blockme) {
		bpf_printk("lsm: blocking %d", dest);
		return -EPERM;
	}
	return 0;
}
