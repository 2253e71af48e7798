/* SPDX-License-Identifier: MIT */
/*
 * Kinds of programs and of maps, with the release they came in. Sections are libbpf's names (libbpf.c, section_defs[]) and
 * those of older tools ("classifier", "action").
 *
 * The effect of a kind is what its return value or its arguments let it change; what it calls is effects.c's matter. It
 * says "can": whether this program really does so is for a reader of its source.
 */
#include "inspect/tables.h"

#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"

#define PACKETS "can drop, change or redirect packets"
#define REFUSE  "can refuse what the processes of a cgroup want to do"
#define RESULT  "can replace the result of a kernel function"
#define MAPS    "can change maps of other BPF programs"
#define DENY    "can deny what a security hook decides about"

static const struct inspect_kind kinds[] = {
	{ "tp", "tracepoint", "4.7", NULL },
	{ "tracepoint", "tracepoint", "4.7", NULL },
	{ "raw_tp", "raw tracepoint", "4.17", NULL },
	{ "raw_tracepoint", "raw tracepoint", "4.17", NULL },
	{ "raw_tp.w", "writable raw tracepoint", "5.2", "can change what a writable tracepoint passes on" },
	{ "raw_tracepoint.w", "writable raw tracepoint", "5.2", "can change what a writable tracepoint passes on" },
	{ "tp_btf", "raw tracepoint with types", "5.5", NULL },
	{ "fentry", "kernel function, at its entry", "5.5", NULL },
	{ "fentry.s", "kernel function, at its entry, may sleep", "5.10", NULL },
	{ "fexit", "kernel function, at its return", "5.5", NULL },
	{ "fexit.s", "kernel function, at its return, may sleep", "5.10", NULL },
	{ "fmod_ret", "kernel function, instead of it", "5.7", RESULT },
	{ "fmod_ret.s", "kernel function, instead of it, may sleep", "5.10", RESULT },
	{ "lsm", "security hook", "5.7", DENY },
	{ "lsm.s", "security hook, may sleep", "5.10", DENY },
	{ "lsm_cgroup", "security hook of a cgroup", "6.0", DENY },
	{ "kprobe", "kernel function, by probe", "4.1", NULL },
	{ "kretprobe", "kernel function's return, by probe", "4.1", NULL },
	{ "kprobe.multi", "many kernel functions", "5.18", NULL },
	{ "kretprobe.multi", "many kernel functions' returns", "5.18", NULL },
	{ "kprobe.session", "many kernel functions, entry and return", "6.10", NULL },
	{ "ksyscall", "system call, by probe", "4.1", NULL },
	{ "kretsyscall", "system call's return, by probe", "4.1", NULL },
	{ "uprobe", "user function", "4.1", NULL },
	{ "uprobe.s", "user function, may sleep", "6.0", NULL },
	{ "uretprobe", "user function's return", "4.1", NULL },
	{ "uretprobe.s", "user function's return, may sleep", "6.0", NULL },
	{ "uprobe.multi", "many user functions", "6.6", NULL },
	{ "uretprobe.multi", "many user functions' returns", "6.6", NULL },
	{ "uprobe.session", "many user functions, entry and return", "6.13", NULL },
	{ "uprobe.multi.s", "many user functions, may sleep", "6.6", NULL },
	{ "uretprobe.multi.s", "many user functions' returns, may sleep", "6.6", NULL },
	{ "uprobe.session.s", "many user functions, entry and return, may sleep", "6.13", NULL },
	{ "usdt.s", "probe written into a user program, may sleep", "6.0", NULL },
	{ "usdt", "probe written into a user program", "4.1", NULL },
	{ "perf_event", "performance event", "4.9", NULL },
	{ "iter", "iterator", "5.8", NULL },
	{ "iter.s", "iterator, may sleep", "6.0", NULL },
	{ "iter/bpf_map_elem", "iterator over a map", "5.9", MAPS },
	{ "iter.s/bpf_map_elem", "iterator over a map, may sleep", "6.0", MAPS },
	{ "iter/bpf_sk_storage_map", "iterator over a map", "5.9", MAPS },
	{ "iter.s/bpf_sk_storage_map", "iterator over a map, may sleep", "6.0", MAPS },
	{ "freplace", "function of another BPF program", "5.6", "replaces a function of another BPF program" },
	{ "struct_ops", "part of the kernel, replaced", "5.6", "replaces a part of the kernel's own code" },
	{ "struct_ops.s", "part of the kernel, replaced, may sleep", "6.0",
	  "replaces a part of the kernel's own code" },
	{ "syscall", "run on demand", "5.14", NULL },
	{ "xdp", "network interface, as packets arrive", "4.8", PACKETS },
	{ "xdp.frags", "network interface, as packets arrive", "5.18", PACKETS },
	{ "xdp_devmap", "packets redirected to an interface", "5.8", PACKETS },
	{ "xdp_cpumap", "packets redirected to a CPU", "5.9", PACKETS },
	{ "tc", "traffic control", "4.1", PACKETS },
	{ "classifier", "traffic control", "4.1", PACKETS },
	{ "action", "traffic control, action", "4.1", PACKETS },
	{ "tcx", "traffic control, by link", "6.6", PACKETS },
	{ "netkit", "netkit interface", "6.7", PACKETS },
	{ "netfilter", "netfilter hook", "6.4", PACKETS },
	{ "lwt_in", "route, incoming", "4.10", PACKETS },
	{ "lwt_out", "route, outgoing", "4.10", PACKETS },
	{ "lwt_xmit", "route, at transmission", "4.10", PACKETS },
	{ "lwt_seg6local", "route, segment routing", "4.18", PACKETS },
	{ "flow_dissector", "flow dissector", "4.20", "replaces how the kernel reads packet headers" },
	{ "socket", "socket filter", "3.19", NULL },
	{ "sk_skb", "stream of a socket", "4.14", "can drop or redirect what sockets receive" },
	{ "sk_msg", "messages of a socket", "4.17", "can drop or redirect what sockets send" },
	{ "sk_lookup", "socket lookup", "5.9", "can choose which socket gets a connection" },
	{ "sk_reuseport", "sockets of one port", "4.19", "can choose which socket gets a connection" },
	{ "sockops", "TCP connections of a cgroup", "4.13", "can change parameters of TCP connections" },
	{ "cgroup", "cgroup", "4.10", REFUSE },
	{ "cgroup_skb", "packets of a cgroup", "4.10", "can drop packets of the processes of a cgroup" },
	{ "cgroup/skb", "packets of a cgroup", "4.10", "can drop packets of the processes of a cgroup" },
	{ "cgroup/sock", "sockets of a cgroup", "4.10", REFUSE },
	{ "cgroup/sock_create", "sockets of a cgroup", "4.10", REFUSE },
	{ "cgroup/sock_release", "sockets of a cgroup", "5.9", NULL },
	{ "cgroup/dev", "devices of a cgroup", "4.15", REFUSE },
	{ "cgroup/sysctl", "sysctls of a cgroup", "5.2", REFUSE },
	{ "cgroup/bind4", "bind(2) of a cgroup", "4.17", REFUSE },
	{ "cgroup/bind6", "bind(2) of a cgroup", "4.17", REFUSE },
	{ "cgroup/post_bind4", "bind(2) of a cgroup", "4.17", REFUSE },
	{ "cgroup/post_bind6", "bind(2) of a cgroup", "4.17", REFUSE },
	{ "cgroup/connect4", "connect(2) of a cgroup", "4.17", REFUSE ", or send it to another address" },
	{ "cgroup/connect6", "connect(2) of a cgroup", "4.17", REFUSE ", or send it to another address" },
	{ "cgroup/sendmsg4", "sendmsg(2) of a cgroup", "4.18", REFUSE ", or send it to another address" },
	{ "cgroup/sendmsg6", "sendmsg(2) of a cgroup", "4.18", REFUSE ", or send it to another address" },
	{ "cgroup/recvmsg4", "recvmsg(2) of a cgroup", "5.2", "can change addresses that processes of a cgroup see" },
	{ "cgroup/recvmsg6", "recvmsg(2) of a cgroup", "5.2", "can change addresses that processes of a cgroup see" },
	{ "cgroup/getsockopt", "getsockopt(2) of a cgroup", "5.3", REFUSE },
	{ "cgroup/setsockopt", "setsockopt(2) of a cgroup", "5.3", REFUSE },
	{ "lirc_mode2", "infrared receiver", "4.18", NULL },
};

const struct inspect_kind *inspect_kind_find(const char *section, const char **ret_target)
{
	const struct inspect_kind *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(section, kinds[i].prefix, len) || (section[len] && section[len] != '/') || len <= best_len)
			continue;
		best = &kinds[i];
		best_len = len;
	}
	*ret_target = best && section[best_len] ? section + best_len + 1 : "";
	return best;
}

/* By number, so that headers older than a type do not matter. */
static const struct inspect_map_type map_types[] = {
	[1] = { "hash", "3.19", NULL },
	[2] = { "array", "3.19", NULL },
	[3] = { "program array", "4.2", NULL },
	[4] = { "perf event array", "4.3", NULL },
	[5] = { "per-CPU hash", "4.6", NULL },
	[6] = { "per-CPU array", "4.6", NULL },
	[7] = { "stack trace", "4.6", NULL },
	[8] = { "cgroup array", "4.8", NULL },
	[9] = { "LRU hash", "4.10", NULL },
	[10] = { "per-CPU LRU hash", "4.10", NULL },
	[11] = { "longest prefix trie", "4.11", NULL },
	[12] = { "array of maps", "4.12", NULL },
	[13] = { "hash of maps", "4.12", NULL },
	[14] = { "device", "4.14", NULL },
	[15] = { "socket", "4.14", INSPECT_TAKES_SOCKETS },
	[16] = { "CPU", "4.15", NULL },
	[17] = { "AF_XDP socket", "4.18", NULL },
	[18] = { "socket hash", "4.18", INSPECT_TAKES_SOCKETS },
	[19] = { "cgroup storage (older)", "4.19", NULL },
	[20] = { "reuseport socket", "4.19", NULL },
	[21] = { "per-CPU cgroup storage", "4.20", NULL },
	[22] = { "queue", "4.20", NULL },
	[23] = { "stack", "4.20", NULL },
	[24] = { "socket storage", "5.2", NULL },
	[25] = { "device hash", "5.4", NULL },
	[26] = { "struct_ops", "5.6", NULL },
	[27] = { "ring buffer", "5.8", NULL },
	[28] = { "inode storage", "5.10", NULL },
	[29] = { "task storage", "5.11", NULL },
	[30] = { "bloom filter", "5.16", NULL },
	[31] = { "user ring buffer", "6.1", NULL },
	[32] = { "cgroup storage", "6.2", NULL },
	[33] = { "arena", "6.9", NULL },
};
_Static_assert(BPF_MAP_TYPE_RINGBUF == 27 && BPF_MAP_TYPE_STACK == 23, "numbers of the kernel");

const struct inspect_map_type *inspect_map_type_find(uint32_t map_type)
{
	return map_type < ARRAY_SIZE(map_types) && map_types[map_type].words ? &map_types[map_type] : NULL;
}
