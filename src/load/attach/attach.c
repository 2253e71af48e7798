/* SPDX-License-Identifier: MIT */
/*
 * The table of sections. What is not in it is refused before anything is loaded, with the section in the sentence.
 * Sources: libbpf's section_defs[] for the names; kernel/trace/bpf_trace.c and kernel/bpf/trampoline.c for what stands
 * before a name in BTF ("btf_trace_sched_switch", "bpf_lsm_file_open", "bpf_iter_task").
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecli/load.h>

#include "base/cleanup.h"

/* A kernel with these files opens probes through perf_event_open(2) alone (4.17); without, through tracefs. */
#define KPROBE_PMU "/sys/bus/event_source/devices/kprobe/type"
#define UPROBE_PMU "/sys/bus/event_source/devices/uprobe/type"

#define AUTO(prefix, noun, target, btf, tracefs)                                                                       \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_##target, btf, tracefs, ecli_attach_auto                                     \
	}

#define NETWORK(prefix, noun, type, attach)                                                                            \
	{                                                                                                              \
		prefix, noun, ECLI_TARGET_NONE, NULL, NULL, attach, BPF_PROG_TYPE_##type                               \
	}

static const struct ecli_attach_kind kinds[] = {
	AUTO("tp", "tracepoint", TRACEPOINT, NULL, ""),
	AUTO("tracepoint", "tracepoint", TRACEPOINT, NULL, ""),
	AUTO("raw_tp", "raw tracepoint", TRACEPOINT_NAME, NULL, NULL),
	AUTO("raw_tracepoint", "raw tracepoint", TRACEPOINT_NAME, NULL, NULL),
	AUTO("raw_tp.w", "raw tracepoint", TRACEPOINT_NAME, NULL, NULL),
	AUTO("raw_tracepoint.w", "raw tracepoint", TRACEPOINT_NAME, NULL, NULL),
	AUTO("tp_btf", "tp_btf", TRACEPOINT_NAME, "btf_trace_", NULL),
	AUTO("fentry", "fentry", FUNCTION, "", NULL),
	AUTO("fentry.s", "fentry", FUNCTION, "", NULL),
	AUTO("fexit", "fexit", FUNCTION, "", NULL),
	AUTO("fexit.s", "fexit", FUNCTION, "", NULL),
	AUTO("fmod_ret", "fmod_ret", FUNCTION, "", NULL),
	AUTO("fmod_ret.s", "fmod_ret", FUNCTION, "", NULL),
	AUTO("lsm", "LSM", LSM, "bpf_lsm_", NULL),
	AUTO("lsm.s", "LSM", LSM, "bpf_lsm_", NULL),
	AUTO("kprobe", "kprobe", KPROBE, NULL, KPROBE_PMU),
	AUTO("kretprobe", "kretprobe", KPROBE, NULL, KPROBE_PMU),
	AUTO("kprobe.multi", "kprobe.multi", KPROBE, NULL, NULL),
	AUTO("kretprobe.multi", "kretprobe.multi", KPROBE, NULL, NULL),
	AUTO("ksyscall", "ksyscall", SYSCALL, NULL, KPROBE_PMU),
	AUTO("kretsyscall", "kretsyscall", SYSCALL, NULL, KPROBE_PMU),
	AUTO("uprobe", "uprobe", UPROBE, NULL, UPROBE_PMU),
	AUTO("uprobe.s", "uprobe", UPROBE, NULL, UPROBE_PMU),
	AUTO("uretprobe", "uretprobe", UPROBE, NULL, UPROBE_PMU),
	AUTO("uretprobe.s", "uretprobe", UPROBE, NULL, UPROBE_PMU),
	AUTO("usdt", "USDT", USDT, NULL, UPROBE_PMU),
	{ "iter", "iterator", ECLI_TARGET_ITER, "bpf_iter_", NULL, ecli_attach_iter },
	{ "iter.s", "iterator", ECLI_TARGET_ITER, "bpf_iter_", NULL, ecli_attach_iter },
	{ "perf_event", "perf_event", ECLI_TARGET_NONE, NULL, NULL, ecli_attach_perf_event },
	NETWORK("tc", "tc", SCHED_CLS, ecli_attach_tc),
	NETWORK("classifier", "tc", SCHED_CLS, ecli_attach_tc),
	NETWORK("xdp", "XDP", XDP, ecli_attach_xdp),
	NETWORK("xdp.frags", "XDP", XDP, ecli_attach_xdp),
	NETWORK("socket", "socket filter", SOCKET_FILTER, ecli_attach_socket_filter),
};

const struct ecli_attach_kind *ecli_attach_find(const char *section, const char **ret_target)
{
	size_t len = strcspn(section, "/");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].prefix) == len && !strncmp(kinds[i].prefix, section, len)) {
			*ret_target = section[len] ? section + len + 1 : "";
			return &kinds[i];
		}
	return NULL;
}

int ecli_attach_run(const struct ecli_attach *job, struct ecli_err *err)
{
	const char *sans = job->kind->tracefs_sans;

	if (sans && (!*sans || access(sans, R_OK))) {
		int r = ecli_load_need_tracefs(err, NULL);
		if (r)
			return r;
	}
	return job->kind->attach(job, err);
}

static void destroy(struct ecli_link *link)
{
	bpf_link__destroy(link->link);
	ecli_hook_free(link->hook);
	if (link->fd >= 0)
		close(link->fd);
}

static int add(struct ecli_links *links, struct ecli_link link, struct ecli_err *err)
{
	struct ecli_link *items = reallocarray(links->items, links->count + 1, sizeof(*items));

	if (!items) {
		destroy(&link);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	links->items = items;
	items[links->count++] = link;
	return 0;
}

int ecli_links_add(struct ecli_links *links, struct bpf_link *link, const char *prog, struct ecli_err *err)
{
	return add(links, (struct ecli_link){ .link = link, .prog = prog, .fd = -1 }, err);
}

int ecli_links_add_fd(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err)
{
	return add(links, (struct ecli_link){ .prog = prog, .fd = fd }, err);
}

int ecli_links_add_iter(struct ecli_links *links, int fd, const char *prog, struct ecli_err *err)
{
	return add(links, (struct ecli_link){ .prog = prog, .fd = fd, .is_iter = true }, err);
}

int ecli_links_add_hook(struct ecli_links *links, struct ecli_hook *hook, const char *prog, struct ecli_err *err)
{
	return add(links, (struct ecli_link){ .prog = prog, .fd = -1, .hook = hook }, err);
}

void ecli_links_cut(struct ecli_links *links, size_t count)
{
	while (links->count > count)
		destroy(&links->items[--links->count]);
}

void ecli_links_done(struct ecli_links *links)
{
	for (size_t i = 0; i < links->count; i++)
		destroy(&links->items[i]);
	free(links->items);
	*links = (struct ecli_links){ 0 };
}
