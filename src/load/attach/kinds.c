/* SPDX-License-Identifier: MIT */
/*
 * The table of sections. What is not in it is refused before anything is loaded, with the section in the sentence.
 * Sources: libbpf's section_defs[] for the names; kernel/trace/bpf_trace.c and kernel/bpf/trampoline.c for what stands
 * before a name in BTF ("btf_trace_sched_switch", "bpf_lsm_file_open", "bpf_iter_task").
 */
#include "load/attach/attach.h"

#include <string.h>

#include "base/cleanup.h"
#include "load/attach/link.h"

/* A kernel with these files opens probes through perf_event_open(2) alone (4.17); without, through tracefs. */
#define KPROBE_PMU "/sys/bus/event_source/devices/kprobe/type"
#define UPROBE_PMU "/sys/bus/event_source/devices/uprobe/type"

#define TYPED(prefix, noun, target, btf)                                                                               \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_##target, btf, NULL, ecli_attach_auto                                        \
	}
#define PROBE(prefix, noun, target, tracefs, attach)                                                                   \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_##target, NULL, tracefs, attach                                              \
	}
#define MULTI(prefix, noun, target, tracefs, attach, type)                                                             \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_##target, NULL, tracefs, attach, BPF_PROG_TYPE_KPROBE, type                  \
	}
/* Sections that libbpf gives a type and an attach type. */
#define PLAIN(prefix, noun, target, attach)                                                                            \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_##target, NULL, NULL, attach                                                 \
	}
#define NETWORK(prefix, noun, type, attach)                                                                            \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_INTERFACE, NULL, NULL, attach, BPF_PROG_TYPE_##type                          \
	}

static const struct ecli_attach_kind kinds[] = {
	PROBE("tp", "tracepoint", TRACEPOINT, "", ecli_attach_auto),
	PROBE("tracepoint", "tracepoint", TRACEPOINT, "", ecli_attach_auto),
	PROBE("raw_tp", "raw tracepoint", TRACEPOINT_NAME, NULL, ecli_attach_auto),
	PROBE("raw_tracepoint", "raw tracepoint", TRACEPOINT_NAME, NULL, ecli_attach_auto),
	PROBE("raw_tp.w", "raw tracepoint", TRACEPOINT_NAME, NULL, ecli_attach_auto),
	PROBE("raw_tracepoint.w", "raw tracepoint", TRACEPOINT_NAME, NULL, ecli_attach_auto),
	TYPED("tp_btf", "tp_btf", TRACEPOINT_NAME, "btf_trace_"),
	TYPED("fentry", "fentry", FUNCTION, ""),
	TYPED("fentry.s", "fentry", FUNCTION, ""),
	TYPED("fexit", "fexit", FUNCTION, ""),
	TYPED("fexit.s", "fexit", FUNCTION, ""),
	TYPED("fmod_ret", "fmod_ret", FUNCTION, ""),
	TYPED("fmod_ret.s", "fmod_ret", FUNCTION, ""),
	TYPED("lsm", "LSM", LSM, "bpf_lsm_"),
	TYPED("lsm.s", "LSM", LSM, "bpf_lsm_"),
	{ "lsm_cgroup", "cgroup LSM", ECLI_TARGET_CGROUP, "bpf_lsm_", NULL, ecli_attach_cgroup },
	PROBE("kprobe", "kprobe", KPROBE, KPROBE_PMU, ecli_attach_probe),
	PROBE("kretprobe", "kretprobe", KPROBE, KPROBE_PMU, ecli_attach_probe),
	PROBE("ksyscall", "ksyscall", SYSCALL, KPROBE_PMU, ecli_attach_probe),
	PROBE("kretsyscall", "kretsyscall", SYSCALL, KPROBE_PMU, ecli_attach_probe),
	MULTI("kprobe.multi", "kprobe.multi", KPROBE, "", ecli_attach_probe, ECLI_ATTACH_KPROBE_MULTI),
	MULTI("kretprobe.multi", "kretprobe.multi", KPROBE, "", ecli_attach_probe, ECLI_ATTACH_KPROBE_MULTI),
	MULTI("kprobe.session", "kprobe.session", KPROBE, "", ecli_attach_probe, ECLI_ATTACH_KPROBE_SESSION),
	PROBE("uprobe", "uprobe", UPROBE, UPROBE_PMU, ecli_attach_user),
	PROBE("uprobe.s", "uprobe", UPROBE, UPROBE_PMU, ecli_attach_user),
	PROBE("uretprobe", "uretprobe", UPROBE, UPROBE_PMU, ecli_attach_user),
	PROBE("uretprobe.s", "uretprobe", UPROBE, UPROBE_PMU, ecli_attach_user),
	MULTI("uprobe.multi", "uprobe.multi", UPROBE, NULL, ecli_attach_user, ECLI_ATTACH_UPROBE_MULTI),
	MULTI("uretprobe.multi", "uretprobe.multi", UPROBE, NULL, ecli_attach_user, ECLI_ATTACH_UPROBE_MULTI),
	MULTI("uprobe.session", "uprobe.session", UPROBE, NULL, ecli_attach_user, ECLI_ATTACH_UPROBE_SESSION),
	PROBE("usdt", "USDT", USDT, UPROBE_PMU, ecli_attach_user),
	{ "iter", "iterator", ECLI_TARGET_ITER, "bpf_iter_", NULL, ecli_attach_iter },
	{ "iter.s", "iterator", ECLI_TARGET_ITER, "bpf_iter_", NULL, ecli_attach_iter },
	PLAIN("perf_event", "perf_event", EVENT, ecli_attach_perf_event),
	NETWORK("tc", "tc", SCHED_CLS, ecli_attach_tc),
	NETWORK("classifier", "tc", SCHED_CLS, ecli_attach_tc),
	NETWORK("tcx", "tcx", SCHED_CLS, ecli_attach_tc),
	NETWORK("netkit", "netkit", SCHED_CLS, ecli_attach_tc),
	NETWORK("xdp", "XDP", XDP, ecli_attach_xdp),
	NETWORK("xdp.frags", "XDP", XDP, ecli_attach_xdp),
	NETWORK("socket", "socket filter", SOCKET_FILTER, ecli_attach_socket_filter),
	PLAIN("cgroup", "cgroup", CGROUP, ecli_attach_cgroup),
	PLAIN("cgroup_skb", "cgroup", CGROUP, ecli_attach_cgroup),
	PLAIN("sockops", "sockops", CGROUP, ecli_attach_cgroup),
	PLAIN("sk_lookup", "sk_lookup", NETNS, ecli_attach_netns),
	PLAIN("flow_dissector", "flow dissector", NETNS, ecli_attach_netns),
	PLAIN("sk_msg", "sk_msg", MAP, ecli_attach_socket_map),
	PLAIN("sk_skb", "sk_skb", MAP, ecli_attach_socket_map),
	{ "netfilter", "netfilter", ECLI_TARGET_NETFILTER, NULL, NULL, ecli_attach_netfilter, ECLI_PROG_TYPE_NETFILTER,
	  ECLI_ATTACH_NETFILTER },
	PLAIN("freplace", "freplace", BPF, ecli_attach_auto),
	PLAIN("struct_ops", "struct_ops", NONE, ecli_attach_struct_ops),
	PLAIN("syscall", "syscall", NONE, ecli_attach_once),
};

const struct ecli_attach_kind *ecli_attach_find(const char *section, const char **ret_target)
{
	section += *section == '?';
	size_t len = strcspn(section, "/");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].prefix) == len && !strncmp(kinds[i].prefix, section, len)) {
			*ret_target = section[len] ? section + len + 1 : "";
			return &kinds[i];
		}
	return NULL;
}
