/* SPDX-License-Identifier: MIT */
/*
 * SEC("sk_lookup") and SEC("flow_dissector"): a program of one network namespace, by default that of this process. Through a link
 * (5.8, 5.9). A flow dissector is older than links: then it is attached to our own namespace with BPF_PROG_ATTACH and a record for
 * `ecli clean` (hook.h).
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

int ecli_flow_dissector_remove(const struct ecli_owner *owner, bool really)
{
	CLEANUP_FD int netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	uint32_t id = 0, count = 1;

	if (netns_fd < 0 || bpf_prog_query(netns_fd, BPF_FLOW_DISSECTOR, 0, NULL, &id, &count) || !count ||
	    id != owner->prog_id)
		return -ENOENT;
	if (!really)
		return 0;
	CLEANUP_FD int prog_fd = bpf_prog_get_fd_by_id(id);
	return prog_fd < 0 ? prog_fd : bpf_prog_detach2(prog_fd, 0, BPF_FLOW_DISSECTOR);
}

void ecli_flow_dissector_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	(void)owner;
	ecli_buf_add_text(out, "flow dissector of the network namespace");
}

static int explain(const struct ecli_attach *job, int code, struct ecli_err *err)
{
	if ((code == -EPERM || code == -EACCES) && !(ecli_kernel_may_load() && ecli_kernel_may_network()))
		return ecli_explain_refused(code, err);
	if (code == -EEXIST || code == -EBUSY || code == -E2BIG)
		return ecli_err_set(err, code, "program %s: the network namespace has a %s program already", job->name,
				    job->kind->noun);
	if (code == -EINVAL && *job->target)
		return ecli_err_set(err, code, "program %s: \"%.200s\" is no network namespace", job->name,
				    job->target);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel does not attach %s programs (program %s)", job->kind->noun,
					 job->name);
	return ecli_err_set(err, code, "cannot attach program %s to the network namespace: %s", job->name,
			    ecli_kernel_errno_words(code));
}

static int attach_program(const struct ecli_attach *job, struct ecli_err *err)
{
	const struct ecli_owner owner = { .way = ECLI_WAY_FLOW_DISSECTOR };
	struct ecli_hook *hook;

	int r = ecli_hook_new(job, &owner, err, &hook);
	if (r)
		return r;
	r = bpf_prog_attach(job->fd, 0, BPF_FLOW_DISSECTOR, 0);
	if (!r)
		return ecli_links_add_hook(job->links, hook, job->name, err);
	ecli_hook_drop(hook);
	return explain(job, r, err);
}

static bool is_own(int netns_fd)
{
	struct stat own, other;

	return !stat("/proc/self/ns/net", &own) && !fstat(netns_fd, &other) && own.st_ino == other.st_ino;
}

int ecli_attach_netns(const struct ecli_attach *job, struct ecli_err *err)
{
	bool is_dissector = job->attach_type == BPF_FLOW_DISSECTOR;
	CLEANUP_FD int netns_fd = ecli_target_netns(job, err);

	if (netns_fd < 0)
		return netns_fd;
	const struct ecli_link_attr attr = { .fd = (uint32_t)job->fd,
					     .target = (uint32_t)netns_fd,
					     .attach_type = (uint32_t)job->attach_type };
	int r = job->no_links && is_dissector ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0)
		return ecli_links_add_fd(job->links, r, job->name, err);
	if (r != -EINVAL || !is_dissector || !is_own(netns_fd))
		return explain(job, r, err);
	ecli_log(ECLI_LOG_INFO, "%s: no link for flow dissectors; attaching the program itself", job->name);
	return attach_program(job, err);
}
