/* SPDX-License-Identifier: MIT */
/*
 * SEC("xdp"): a program on the packets that arrive at one interface, through a link (5.9), which goes with this process; on
 * older kernels through netlink, with a record for `ecli clean` (hook.h). The interface and the mode come from the person or
 * the package; index 1, lo, is the default of the public format.
 *
 * A program that was attached by other means is never replaced: the kernel says that the place is taken, and so do we.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

static const struct {
	const char *name;
	uint32_t flag;
} modes[] = {
	{ "native", XDP_FLAGS_DRV_MODE },
	{ "generic", XDP_FLAGS_SKB_MODE },
	{ "offload", XDP_FLAGS_HW_MODE },
};

static int find_mode(const struct ecli_attach *job, const char *name, uint32_t *flags, struct ecli_err *err)
{
	if (!*name)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(modes[i].name, name)) {
			*flags = (*flags & ~XDP_FLAGS_MODES) | modes[i].flag;
			return 0;
		}
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "program %s: XDP has the modes native, generic and offload, not \"%.20s\"", job->name,
				 name);
}

int ecli_xdp_remove(const struct ecli_owner *owner, bool really)
{
	uint32_t id = 0;

	int r = bpf_xdp_query_id((int)owner->ifindex, (int)owner->flags, &id);
	if (r || id != owner->prog_id)
		return r ? r : -ENOENT;
	if (!really)
		return 0;
	int fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return fd;
	/* Between the question and this somebody else may have come: only the program that was asked about goes (5.7). */
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = fd);
	r = bpf_xdp_detach((int)owner->ifindex, owner->flags | XDP_FLAGS_REPLACE, &opts);
	if (r == -EINVAL)
		r = bpf_xdp_detach((int)owner->ifindex, owner->flags, NULL);
	close(fd);
	return r;
}

void ecli_xdp_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	char name[IF_NAMESIZE] = "?";

	if_indextoname(owner->ifindex, name);
	ecli_buf_add_format(out, "XDP program of %s", name);
}

static int explain(const struct ecli_attach *job, const struct ecli_interface *interface, int code,
		   struct ecli_err *err)
{
	if (code == -EPERM || code == -EACCES)
		return ecli_explain_refused(code, err);
	if (code == -EBUSY || code == -EEXIST)
		return ecli_err_set(err, code, "program %s: interface %s already has an XDP program", job->name,
				    interface->name);
	if (code == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "the driver of interface %s does not do XDP in the mode that program %s wants",
					 interface->name, job->name);
	return ecli_err_set(err, code, "cannot attach program %s to the packets of interface %s: %s", job->name,
			    interface->name, ecli_kernel_errno_words(code));
}

static int attach_netlink(const struct ecli_attach *job, const struct ecli_interface *interface, uint32_t flags,
			  struct ecli_err *err)
{
	const struct ecli_owner owner = { .way = ECLI_WAY_XDP, .ifindex = interface->index, .flags = flags };
	struct ecli_hook *hook;

	int r = ecli_hook_new(job, &owner, err, &hook);
	if (r)
		return r;
	r = bpf_xdp_attach((int)interface->index, job->fd, flags | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	if (!r)
		return ecli_links_add_hook(job->links, hook, job->name, err);
	ecli_hook_drop(hook);
	return explain(job, interface, r, err);
}

static int find_place(const struct ecli_attach *job, struct ecli_err *err, struct ecli_interface *interface,
		      struct ecli_package_xdp *xdp)
{
	static const struct ecli_package_extras none;

	int r = ecli_package_xdp_read(job->extras ? job->extras : &none, err, xdp);
	if (r)
		return ecli_err_wrap(err, r, "program %s", job->name);
	r = ecli_target_interface(job, xdp->ifindex, err, interface);
	return r ? r : find_mode(job, interface->point, &xdp->flags, err);
}

int ecli_attach_xdp_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_interface interface;
	struct ecli_package_xdp xdp;

	return find_place(job, err, &interface, &xdp);
}

int ecli_attach_xdp(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_interface interface;
	struct ecli_package_xdp xdp;

	int r = find_place(job, err, &interface, &xdp);
	if (r)
		return r;
	if (xdp.old_prog_fd)
		ecli_log(ECLI_LOG_INFO, "%s: old_prog_fd %lld means nothing in this process and is not used", job->name,
			 (long long)xdp.old_prog_fd);

	/* A link has modes, but never replaces and never updates only if nothing is there: it always does the latter. */
	const struct ecli_link_attr attr = { .fd = (uint32_t)job->fd,
					     .target = interface.index,
					     .attach_type = BPF_XDP,
					     .flags = xdp.flags & XDP_FLAGS_MODES };
	r = job->no_links ? -EINVAL : ecli_link_create(&attr);
	if (r >= 0)
		return ecli_links_add_fd(job->links, r, job->name, err);
	if (r != -EINVAL)
		return explain(job, &interface, r, err);
	ecli_log(ECLI_LOG_INFO, "%s: no link for XDP; attaching through netlink instead", job->name);
	return attach_netlink(job, &interface, xdp.flags & XDP_FLAGS_MODES, err);
}
