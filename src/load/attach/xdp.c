/* SPDX-License-Identifier: MIT */
/*
 * SEC("xdp"): a program on the packets that arrive at one interface, through a link (5.9), which goes with this process.
 * The interface and the mode come from the package; index 1, lo, is the default of the public format.
 *
 * A program that was attached by other means is never replaced: the kernel says that the place is taken, and so do we.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/explain.h"
#include "load/kernel.h"

int ecli_attach_xdp(const struct ecli_attach *job, struct ecli_err *err)
{
	static const struct ecli_package_extras none;
	const char *prog = bpf_program__name(job->prog);
	struct ecli_package_xdp xdp;

	int r = ecli_package_xdp_read(job->extras ? job->extras : &none, err, &xdp);
	if (r)
		return ecli_err_wrap(err, r, "program %s", prog);
	r = ecli_attach_no_interface(job, xdp.ifindex, err);
	if (r)
		return r;
	if (xdp.old_prog_fd)
		ecli_log(ECLI_LOG_INFO, "%s: old_prog_fd %lld means nothing in this process and is not used", prog,
			 (long long)xdp.old_prog_fd);

	/* A link has modes, but never replaces and never updates only if nothing is there: it always does the latter. */
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = xdp.flags & XDP_FLAGS_MODES);
	int fd = bpf_link_create(job->fd, (int)xdp.ifindex, BPF_XDP, &opts);
	if (fd >= 0)
		return ecli_links_add_fd(job->links, fd, prog, err);
	if (fd == -EPERM || fd == -EACCES)
		return ecli_explain_refused(fd, err);
	if (fd == -EBUSY || fd == -EEXIST)
		return ecli_err_set(err, fd, "program %s: interface %u already has an XDP program", prog, xdp.ifindex);
	if (fd == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, fd,
					 "the driver of interface %u does not do XDP in the mode that program %s wants",
					 xdp.ifindex, prog);
	return ecli_err_set(err, fd, "cannot attach program %s to the packets of interface %u: %s", prog, xdp.ifindex,
			    ecli_kernel_errno_words(fd));
}
