/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP sockets and the moment at which each changes its state: one hook tells the whole life of every connection.
 *
 *     client   CLOSE -> SYN_SENT -> ESTABLISHED -> FIN_WAIT1 -> FIN_WAIT2 -> CLOSE        it closes first
 *     server   LISTEN -> SYN_RECV -> ESTABLISHED -> CLOSE_WAIT -> LAST_ACK -> CLOSE
 *
 * The process itself is at work only when it connects or closes. All else is done when a packet arrives or a clock runs out, in the middle of
 * whatever the CPU was doing: "current" is then any process. So whose a socket is must be noted when it is sure.
 *
 * An address of a socket is kept for as long as the socket is there and then used again: what is noted by it is wiped when the socket begins anew, and
 * gone when it is closed.
 *
 * Include after vmlinux.h, bpf/bpf_core_read.h, bpf/bpf_endian.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_TCP_BPF_H
#define TOOLS_TCP_BPF_H

/* Macros of the kernel: not in its types. */
#define AF_INET_FAMILY 2
#define TCP_PROTOCOL   6
#define ADDRESS_SIZE   16

/* The two ends of a connection. Addresses as IPv6 has them: an IPv4 address behind ::ffff:. Ports in host order. */
struct ends {
	__u8 local[ADDRESS_SIZE];
	__u8 remote[ADDRESS_SIZE];
	__u16 local_port;
	__u16 remote_port;
};

/* Hooks hand out sockets of other protocols, too. */
static inline bool is_tcp(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == TCP_PROTOCOL;
}

static inline void map_ipv4(__u8 *address, __u32 ipv4)
{
	address[10] = address[11] = 0xff;
	__builtin_memcpy(address + 12, &ipv4, sizeof(ipv4));
}

static inline struct ends read_ends(struct sock *sk)
{
	struct ends ends = {};

	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET_FAMILY) {
		map_ipv4(ends.local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		map_ipv4(ends.remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	} else {
		BPF_CORE_READ_INTO(&ends.local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&ends.remote, sk, __sk_common.skc_v6_daddr);
	}
	/* skc_num is 0 again by the time a socket is closed. */
	ends.local_port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	ends.remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	return ends;
}

/* On the wire: a socket of IPv6 may speak IPv4. Of a socket that is not connected: what it listens to. */
static inline bool is_ipv4(const struct ends *ends)
{
	const __u32 *local = (const __u32 *)ends->local, *remote = (const __u32 *)ends->remote;
	const __u32 mark = bpf_htonl(0xffff);

	return (!local[0] && !local[1] && local[2] == mark) || (!remote[0] && !remote[1] && remote[2] == mark);
}

/* Who a socket belongs to, as far as that is known. */
struct owner {
	__u32 pid; /* 0: not known */
	__u32 uid;
	char comm[16];
};

static inline void read_owner(struct owner *owner)
{
	owner->pid = bpf_get_current_pid_tgid() >> 32;
	owner->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(owner->comm, sizeof(owner->comm));
}

/* Who and between which ends, in a row that has these members. A macro: each tool has its own struct event. */
#define put_connection(event, owner, ends)                                                                             \
	do {                                                                                                           \
		(event)->pid = (owner)->pid;                                                                           \
		__builtin_memcpy((event)->comm, (owner)->comm, sizeof((event)->comm));                                 \
		(event)->ip = is_ipv4(ends) ? 4 : 6;                                                                   \
		__builtin_memcpy((event)->laddr, (ends)->local, ADDRESS_SIZE);                                         \
		__builtin_memcpy((event)->raddr, (ends)->remote, ADDRESS_SIZE);                                        \
		(event)->lport = (ends)->local_port;                                                                   \
		(event)->rport = (ends)->remote_port;                                                                  \
	} while (0)

/*
 * Whether it is the process that makes this change: it listens, connects or closes. Closed at once means: it has not read all (or SO_LINGER
 * says so); a socket that the other side has broken, or nobody answers to, has got an error.
 */
static inline bool is_by_owner(struct sock *sk, int oldstate, int newstate)
{
	if (newstate == TCP_CLOSE)
		return (oldstate == TCP_LISTEN || oldstate == TCP_SYN_SENT || oldstate == TCP_ESTABLISHED ||
			oldstate == TCP_CLOSE_WAIT) &&
		       !BPF_CORE_READ(sk, sk_err);
	return newstate == TCP_LISTEN || newstate == TCP_SYN_SENT || newstate == TCP_FIN_WAIT1 ||
	       newstate == TCP_LAST_ACK;
}

#endif
