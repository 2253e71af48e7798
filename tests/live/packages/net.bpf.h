/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the network programs of the tests share: only UDP packets to port 7777 are theirs. */
struct event {
	__u32 ifindex;
	__u16 length;
	__u16 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

static __always_inline void report(void *data, void *end, __u32 ifindex)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || ip->protocol != 17 || udp->dest != bpf_htons(7777))
		return;

	struct event event = { .ifindex = ifindex, .length = bpf_ntohs(udp->len), .port = bpf_ntohs(udp->dest) };
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
}
