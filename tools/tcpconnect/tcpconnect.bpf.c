/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcpconnect: who opens TCP connections, to where, and does it work?
 *
 * A row when a process connects: connect(2) has found a way and sends the first packet. With --result the row comes when the answer is known, with
 * the error and the time it took: an attempt that nobody answers is then shown after minutes. With --count there are no rows but a table at the end.
 *
 * What is behind it is in ../include/tcp.bpf.h. Errors without any packet (no route) are not seen.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/lists.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/tcp.bpf.h"
#include "tcpconnect.h"

#define ANY_UID ((uid_t)-1)
#define GAVE_UP 125 /* ECANCELED */

/// report only this process (process id, 0: all)
/// @cmdarg {"long": "pid", "short": "p"}
/// @exists /proc/%
const volatile __u32 targ_pid = 0;
/// report only this user
/// @cmdarg {"long": "uid", "short": "u"}
const volatile uid_t targ_uid = ANY_UID;
/// report only connections to these ports
/// @cmdarg {"long": "port", "short": "P"}
/// @count n_ports
const volatile __u16 ports[PORTS_MAX] = {};
const volatile __u32 n_ports = 0;
/// report only IPv4
/// @cmdarg {"short": "4"}
const volatile bool ipv4 = false;
/// report only IPv6
/// @cmdarg {"short": "6"}
const volatile bool ipv6 = false;
/// count connections by address and port, and show the counts
/// @cmdarg {"long": "count-targets", "short": "c"}
const volatile bool count = false;
/// report when it is known how it went: shows SPORT, ERR and MS, too
/// @cmdarg {"long": "result", "short": "r"}
const volatile bool result = false;
/// show the column UID, too
/// @cmdarg {"long": "print-uid", "short": "U"}
const volatile bool print_uid = false;

/// @when !count
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

/// @when count
/// @sample {"interval": 0, "type": "default_kv", "sort": "connects"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct target);
	__type(
		value, struct connects { __u64 connects; });
} targets SEC(".maps");

struct attempt {
	__u64 begin_ns;
	struct owner owner;
};

/* With --result: by the address of the socket, until the answer is known. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct sock *);
	__type(value, struct attempt);
} attempts SEC(".maps");

static bool is_wanted(const struct owner *owner, const struct ends *ends)
{
	if (is_runner(owner->pid) || (targ_pid && targ_pid != owner->pid))
		return false;
	/* Both asked for is all of them. */
	if (ipv4 != ipv6 && is_ipv4(ends) != ipv4)
		return false;
	return (targ_uid == ANY_UID || targ_uid == owner->uid) && has_port(ports, n_ports, ends->remote_port);
}

static void count_one(const struct ends *ends)
{
	struct target target = { .rport = ends->remote_port };
	struct connects *connects;

	__builtin_memcpy(target.laddr, ends->local, ADDRESS_SIZE);
	__builtin_memcpy(target.raddr, ends->remote, ADDRESS_SIZE);
	connects = find_or_add(&targets, &target);
	if (connects)
		__sync_fetch_and_add(&connects->connects, 1);
}

static void report(const struct attempt *attempt, const struct ends *ends, __u32 err)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return; /* full: the runner tells how many were lost */
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = bpf_ktime_get_ns();
	event->uid = attempt->owner.uid;
	event->pid = attempt->owner.pid;
	__builtin_memcpy(event->comm, attempt->owner.comm, sizeof(event->comm));
	event->ip = is_ipv4(ends) ? 4 : 6;
	__builtin_memcpy(event->saddr, ends->local, ADDRESS_SIZE);
	__builtin_memcpy(event->daddr, ends->remote, ADDRESS_SIZE);
	event->sport = ends->local_port;
	event->dport = ends->remote_port;
	event->err = err;
	event->ms = result ? event->time_ns - attempt->begin_ns : 0;
	bpf_ringbuf_submit(event, 0);
}

static void on_begin(struct sock *sk)
{
	struct attempt attempt = { .begin_ns = bpf_ktime_get_ns() };
	struct ends ends = read_ends(sk);

	read_owner(&attempt.owner);
	if (!is_wanted(&attempt.owner, &ends))
		return;
	if (count)
		count_one(&ends);
	else if (result)
		bpf_map_update_elem(&attempts, &sk, &attempt, BPF_ANY);
	else
		report(&attempt, &ends, 0);
}

/* @is_open: connected, or both sides have called each other at once. */
static void on_end(struct sock *sk, bool is_open)
{
	struct attempt *attempt = bpf_map_lookup_elem(&attempts, &sk);
	struct ends ends;
	__u32 err;

	if (!attempt)
		return;
	ends = read_ends(sk);
	err = is_open ? 0 : BPF_CORE_READ(sk, sk_err);
	/* No error and no connection: the process itself has given up. */
	report(attempt, &ends, is_open || err ? err : GAVE_UP);
	bpf_map_delete_elem(&attempts, &sk);
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(set_state, struct sock *sk, int oldstate, int newstate)
{
	if (!is_tcp(sk))
		return 0;
	if (newstate == TCP_SYN_SENT)
		on_begin(sk);
	else if (result && oldstate == TCP_SYN_SENT)
		on_end(sk, newstate != TCP_CLOSE);
	return 0;
}

/// @brief Shows who opens TCP connections.
/// @description Reports each attempt to open a TCP connection: by whom and to where, with --result also how it went.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
