/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcpstates: through which states do TCP sockets go, and how long do they stay in each?
 *
 * A row for each change. What is behind it is in ../include/tcp.bpf.h.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/tcp.bpf.h"
#include "../include/tcp_filter.bpf.h"
#include "tcpstates.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

struct stay {
	__u64 since_ns;
	struct owner owner;
};

/* In its state, by the address of the socket. Whoever leaves without a word is pushed out in time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct sock *);
	__type(value, struct stay);
} stays SEC(".maps");

/* Notes that a socket comes into a new state now; @ret: who it belongs to, as far as that is known. Returns the time in the old state. */
static __u64 move_on(struct sock *sk, int oldstate, int newstate, __u64 now, struct owner *ret)
{
	bool is_new = oldstate == TCP_CLOSE || (oldstate == TCP_LISTEN && newstate == TCP_SYN_RECV);
	struct stay *old = is_new ? NULL : bpf_map_lookup_elem(&stays, &sk);
	struct stay stay = { .since_ns = now };
	__u64 stayed = old ? now - old->since_ns : 0;

	if (old)
		stay.owner = old->owner;
	if (is_by_owner(sk, oldstate, newstate))
		read_owner(&stay.owner);
	if (newstate == TCP_CLOSE)
		bpf_map_delete_elem(&stays, &sk);
	else
		bpf_map_update_elem(&stays, &sk, &stay, BPF_ANY);
	*ret = stay.owner;
	return stayed;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(set_state, struct sock *sk, int oldstate, int newstate)
{
	__u64 now = bpf_ktime_get_ns(), stayed;
	struct event *event;
	struct owner owner;
	struct ends ends;

	if (!is_tcp(sk))
		return 0;
	stayed = move_on(sk, oldstate, newstate, now, &owner);
	ends = read_ends(sk);
	if (!has_wanted_ends(&ends))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0; /* full: the runner tells how many were lost */
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = now;
	event->skaddr = (__u64)sk;
	put_connection(event, &owner, &ends);
	event->oldstate = oldstate;
	event->newstate = newstate;
	event->ms = stayed;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/// @brief Shows the states of TCP sockets.
/// @description Reports each change of the state of a TCP socket, and how long it was in the old one.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
