/* SPDX-License-Identifier: MIT */
/*
 * Targets as people write them, turned into what the kernel takes: names of interfaces into indices, names of cgroups and
 * network namespaces into descriptors. A number is taken as a number only when nothing has it as its name. Whatever is not there
 * is the person's mistake (ECLI_FAIL_ERROR), said with the word that was given. A path may come from a package, so what lies there is looked at
 * before it is opened.
 */
#include "load/attach/target.h"

#include <errno.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cgroup.h"
#include "base/cleanup.h"
#include "base/foreign.h"
#include "base/num.h"
#include "load/explain.h"
#include "load/kernel.h"

static const char *const forms[ECLI_TARGETS] = {
	[ECLI_TARGET_FUNCTION] = "FUNCTION",
	[ECLI_TARGET_TRACEPOINT] = "CATEGORY/NAME",
	[ECLI_TARGET_TRACEPOINT_NAME] = "TRACEPOINT",
	[ECLI_TARGET_LSM] = "HOOK",
	[ECLI_TARGET_ITER] = "OBJECT",
	[ECLI_TARGET_KPROBE] = "FUNCTION[+OFFSET]|PATTERN",
	[ECLI_TARGET_SYSCALL] = "SYSCALL",
	[ECLI_TARGET_UPROBE] = "FILE:FUNCTION|PATTERN",
	[ECLI_TARGET_USDT] = "FILE:PROVIDER:NAME",
	[ECLI_TARGET_EVENT] = "EVENT[,freq=HZ|,period=N]",
	[ECLI_TARGET_INTERFACE] = "IFACE[:ingress|:egress]",
	[ECLI_TARGET_CGROUP] = "CGROUP",
	[ECLI_TARGET_NETNS] = "NETNS",
	[ECLI_TARGET_MAP] = "MAP",
	[ECLI_TARGET_NETFILTER] = "ip|ip6:HOOK[,priority=N]",
	[ECLI_TARGET_BPF] = "PROGRAM:FUNCTION",
};

const char *ecli_target_form(const struct ecli_attach_kind *kind)
{
	if (kind->prog_type == BPF_PROG_TYPE_XDP)
		return "IFACE[:native|:generic|:offload]";
	if (kind->prog_type == BPF_PROG_TYPE_SOCKET_FILTER)
		return "IFACE";
	if (!strcmp(kind->prefix, "netkit"))
		return "IFACE[:primary|:peer]";
	return forms[kind->target];
}

bool ecli_target_has(const struct ecli_attach *job, const char *key)
{
	const char *json = job->extras ? ecli_package_extra(job->extras, key) : NULL;

	return json && strcmp(json, "null") != 0;
}

/* The text under @key, malloc'ed; NULL with 0: absent. */
static int read_text(const struct ecli_attach *job, const char *key, struct ecli_err *err, char **ret)
{
	*ret = NULL;
	if (!ecli_target_has(job, key))
		return 0;
	*ret = ecli_package_extra_text(job->extras, key);
	return *ret ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

/* ---- interfaces ------------------------------------------------------------------------------------------------ */

static int find_interface(const char *prog, const char *name, struct ecli_interface *interface, struct ecli_err *err)
{
	uint64_t number;

	interface->index = strlen(name) < IF_NAMESIZE ? if_nametoindex(name) : 0;
	if (!interface->index && !ecli_num_parse_u64(name, &number) && number && number <= INT_MAX)
		interface->index = (uint32_t)number;
	if (interface->index && if_indextoname(interface->index, interface->name))
		return 0;
	return ecli_err_set(err, -ENODEV, "program %s: there is no network interface \"%.40s\"", prog, name);
}

int ecli_target_interface(const struct ecli_attach *job, uint32_t index, struct ecli_err *err,
			  struct ecli_interface *ret)
{
	struct ecli_interface interface = { .index = index };
	size_t len = strcspn(job->target, ":");
	CLEANUP_FREE char *name = NULL;
	int r = read_text(job, "ifname", err, &name);

	if (r)
		return r;
	if (job->target[len])
		snprintf(interface.point, sizeof(interface.point), "%s", job->target + len + 1);
	if (!name && len)
		name = strndup(job->target, len);
	if (!name && len)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (name)
		r = find_interface(job->name, name, &interface, err);
	else if (!if_indextoname(index, interface.name))
		r = ecli_err_set(err, -ENODEV, "program %s: there is no network interface with index %u", job->name,
				 index);
	if (!r)
		*ret = interface;
	return r;
}

/* ---- cgroups --------------------------------------------------------------------------------------------------- */

int ecli_target_cgroup(const struct ecli_attach *job, struct ecli_err *err, char ret_path[PATH_MAX])
{
	CLEANUP_FREE char *given = NULL;
	char root[PATH_MAX] = "";
	int r = read_text(job, "cgroup", err, &given);

	if (r)
		return r;
	const char *path = given ? given : job->target;
	if (*path != '/' && !ecli_cgroup_root(root))
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -ENOENT,
					 "no cgroup v2 hierarchy is mounted, which program %s needs: "
					 "mount -t cgroup2 none /sys/fs/cgroup",
					 job->name);
	if (snprintf(ret_path, PATH_MAX, "%s%s%s", root, *root && *path ? "/" : "", path) >= PATH_MAX)
		return ecli_err_set(err, -ENAMETOOLONG, "program %s: the name of the cgroup is too long", job->name);
	int fd = ecli_foreign_open_of(ret_path, S_IFDIR, CGROUP2_SUPER_MAGIC);
	if (fd >= 0)
		return fd;
	if (fd == -ENOENT || fd == -ENOTDIR)
		return ecli_err_set(err, fd, "program %s: there is no cgroup \"%.300s\"", job->name, ret_path);
	if (fd == -EMEDIUMTYPE)
		return ecli_err_set(err, -EBADF, "program %s: %.300s is not a cgroup of version 2", job->name,
				    ret_path);
	return ecli_err_set(err, fd, "program %s: cannot open cgroup \"%.300s\": %s", job->name, ret_path,
			    ecli_foreign_words(fd));
}

/* ---- network namespaces ---------------------------------------------------------------------------------------- */

int ecli_target_netns(const struct ecli_attach *job, struct ecli_err *err)
{
	const char *target = job->target;
	char path[PATH_MAX] = "/proc/self/ns/net";
	uint64_t pid;

	if (strchr(target, '/'))
		snprintf(path, sizeof(path), "%s", target);
	else if (*target)
		snprintf(path, sizeof(path), "/run/netns/%s", target);
	if (*target && access(path, F_OK) && !ecli_num_parse_u64(target, &pid))
		snprintf(path, sizeof(path), "/proc/%s/ns/net", target);
	CLEANUP_FD int fd = ecli_foreign_open_of(path, S_IFREG, NSFS_MAGIC);
	if (fd == -EMEDIUMTYPE || (fd >= 0 && ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET))
		return ecli_err_set(err, -EINVAL, "program %s: \"%.200s\" is no network namespace", job->name,
				    *target ? target : path);
	if (fd >= 0)
		return TAKE_FD(fd);
	return ecli_err_set(err, fd, "program %s: there is no network namespace \"%.200s\": %s", job->name,
			    *target ? target : path, ecli_foreign_words(fd));
}

/* ---- processes ------------------------------------------------------------------------------------------------- */

int ecli_target_pid(const struct ecli_attach *job, struct ecli_err *err, int *ret_pid)
{
	CLEANUP_FREE char *text = NULL;
	uint64_t pid = 0;
	int r = read_text(job, "pid", err, &text);

	*ret_pid = -1;
	if (r || !text)
		return r;
	if (ecli_num_parse_u64(text, &pid) || !pid || pid > INT_MAX)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s: --target-pid takes the number of one process, not \"%.40s\"",
					 job->name, text);
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (access(path, F_OK))
		return ecli_err_set(err, -ESRCH, "there is no process %d (program %s)", (int)pid, job->name);
	*ret_pid = (int)pid;
	return 0;
}

/* ---- other BPF programs ---------------------------------------------------------------------------------------- */

/* The descriptor of the loaded program of that id or name; of several with one name the one that was loaded last. */
static int open_program(const char *name)
{
	uint64_t number;
	uint32_t id = 0;
	int found = -1;

	if (!ecli_num_parse_u64(name, &number) && number <= UINT32_MAX)
		return bpf_prog_get_fd_by_id((uint32_t)number);
	while (!bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);

		if (fd < 0)
			continue;
		/* The kernel keeps 15 characters of a name. */
		if (bpf_obj_get_info_by_fd(fd, &info, &len) || strncmp(info.name, name, sizeof(info.name) - 1) != 0) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		found = fd;
	}
	return found;
}

int ecli_target_replace(struct bpf_program *prog, const char *target, struct ecli_links *held, struct ecli_err *err)
{
	const char *colon = strchr(target, ':'), *name = bpf_program__name(prog);

	if (!colon || colon == target || !colon[1])
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s replaces a function of another BPF program: give --attach "
					 "%s=PROGRAM:FUNCTION, PROGRAM an id or a name",
					 name, name);
	CLEANUP_FREE char *of = strndup(target, (size_t)(colon - target));
	if (!of)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int fd = open_program(of);
	if (fd < 0)
		return ecli_err_set(err, -ENOENT, "program %s: no BPF program \"%.60s\" is loaded", name, of);
	int r = ecli_links_add_fd(held, fd, name, err);
	if (!r && bpf_program__set_attach_target(prog, fd, colon + 1))
		r = ecli_err_set(err, -ENOENT,
				 "program %s: BPF program %.60s has no function %.60s that can be replaced", name, of,
				 colon + 1);
	return r;
}
