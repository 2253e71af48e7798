/* SPDX-License-Identifier: MIT */
/*
 * Attaching with nothing but a program's descriptor: one table, section -> call. It does not matter how the program came
 * into the kernel, through libbpf or through a loader program (docs/design/0005), so both go this way.
 *
 *     tp_btf, fentry, lsm, ...   a link on what the program was loaded for
 *     raw_tp                     a link on the tracepoint's name
 *     tp, kprobe, kretprobe      a perf event, and the program on it: a link (5.15), or with the event itself
 *
 * The errno of each call is the one that libbpf gives for the same failure; explain_attach.c makes the sentence. What is
 * not in the table needs more of libbpf than a page holds (probes through tracefs, USDT notes) and
 * is loaded and attached by libbpf.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "load/attach/ktable.h"

#define EVENTS      "/sys/bus/event_source/devices/"
#define KPROBE_TYPE EVENTS "kprobe/type"
#define ONLINE      "/sys/devices/system/cpu/online"
#define UPROBE_TYPE EVENTS "uprobe/type"

/* ---- links on programs ----------------------------------------------------------------------------------------- */

/* What it is for was decided when it was loaded. Where the kernel has no such links, libbpf's call opens a raw tracepoint. */
static int attach_traced(const struct ecli_attach *job)
{
	int fd = bpf_link_create(job->fd, 0, bpf_program__expected_attach_type(job->prog), NULL);

	return fd < 0 ? -errno : fd;
}

static int attach_raw_tracepoint(const struct ecli_attach *job)
{
	int fd = bpf_raw_tracepoint_open(job->target, job->fd);

	return fd < 0 ? -errno : fd;
}

/* ---- perf events ----------------------------------------------------------------------------------------------- */

int ecli_attach_event(int prog_fd, int event_fd)
{
	int fd = bpf_link_create(prog_fd, event_fd, BPF_PERF_EVENT, NULL);

	/* The link holds the event. Kernels before 5.15 have no such link; there the event holds the program. */
	if (fd < 0 && errno == EINVAL)
		fd = ioctl(event_fd, PERF_EVENT_IOC_SET_BPF, prog_fd) ? -1 : fcntl(event_fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && ioctl(event_fd, PERF_EVENT_IOC_ENABLE, 0)) {
		int code = -errno;
		close(fd);
		return code;
	}
	return fd < 0 ? -errno : fd;
}

/* Such an event counts on every CPU, whichever it is opened on; but that one must run. */
static int open_event(struct perf_event_attr *attr, int pid)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };
	struct ecli_err err;
	int fd = (int)syscall(SYS_perf_event_open, attr, pid, pid < 0 ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0 || errno != ENODEV || pid >= 0)
		return fd < 0 ? -errno : fd;
	int r = ecli_file_read(ONLINE, 1 << 16, &list, &err);
	if (r)
		return -ENODEV;
	fd = (int)syscall(SYS_perf_event_open, attr, -1, (int)strtoul(ecli_buf_text(&list), NULL, 10), -1,
			  PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int attach_to_event(const struct ecli_attach *job, struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	CLEANUP_FD int event = open_event(attr, -1);

	return event < 0 ? event : ecli_attach_event(job->fd, event);
}

/* A file of the kernel with one number in it. */
static int read_number(const char *path, uint64_t *ret)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_err err;
	int r = ecli_file_read(path, 64, &text, &err);

	while (!r && text.len && text.data[text.len - 1] == '\n')
		text.len--;
	return r ? r : ecli_num_parse_u64(ecli_buf_text(&text), ret);
}

static int attach_tracepoint(const struct ecli_attach *job)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	const char *slash = strchr(job->target, '/'), *tracefs;
	char path[PATH_MAX];
	uint64_t id;

	if (!slash || slash == job->target || !slash[1] || strstr(job->target, ".."))
		return -EINVAL;
	int r = ecli_load_need_tracefs(NULL, &tracefs);
	if (r)
		return r;
	snprintf(path, sizeof(path), "%s/events/%s/id", tracefs, job->target);
	r = read_number(path, &id);
	if (r)
		return r;
	attr.config = id;
	return attach_to_event(job, &attr);
}

/* ---- probes of kernel functions -------------------------------------------------------------------------------- */

/* The bit of an event's configuration that makes a probe one of a return. */
static int read_retprobe(const char *kind, uint64_t *ret)
{
	CLEANUP_BUF struct ecli_buf format = { 0 };
	struct ecli_err err;
	char bit[32], path[128];
	int shift;

	snprintf(path, sizeof(path), EVENTS "%s/format/retprobe", kind);
	int r = ecli_file_read(path, sizeof(bit) - 1, &format, &err);
	if (r)
		return r;
	snprintf(bit, sizeof(bit), "%.*s", (int)format.len, format.data);
	if (sscanf(bit, "config:%d", &shift) != 1 || shift < 0 || shift > 63)
		return -EINVAL;
	*ret = UINT64_C(1) << shift;
	return 0;
}

/* @name NULL: @offset is the address. */
static int attach_probe(const struct ecli_attach *job, const char *name, uint64_t offset)
{
	struct perf_event_attr attr = { 0 };
	uint64_t type;

	int r = read_number(KPROBE_TYPE, &type);
	if (!r && !strncmp(job->kind->prefix, "kret", 4)) {
		uint64_t retprobe;

		r = read_retprobe("kprobe", &retprobe);
		attr.config = r ? 0 : retprobe;
	}
	if (r)
		return r;
	attr.type = (uint32_t)type;
	attr.config1 = (uintptr_t)name;
	attr.config2 = offset;
	return attach_to_event(job, &attr);
}

/* Kernels before 4.17 have probes in tracefs only, where libbpf names and removes them. */
static bool has_probe_events(void)
{
	return !access(KPROBE_TYPE, R_OK);
}

/* "[module:]do_exit+0x10" */
static int attach_kprobe(const struct ecli_attach *job)
{
	size_t len = strcspn(job->target, "+");
	char name[2 * ECLI_KSYM_NAME];
	uint64_t offset = 0;

	snprintf(name, sizeof(name), "%.*s", (int)len, job->target);
	int r = !len || len >= sizeof(name) ? -EINVAL
		: job->target[len]          ? ecli_num_parse_u64(job->target + len + 1, &offset)
					    : 0;
	return r ? r : attach_probe(job, name, offset);
}

int ecli_attach_kprobe_at(const struct ecli_attach *job, const char *name, uint64_t offset)
{
	return has_probe_events() ? attach_probe(job, name, offset) : -ENOSYS;
}

/* ---- probes of files ------------------------------------------------------------------------------------------- */

int ecli_attach_uprobe_at(const struct ecli_attach *job, const char *path, uint64_t offset, int pid)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config1 = (uintptr_t)path, .config2 = offset };
	uint64_t type, retprobe = 0;

	/* Kernels before 4.17 have probes in tracefs only, where libbpf names and removes them. */
	if (access(UPROBE_TYPE, R_OK))
		return -ENOSYS;
	int r = read_number(UPROBE_TYPE, &type);
	if (!r && !strncmp(job->kind->prefix, "uret", 4))
		r = read_retprobe("uprobe", &retprobe);
	if (r)
		return r;
	attr.type = (uint32_t)type;
	attr.config = retprobe;
	CLEANUP_FD int event = open_event(&attr, pid);
	return event < 0 ? event : ecli_attach_event(job->fd, event);
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *prefix;
	int (*attach)(const struct ecli_attach *job); /* a descriptor or -errno; NULL: the kind's own file does it */
	bool (*is_possible)(void);                    /* NULL: always */
} ways[] = {
	{ "tp", attach_tracepoint, NULL },
	{ "tracepoint", attach_tracepoint, NULL },
	{ "raw_tp", attach_raw_tracepoint, NULL },
	{ "raw_tracepoint", attach_raw_tracepoint, NULL },
	{ "raw_tp.w", attach_raw_tracepoint, NULL },
	{ "raw_tracepoint.w", attach_raw_tracepoint, NULL },
	{ "tp_btf", attach_traced, NULL },
	{ "fentry", attach_traced, NULL },
	{ "fentry.s", attach_traced, NULL },
	{ "fexit", attach_traced, NULL },
	{ "fexit.s", attach_traced, NULL },
	{ "fmod_ret", attach_traced, NULL },
	{ "fmod_ret.s", attach_traced, NULL },
	{ "lsm", attach_traced, NULL },
	{ "lsm.s", attach_traced, NULL },
	{ "kprobe", attach_kprobe, has_probe_events },
	{ "kretprobe", attach_kprobe, has_probe_events },
	{ "iter", NULL, NULL },
	{ "iter.s", NULL, NULL },
	{ "perf_event", NULL, NULL },
	{ "socket", NULL, NULL },
	{ "tc", NULL, NULL },
	{ "tcx", NULL, NULL },
	{ "netkit", NULL, NULL },
	{ "netfilter", NULL, NULL },
	{ "cgroup", NULL, NULL },
	{ "cgroup_skb", NULL, NULL },
	{ "lsm_cgroup", NULL, NULL },
	{ "sockops", NULL, NULL },
	{ "sk_lookup", NULL, NULL },
	{ "flow_dissector", NULL, NULL },
	{ "syscall", NULL, NULL },
	{ "classifier", NULL, NULL },
	{ "xdp", NULL, NULL },
	{ "xdp.frags", NULL, NULL },
};

static size_t find(const struct ecli_attach_kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(ways[i].prefix, kind->prefix) && (!ways[i].is_possible || ways[i].is_possible()))
			return i;
	return ARRAY_SIZE(ways);
}

/* Another target than the section's is told to libbpf, where the kernel must know it at loading; and a pattern may need it. */
static bool is_told_to_libbpf(const struct ecli_attach_kind *kind)
{
	return kind->btf_prefix || kind->target == ECLI_TARGET_KPROBE;
}

bool ecli_attach_is_direct(const struct ecli_attach_kind *kind, const char *words,
			   const struct ecli_package_extras *extras)
{
	bool has_target = extras && ecli_package_extra(extras, "target");

	if (kind->target == ECLI_TARGET_KPROBE && strpbrk(words, "*?"))
		return false;
	return find(kind) < ARRAY_SIZE(ways) && !(has_target && is_told_to_libbpf(kind));
}

int ecli_attach_direct(const struct ecli_attach *job, int *ret_fd)
{
	size_t i = find(job->kind);

	if (i == ARRAY_SIZE(ways) || !ways[i].attach)
		return -ENOSYS;
	int fd = ways[i].attach(job);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}
