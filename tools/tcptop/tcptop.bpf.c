/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcptop: which TCP connections carry most, of which process?
 *
 * Bytes are counted when a process has handed them to its socket, or taken them from it: what was asked for or waits in a queue is
 * not traffic yet. Three ways to see that, best first; the runner takes the first that this kernel can do:
 *
 *     sock     hooks for the results of sending and receiving, since Linux 6.3: exact, but splice(2) from a socket is not seen
 *     fexit    the result of tcp_sendmsg(), and what tcp_cleanup_rbuf() says was read: a read that only looks (MSG_PEEK) is
 *     kprobe   counted there, too
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/arguments.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/tcp.bpf.h"
#include "tcptop.h"

/* Macros of the kernel: not in its types. */
#define AF_INET  2
#define AF_INET6 10
#define MSG_PEEK 2

/// only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;
/// only IPv4
/// @cmdarg {"short": "4"}
const volatile bool ipv4 = false;
/// only IPv6
/// @cmdarg {"short": "6"}
const volatile bool ipv6 = false;

/// @alternative kprobe
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct sock *);
} sending SEC(".maps"); /* by thread id, between begin and end */

struct receipt {
	__u64 sk;
	long copied; /* so far */
};

/// @alternative fexit, kprobe
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct receipt);
} receiving SEC(".maps"); /* by thread id: its last call */

/// @sample {"interval": 1000, "type": "default_kv", "sort": "rx_kb", "top": 20, "clear_map": true,
///  "counters": ["rx_kb", "tx_kb"], "columns": ["pid", "comm", "laddr", "raddr", "rx_kb", "tx_kb"]}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct connection);
	__type(value, struct traffic);
} connections SEC(".maps");

static void read_ipv4(struct sock *sk, struct connection *key)
{
	key->laddr.version = key->raddr.version = 4;
	BPF_CORE_READ_INTO((__u32 *)key->laddr.addr_raw, sk, __sk_common.skc_rcv_saddr);
	BPF_CORE_READ_INTO((__u32 *)key->raddr.addr_raw, sk, __sk_common.skc_daddr);
}

static void read_ipv6(struct sock *sk, struct connection *key)
{
	key->laddr.version = key->raddr.version = 6;
	BPF_CORE_READ_INTO(&key->laddr.addr_raw, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	BPF_CORE_READ_INTO(&key->raddr.addr_raw, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
}

/* False: a family that was not asked for, or another one. */
static bool read_connection(struct sock *sk, struct connection *key)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	if (family == AF_INET && !(ipv6 && !ipv4))
		read_ipv4(sk, key);
	else if (family == AF_INET6 && !(ipv4 && !ipv6))
		read_ipv6(sk, key);
	else
		return false;
	key->laddr.proto = key->raddr.proto = IPPROTO_TCP;
	/* Not skc_num: a connection that the other end has reset has none any more. */
	key->laddr.port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	key->raddr.port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	return true;
}

static int count(struct sock *sk, long received, long sent)
{
	struct connection key = { .pid = bpf_get_current_pid_tgid() >> 32 };
	struct traffic *traffic;

	if ((received <= 0 && sent <= 0) || (pid && key.pid != pid) || is_runner(key.pid) || !read_connection(sk, &key))
		return 0;
	traffic = bpf_map_lookup_elem(&connections, &key);
	if (!traffic) {
		struct traffic fresh = {};

		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
		bpf_map_update_elem(&connections, &key, &fresh, BPF_NOEXIST);
		traffic = bpf_map_lookup_elem(&connections, &key);
	}
	if (!traffic)
		return 0; /* full: the runner tells how many were lost */
	if (received > 0)
		__sync_fetch_and_add(&traffic->rx_kb, received);
	if (sent > 0)
		__sync_fetch_and_add(&traffic->tx_kb, sent);
	return 0;
}

/* ---- choice "sock" ---- */

/// @alternative sock
SEC("raw_tp/sock_send_length")
int BPF_PROG(sent, struct sock *sk, int bytes, int flags)
{
	return is_tcp(sk) ? count(sk, 0, bytes) : 0;
}

/// @alternative sock
SEC("raw_tp/sock_recv_length")
int BPF_PROG(received, struct sock *sk, int bytes, int flags)
{
	return is_tcp(sk) && !(flags & MSG_PEEK) ? count(sk, bytes, 0) : 0;
}

/* ---- choices "fexit" and "kprobe" ---- */

/*
 * Within one call of tcp_recvmsg() the kernel says several times how much was read since its beginning: only what is more than the last
 * time counts.
 */
static int receive_begins(struct sock *sk)
{
	struct receipt receipt = { .sk = (__u64)sk };
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&receiving, &tid, &receipt, BPF_ANY);
	return 0;
}

static int receive_goes_on(struct sock *sk, long copied)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct receipt *receipt = bpf_map_lookup_elem(&receiving, &tid);
	long before = 0;

	if (copied <= 0)
		return 0;
	if (receipt && receipt->sk == (__u64)sk) {
		before = receipt->copied;
		receipt->copied = copied;
	}
	return count(sk, copied - before, 0);
}

/// @alternative fexit
SEC("fentry/tcp_recvmsg")
int BPF_PROG(recvmsg_entry, struct sock *sk)
{
	return receive_begins(sk);
}

/// @alternative fexit
SEC("fexit/tcp_sendmsg")
int BPF_PROG(sendmsg_exit, struct sock *sk, struct msghdr *message, size_t size, int bytes)
{
	return count(sk, 0, bytes);
}

/// @alternative fexit
SEC("fentry/tcp_cleanup_rbuf")
int BPF_PROG(cleanup_entry, struct sock *sk, int copied)
{
	return receive_goes_on(sk, copied);
}

/// @alternative kprobe
SEC("kprobe/tcp_sendmsg")
int sendmsg_begins(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)argument_1(ctx);
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&sending, &tid, &sk, BPF_ANY);
	return 0;
}

/// @alternative kprobe
SEC("kretprobe/tcp_sendmsg")
int sendmsg_ends(struct pt_regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct sock **sk = bpf_map_lookup_elem(&sending, &tid);

	if (!sk)
		return 0; /* began before the tool did */
	count(*sk, 0, (int)result(ctx));
	bpf_map_delete_elem(&sending, &tid);
	return 0;
}

/// @alternative kprobe
SEC("kprobe/tcp_recvmsg")
int recvmsg_begins(struct pt_regs *ctx)
{
	return receive_begins((struct sock *)argument_1(ctx));
}

/// @alternative kprobe
SEC("kprobe/tcp_cleanup_rbuf")
int cleanup_begins(struct pt_regs *ctx)
{
	return receive_goes_on((struct sock *)argument_1(ctx), (int)argument_2(ctx));
}

/// @brief Shows which TCP connections carry most.
/// @description Counts the bytes that processes send and receive on each TCP connection and shows the largest ones every second (--interval), each
/// time anew.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
