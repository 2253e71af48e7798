/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcplife: which TCP connections were there, whose, how long, and how much went through them?
 *
 * One row for each connection, when it is closed: from its first packet (connect(2), or the SYN of the other side) to the end. A connection that
 * was there before has no known begin and is left out, and so is an attempt that never became a connection.
 *
 * Bytes are those of the programs. The kernel's own counters have one more for a SYN or FIN, which take a number in the stream.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/tcp.bpf.h"
#include "../include/tcp_filter.bpf.h"
#include "tcplife.h"

#define SOCK_DONE_FLAG 1 /* bit of sk_flags: a FIN was received */

/// report only this process (process id, 0: all)
/// @cmdarg {"long": "pid", "short": "p"}
/// @exists /proc/%
const volatile __u32 targ_pid = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

struct life {
	__u64 begin_ns;
	bool was_open;
	struct owner owner;
};

/* By the address of the socket. Whoever leaves without a word is pushed out in time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct sock *);
	__type(value, struct life);
} lives SEC(".maps");

static void report(struct sock *sk, const struct life *life)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	struct ends ends = read_ends(sk);
	struct event *event;

	if ((targ_pid && targ_pid != life->owner.pid) || !has_wanted_ends(&ends))
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return; /* full: the runner tells how many were lost */
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = bpf_ktime_get_ns();
	event->ms = event->time_ns - life->begin_ns;
	put_connection(event, &life->owner, &ends);
	event->tx_kb = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
	event->rx_kb =
		BPF_CORE_READ(tcp, bytes_received) - (BPF_CORE_READ(sk, __sk_common.skc_flags) >> SOCK_DONE_FLAG & 1);
	bpf_ringbuf_submit(event, 0);
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(set_state, struct sock *sk, int oldstate, int newstate)
{
	struct life fresh = {}, *life;

	if (!is_tcp(sk))
		return 0;
	if (newstate == TCP_SYN_SENT || newstate == TCP_SYN_RECV) {
		fresh.begin_ns = bpf_ktime_get_ns();
		if (newstate == TCP_SYN_SENT)
			read_owner(&fresh.owner);
		bpf_map_update_elem(&lives, &sk, &fresh, BPF_ANY);
		return 0;
	}
	life = bpf_map_lookup_elem(&lives, &sk);
	if (!life)
		return 0;
	if (newstate == TCP_ESTABLISHED)
		life->was_open = true;
	if (!life->owner.pid && is_by_owner(sk, oldstate, newstate))
		read_owner(&life->owner);
	if (newstate != TCP_CLOSE)
		return 0;
	if (life->was_open)
		report(sk, life);
	bpf_map_delete_elem(&lives, &sk);
	return 0;
}

/// @brief Shows the lives of TCP connections.
/// @description Reports each TCP connection when it ends: whose it was, how long, and how many bytes went through it.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
