/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the attacks on files are tried with: a row for each call of the probed function. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/usdt.bpf.h>

/// @export
struct event {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

static int tell(void)
{
	struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

SEC("?uprobe")
int hit(void *ctx)
{
	return tell();
}

SEC("?usdt")
int note(struct pt_regs *ctx)
{
	return tell();
}

SEC("?sk_lookup")
int lookup(struct bpf_sk_lookup *ctx)
{
	return 1;
}

SEC("?flow_dissector")
int dissect(struct __sk_buff *skb)
{
	return 129; /* BPF_FLOW_DISSECTOR_CONTINUE */
}

SEC("?cgroup/connect4")
int connects(struct bpf_sock_addr *ctx)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
