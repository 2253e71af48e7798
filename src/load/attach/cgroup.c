/* SPDX-License-Identifier: MIT */
/*
 * SEC("cgroup/..."), SEC("cgroup_skb/..."), SEC("sockops"), SEC("lsm_cgroup/HOOK"): a program for the processes of one cgroup and of
 * those below it. Without a cgroup it is the root: the whole machine. Through a link (5.7), else with BPF_PROG_ATTACH beside
 * whatever is there, and a record for `ecli clean` (hook.h).
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/foreign.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

#define MAX_PROGS 64 /* BPF_CGROUP_MAX_PROGS of include/linux/bpf-cgroup-defs.h */

/* ---- without a link -------------------------------------------------------------------------------------------- */

static bool is_attached(int cgroup_fd, const struct ecli_owner *owner)
{
	uint32_t ids[MAX_PROGS], count = MAX_PROGS;

	if (bpf_prog_query(cgroup_fd, (enum bpf_attach_type)owner->attach_type, 0, NULL, ids, &count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (ids[i] == owner->prog_id)
			return true;
	return false;
}

int ecli_cgroup_remove(const struct ecli_owner *owner, bool really)
{
	CLEANUP_FREE char *path = strndup(owner->path, sizeof(owner->path));
	CLEANUP_FD int cgroup_fd = path ? ecli_foreign_open_of(path, S_IFDIR, CGROUP2_SUPER_MAGIC) : -1;
	struct stat st;

	if (cgroup_fd < 0 || fstat(cgroup_fd, &st) || st.st_ino != owner->inode || !is_attached(cgroup_fd, owner))
		return -ENOENT;
	if (!really)
		return 0;
	CLEANUP_FD int prog_fd = bpf_prog_get_fd_by_id(owner->prog_id);
	if (prog_fd < 0)
		return prog_fd;
	return bpf_prog_detach2(prog_fd, cgroup_fd, (enum bpf_attach_type)owner->attach_type);
}

void ecli_cgroup_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "program of cgroup %.*s", (int)sizeof(owner->path), owner->path);
}

static int attach_program(const struct ecli_attach *job, int cgroup_fd, const char *path, struct ecli_err *err)
{
	struct ecli_owner owner = { .way = ECLI_WAY_CGROUP, .attach_type = (uint32_t)job->attach_type };
	struct ecli_hook *hook;
	struct stat st;

	if (!fstat(cgroup_fd, &st))
		owner.inode = st.st_ino;
	CLEANUP_FREE char *absolute = realpath(path, NULL);
	if (absolute && strlen(absolute) < sizeof(owner.path))
		snprintf(owner.path, sizeof(owner.path), "%s", absolute);
	int r = ecli_hook_new(job, &owner, err, &hook);
	if (r)
		return r;
	r = bpf_prog_attach(job->fd, cgroup_fd, (enum bpf_attach_type)job->attach_type, BPF_F_ALLOW_MULTI);
	if (!r)
		return ecli_links_add_hook(job->links, hook, job->name, err);
	ecli_hook_drop(hook);
	return r;
}

/* ---- both ------------------------------------------------------------------------------------------------------ */

static int explain(const struct ecli_attach *job, const char *path, int code, struct ecli_err *err)
{
	if ((code == -EPERM || code == -EACCES) && !(ecli_kernel_may_load() && ecli_kernel_may_network()))
		return ecli_explain_refused(code, err);
	if (code == -EPERM)
		return ecli_err_set(err, code,
				    "program %s: a program at cgroup %.300s, or above it, lets no other beside it",
				    job->name, path);
	if (code == -EBADF)
		return ecli_err_set(err, code, "program %s: %.300s is not a cgroup of version 2", job->name, path);
	if (code == -EINVAL || code == -EOPNOTSUPP || code == -524)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel does not attach SEC(\"%s\") programs to cgroups (program %s)",
					 job->section, job->name);
	return ecli_err_set(err, code, "cannot attach program %s to cgroup %.300s: %s", job->name, path,
			    ecli_kernel_errno_words(code));
}

int ecli_attach_cgroup(const struct ecli_attach *job, struct ecli_err *err)
{
	char path[PATH_MAX];
	CLEANUP_FD int cgroup_fd = ecli_target_cgroup(job, err, path);

	if (cgroup_fd < 0)
		return cgroup_fd;
	const struct ecli_link_attr attr = { .fd = (uint32_t)job->fd,
					     .target = (uint32_t)cgroup_fd,
					     .attach_type = (uint32_t)job->attach_type };
	int r = job->no_links ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0)
		return ecli_links_add_fd(job->links, r, job->name, err);
	if (r == -EINVAL) {
		ecli_log(ECLI_LOG_INFO, "%s: no link for cgroups; attaching the program itself", job->name);
		r = attach_program(job, cgroup_fd, path, err);
	}
	return r ? explain(job, path, r, err) : 0;
}
