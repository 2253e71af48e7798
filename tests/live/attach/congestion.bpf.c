/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A congestion control of TCP, "ecli_cc", that is Reno in few words and tells of each socket that takes it. The kernel's struct is written
 * down here with the members that are used only: libbpf finds them by their names, so one object fits every kernel.
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#ifndef TABLE
#define TABLE ".struct_ops"
#endif

/// @export
struct event {
	char name[16];
	__u32 pid;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

struct sock;

struct tcp_congestion_ops {
	char name[16];
	void (*init)(struct sock *sk);
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
};

static __always_inline void tell(const char *name, __u32 value)
{
	struct event event = { .value = value };

	__builtin_memcpy(event.name, name, sizeof(event.name));
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
}

static const char began[16] = "congestion", acked_bytes[16] = "acked";

SEC("struct_ops/cc_init")
void BPF_PROG(cc_init, struct sock *sk)
{
	tell(began, 1);
}

SEC("struct_ops/cc_ssthresh")
__u32 BPF_PROG(cc_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/cc_cong_avoid")
void BPF_PROG(cc_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	tell(acked_bytes, acked);
}

SEC("struct_ops/cc_undo_cwnd")
__u32 BPF_PROG(cc_undo_cwnd, struct sock *sk)
{
	return 10;
}

SEC(TABLE)
struct tcp_congestion_ops ecli_cc = {
	.init = (void *)cc_init,
	.ssthresh = (void *)cc_ssthresh,
	.cong_avoid = (void *)cc_cong_avoid,
	.undo_cwnd = (void *)cc_undo_cwnd,
	.name = "ecli_cc",
};

char LICENSE[] SEC("license") = "GPL";
