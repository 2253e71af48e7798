// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A socket filter that reports requests; it needs no vmlinux.h, its header has a union without a name. */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "sockfilter.h"

#define IP_MF     0x2000
#define IP_OFFSET 0x1FFF

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rb SEC(".maps");

static inline int ip_is_fragment(struct __sk_buff *skb, __u32 nhoff)
{
	__u16 frag_off;

	bpf_skb_load_bytes(skb, nhoff + offsetof(struct iphdr, frag_off), &frag_off, 2);
	frag_off = __bpf_ntohs(frag_off);
	return frag_off & (IP_MF | IP_OFFSET);
}

SEC("socket")
int socket_handler(struct __sk_buff *skb)
{
	struct so_event *e;
	__u8 verlen, proto, doff;
	__u32 nhoff = ETH_HLEN, tcp_hdr_len, payload_offset;
	__u16 tlen;

	if (skb->protocol != bpf_htons(ETH_P_IP) || ip_is_fragment(skb, nhoff))
		return 0;
	bpf_skb_load_bytes(skb, nhoff, &verlen, 1);
	bpf_skb_load_bytes(skb, nhoff + offsetof(struct iphdr, protocol), &proto, 1);
	if (proto != IPPROTO_TCP)
		return 0;
	tcp_hdr_len = nhoff + ((verlen & 0xf) << 2);
	bpf_skb_load_bytes(skb, nhoff + offsetof(struct iphdr, tot_len), &tlen, sizeof(tlen));
	bpf_skb_load_bytes(skb, tcp_hdr_len + 12, &doff, sizeof(doff));
	payload_offset = tcp_hdr_len + ((doff >> 4) << 2);
	e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	e->ip_proto = proto;
	e->payload_length = __bpf_ntohs(tlen);
	bpf_skb_load_bytes(skb, tcp_hdr_len, &e->ports, 4);
	e->pkt_type = skb->pkt_type;
	e->ifindex = skb->ifindex;
	bpf_skb_load_bytes(skb, nhoff + offsetof(struct iphdr, saddr), &e->src_addr, 4);
	bpf_skb_load_bytes(skb, nhoff + offsetof(struct iphdr, daddr), &e->dst_addr, 4);
	if (bpf_skb_load_bytes(skb, payload_offset, e->payload, MAX_BUF_SIZE) < 0)
		e->payload_length = 0;
	bpf_ringbuf_submit(e, 0);
	return skb->len;
}
