/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program of nearly each kind, each with an effect that can be seen from outside. All sections begin with '?': what a test wants it
 * brings in with --attach. What they report has the program's name.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

/// @export
struct event {
	char name[16];
	__u32 pid;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

/// only what this process and its threads do (0: all)
const volatile __u32 only_pid = 0;
/// the number of the system call that trace_btf sees
const volatile __u32 with_call = 110;
/// report reads, too
const volatile bool with_reads = false;
/// run run_once
const volatile bool with_once = false;
/// run run_badly
const volatile bool with_bad = false;

#define tell(text, number)                                                                                             \
	({                                                                                                             \
		struct event event = { .name = text, .value = (__u32)(number) };                                       \
		bpf_ringbuf_output(&events, &event, sizeof(event), 0);                                                 \
	})

static __always_inline bool is_wanted(void)
{
	return !only_pid || bpf_get_current_pid_tgid() >> 32 == only_pid;
}

#define tell_task(text, number)                                                                                        \
	({                                                                                                             \
		struct event event = { .name = text,                                                                   \
				       .value = (__u32)(number),                                                       \
				       .pid = bpf_get_current_pid_tgid() >> 32 };                                      \
		if (is_wanted())                                                                                       \
			bpf_ringbuf_output(&events, &event, sizeof(event), 0);                                         \
	})

/* ---- tracing: pid of the caller, first argument or result ---- */

SEC("?tp/syscalls/sys_enter_getppid") int trace_tp(void *ctx)
{
	tell_task("tp", 0);
	return 0;
}
SEC("?raw_tp/sys_enter") int trace_raw(struct bpf_raw_tracepoint_args *ctx)
{
	if (ctx->args[1] == with_call)
		tell_task("raw", 0);
	return 0;
}
SEC("?kprobe/ksys_read") int trace_kprobe(void *ctx)
{
	tell_task("kprobe", 0);
	return 0;
}
SEC("?kretprobe/ksys_read") int trace_kretprobe(void *ctx)
{
	tell_task("kretprobe", 0);
	return 0;
}
SEC("?kprobe.multi/ksys_read*") int trace_kmulti(void *ctx)
{
	tell_task("kmulti", 0);
	return 0;
}
SEC("?kretprobe.multi/ksys_read*") int trace_kretmulti(void *ctx)
{
	tell_task("kretmulti", 0);
	return 0;
}
SEC("?kprobe.session/ksys_read*") int trace_ksession(void *ctx)
{
	tell_task("ksession", 0);
	return 0;
}
SEC("?ksyscall/getppid") int trace_ksyscall(void *ctx)
{
	tell_task("ksyscall", 0);
	return 0;
}
SEC("?kretsyscall/getppid") int trace_kretsyscall(void *ctx)
{
	tell_task("kretsyscall", 0);
	return 0;
}
SEC("?fentry/ksys_read") int BPF_PROG(trace_fentry)
{
	tell_task("fentry", 0);
	return 0;
}
SEC("?fexit/ksys_read") int BPF_PROG(trace_fexit)
{
	tell_task("fexit", 0);
	return 0;
}
SEC("?uprobe") int BPF_KPROBE(trace_uprobe, long argument)
{
	tell_task("uprobe", argument);
	return 0;
}
SEC("?uretprobe") int BPF_KRETPROBE(trace_uretprobe, long result)
{
	tell_task("uretprobe", result);
	return 0;
}
SEC("?uprobe.multi") int BPF_KPROBE(trace_umulti, long argument)
{
	tell_task("umulti", argument);
	return 0;
}
SEC("?uretprobe.multi") int BPF_KRETPROBE(trace_uretmulti, long result)
{
	tell_task("uretmulti", result);
	return 0;
}
SEC("?uprobe.session") int trace_usession(void *ctx)
{
	tell_task("usession", 0);
	return 0;
}
SEC("?usdt") int trace_usdt(struct pt_regs *ctx)
{
	long n = 0;

	bpf_usdt_arg(ctx, 0, &n);
	tell_task("usdt", n);
	return 0;
}
SEC("?perf_event") int trace_sample(void *ctx)
{
	tell_task("sample", bpf_get_smp_processor_id());
	return 0;
}

/* The result of a test run (BPF_PROG_TEST_RUN) of the process called "act". */
SEC("?raw_tp.w/bpf_test_finish")
int change_finish(struct bpf_raw_tracepoint_args *ctx)
{
	int *result = (int *)ctx->args[0];
	char name[16] = {};

	bpf_get_current_comm(name, sizeof(name));
	if (name[0] != 'a' || name[1] != 'c' || name[2] != 't' || name[3])
		return 0;
	tell_task("raw_tp_w", *result);
	*result = -1; /* EPERM */
	return 0;
}

SEC("?fmod_ret/security_file_permission")
int BPF_PROG(change_result, struct file *file, int mask, int ret)
{
	if (!only_pid || !is_wanted() || !(mask & 4 /* MAY_READ */))
		return ret;
	tell_task("fmod_ret", mask);
	return -13; /* EACCES */
}

SEC("?lsm/path_unlink")
int BPF_PROG(deny_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	char name[16] = {};

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (__builtin_memcmp(name, "ecli-keep", 9))
		return ret;
	tell("lsm", 0);
	return -1;
}

SEC("?lsm_cgroup/socket_create")
int BPF_PROG(deny_socket_lsm, int family, int type, int protocol, int kern)
{
	if (type != 2) /* SOCK_DGRAM */
		return 1;
	tell("lsm_cgroup", family);
	return 0;
}

/* ---- packets: UDP to port 7777 is dropped ---- */

static __always_inline bool is_ours(void *data, void *end)
{
	struct iphdr *ip = data;
	struct udphdr *udp = (void *)(ip + 1);

	return (void *)(udp + 1) <= end && ip->protocol == 17 && udp->dest == bpf_htons(7777);
}

#define DROP_XDP(section, function, text)                                                                              \
	SEC(section)                                                                                                   \
	int function(struct xdp_md *ctx)                                                                               \
	{                                                                                                              \
		if (!is_ours((void *)(long)ctx->data + sizeof(struct ethhdr), (void *)(long)ctx->data_end))            \
			return 2;                                                                                      \
		tell(text, ctx->ingress_ifindex);                                                                      \
		return 1;                                                                                              \
	}
DROP_XDP("?xdp", drop_xdp, "xdp")
DROP_XDP("?xdp.frags", drop_frags, "xdp_frags")

#define DROP_TC(section, function, text)                                                                               \
	SEC(section)                                                                                                   \
	int function(struct __sk_buff *skb)                                                                            \
	{                                                                                                              \
		if (!is_ours((void *)(long)skb->data + sizeof(struct ethhdr), (void *)(long)skb->data_end))            \
			return 0;                                                                                      \
		tell(text, skb->ifindex);                                                                              \
		return 2;                                                                                              \
	}
DROP_TC("?tc", drop_tc, "tc")
DROP_TC("?tcx/egress", drop_tcx, "tcx")
DROP_TC("?netkit/primary", drop_netkit, "netkit")

/* Sees a copy of each packet. */
SEC("?socket")
int filter_socket(struct __sk_buff *skb)
{
	struct iphdr ip = {};
	struct udphdr udp = {};

	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip)) || ip.protocol != 17 ||
	    bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + sizeof(ip), &udp, sizeof(udp)) ||
	    udp.dest != bpf_htons(7777))
		return 0;
	tell("socket", skb->ifindex);
	return 0;
}

SEC("?netfilter")
int drop_netfilter(struct bpf_nf_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;
	void *head = BPF_CORE_READ(skb, head);
	struct udphdr udp = {};
	struct iphdr ip = {};

	bpf_probe_read_kernel(&ip, sizeof(ip), head + BPF_CORE_READ(skb, network_header));
	if (ip.protocol != 17)
		return 1;
	bpf_probe_read_kernel(&udp, sizeof(udp), head + BPF_CORE_READ(skb, network_header) + sizeof(ip));
	if (udp.dest != bpf_htons(7777))
		return 1;
	tell("netfilter", 0);
	return 0;
}

/* ---- cgroups ---- */

SEC("?cgroup_skb/egress")
int drop_cgroup(struct __sk_buff *skb)
{
	if (!is_ours((void *)(long)skb->data, (void *)(long)skb->data_end))
		return 1;
	tell("cgroup_skb", 0);
	return 0;
}

SEC("?cgroup/sysctl")
int deny_sysctl(struct bpf_sysctl *ctx)
{
	if (!ctx->write)
		return 1;
	tell("sysctl", 0);
	return 0;
}

SEC("?cgroup/connect4")
int deny_connect(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port != bpf_htons(7778))
		return 1;
	tell("connect4", 0);
	return 0;
}

SEC("?cgroup/sock_create")
int deny_sock(struct bpf_sock *ctx)
{
	if (ctx->type != 2)
		return 1;
	tell("sock_create", ctx->family);
	return 0;
}

SEC("?cgroup/dev")
int deny_dev(struct bpf_cgroup_dev_ctx *ctx)
{
	if (ctx->major != 1 || ctx->minor != 5) /* /dev/zero */
		return 1;
	tell("dev", ctx->minor);
	return 0;
}

SEC("?cgroup/setsockopt")
int deny_setsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->level != 1 || ctx->optname != 9) /* SOL_SOCKET, SO_KEEPALIVE */
		return 1;
	tell("setsockopt", ctx->optname);
	return 0;
}

/* ---- sockets ---- */

/* Connections to port 7779 go into the map. */
SEC("?sockops")
int collect(struct bpf_sock_ops *ops)
{
	__u32 key = ops->local_port == 7779;

	if (ops->op != 4 && ops->op != 5) /* established, from either side */
		return 0;
	if (ops->local_port != 7779 && ops->remote_port != bpf_htonl(7779))
		return 0;
	tell("sockops", ops->op);
	bpf_sock_hash_update(ops, &sockets, &key, 1 /* BPF_NOEXIST */);
	return 0;
}

SEC("?sk_msg")
int drop_msg(struct sk_msg_md *msg)
{
	tell("sk_msg", msg->size);
	return 0; /* SK_DROP */
}

SEC("?sk_skb/stream_verdict")
int drop_stream(struct __sk_buff *skb)
{
	tell("sk_skb", skb->len);
	return 0;
}

SEC("?sk_lookup")
int refuse_lookup(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port != 7780)
		return 1;
	tell("sk_lookup", ctx->local_port);
	return 0;
}

SEC("?flow_dissector")
int dissect(struct __sk_buff *skb)
{
	tell("dissector", 0);
	return 0;
}

/* ---- the rest ---- */

SEC("?tp_btf/sys_enter")
int BPF_PROG(trace_btf, struct pt_regs *regs, long id)
{
	if (id == with_call)
		tell_task("tp_btf", id);
	return 0;
}

/* A program that says its caller is in no file: what replaces its function says 42. */
__attribute__((noinline)) int replaceable(struct xdp_md *ctx)
{
	volatile int result = 7;

	return ctx ? result : 8;
}

SEC("?xdp")
int ask_replaced(struct xdp_md *ctx)
{
	if (is_ours((void *)(long)ctx->data + sizeof(struct ethhdr), (void *)(long)ctx->data_end))
		tell("replaced", replaceable(ctx));
	return 2;
}

SEC("?freplace")
int replacement(struct xdp_md *ctx)
{
	return 42;
}

SEC("?iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		BPF_SEQ_PRINTF(ctx->meta->seq, "task %d of %d\n", task->pid, task->tgid);
	return 0;
}

/* Tied to options. */
/// @when with_once
SEC("syscall")
int run_once(void *ctx)
{
	tell_task("syscall", 7);
	return 0;
}

/// @when with_bad
SEC("syscall")
int run_badly(void *ctx)
{
	return -2;
}

/// @when with_reads
SEC("tp/syscalls/sys_enter_read")
int when_reads(void *ctx)
{
	tell_task("read", 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
