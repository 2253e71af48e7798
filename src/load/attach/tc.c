/* SPDX-License-Identifier: MIT */
/*
 * SEC("tc"), SEC("tcx/ingress"), SEC("netkit/peer"): a program on the traffic of one interface. Two ways:
 *
 *     link     TCX (6.6), netkit (6.7): tied to our descriptor, so it goes when this process goes, however it ends
 *     filter   clsact and a filter in it: what older kernels have, and what a package asks for by a handle or priority
 *
 * Of a filter only what is ours goes again: the filter by its handle, priority and program, and the clsact qdisc only when
 * we made it and no filter of anybody else is left in it. A process that is killed leaves its filter behind, with a record
 * (hook.h) by which `ecli clean` finds it; until then a run with the same handle and priority says that the place is taken.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

#define INGRESS_PARENT TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define EGRESS_PARENT  TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

/* What may stand after the interface's name, or after the section's '/'. */
static const struct {
	const char *name;
	enum bpf_tc_attach_point point;
	int link_type;
	bool is_netkit;
} points[] = {
	{ "ingress", BPF_TC_INGRESS, ECLI_ATTACH_TCX_INGRESS, false },
	{ "egress", BPF_TC_EGRESS, ECLI_ATTACH_TCX_EGRESS, false },
	{ "primary", BPF_TC_EGRESS, ECLI_ATTACH_NETKIT_PRIMARY, true },
	{ "peer", BPF_TC_INGRESS, ECLI_ATTACH_NETKIT_PEER, true },
};

/* Whether anything is in clsact at @parent. libbpf can only ask for one handle, so this asks rtnetlink(7) for all. Any
 * doubt counts as yes: a clsact too many does no harm. */
static bool has_filters(int ifindex, uint32_t parent)
{
	struct {
		struct nlmsghdr head;
		struct tcmsg tc;
	} ask = {
		.head = { .nlmsg_len = sizeof(ask),
			  .nlmsg_type = RTM_GETTFILTER,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = ifindex, .tcm_parent = parent },
	};
	_Alignas(struct nlmsghdr) char answer[16384];
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, &ask, sizeof(ask), 0) != (ssize_t)sizeof(ask))
		return true;
	ssize_t n = recv(fd, answer, sizeof(answer), 0);
	const struct nlmsghdr *head = (const struct nlmsghdr *)answer;
	return n < (ssize_t)sizeof(*head) || head->nlmsg_type != NLMSG_DONE;
}

static struct bpf_tc_hook hook_of(const struct ecli_owner *owner)
{
	return (struct bpf_tc_hook){ .sz = sizeof(struct bpf_tc_hook),
				     .ifindex = (int)owner->ifindex,
				     .attach_point = owner->attach_point,
				     .parent = owner->parent };
}

static void remove_clsact(const struct ecli_owner *owner)
{
	struct bpf_tc_hook hook = hook_of(owner);

	if (!owner->made_clsact || has_filters(hook.ifindex, INGRESS_PARENT) ||
	    has_filters(hook.ifindex, EGRESS_PARENT))
		return;
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	bpf_tc_hook_destroy(&hook);
}

int ecli_tc_remove(const struct ecli_owner *owner, bool really)
{
	struct bpf_tc_hook hook = hook_of(owner);
	LIBBPF_OPTS(bpf_tc_opts, seen, .handle = owner->handle, .priority = owner->priority);
	LIBBPF_OPTS(bpf_tc_opts, gone, .handle = owner->handle, .priority = owner->priority);
	bool is_ours = !bpf_tc_query(&hook, &seen) && seen.prog_id == owner->prog_id;

	if (!really)
		return is_ours ? 0 : -ENOENT;
	int r = is_ours ? bpf_tc_detach(&hook, &gone) : -ENOENT;
	remove_clsact(owner);
	return r;
}

void ecli_tc_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	char name[IF_NAMESIZE] = "?";

	if_indextoname(owner->ifindex, name);
	ecli_buf_add_format(out, "tc filter with handle %u and priority %u at the %s of %s", owner->handle,
			    owner->priority,
			    owner->attach_point == BPF_TC_INGRESS  ? "ingress"
			    : owner->attach_point == BPF_TC_EGRESS ? "egress"
								   : "qdisc",
			    name);
}

static int explain_filter(const struct ecli_attach *job, const struct ecli_interface *interface,
			  const struct ecli_package_tc *tc, int code, struct ecli_err *err)
{
	if (code == -EPERM || code == -EACCES)
		return ecli_explain_refused(code, err);
	if (code == -EEXIST)
		return ecli_err_set(err, code,
				    "program %s: interface %s already has a filter with handle %u and priority %u; "
				    "give tcopts of its own, or see ecli clean -n",
				    job->name, interface->name, tc->handle, tc->priority);
	if (code == -ENOENT || code == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel has no tc filters of BPF (program %s: %s)", job->name,
					 ecli_kernel_errno_words(code));
	return ecli_err_set(err, code, "cannot attach program %s to the traffic of interface %s: %s", job->name,
			    interface->name, ecli_kernel_errno_words(code));
}

static int attach_filter(const struct ecli_attach *job, const struct ecli_interface *interface,
			 const struct ecli_package_tc *tc, struct ecli_err *err)
{
	struct ecli_owner owner = { .way = ECLI_WAY_TC,
				    .ifindex = interface->index,
				    .attach_point = tc->attach_point,
				    .parent = tc->parent,
				    .handle = tc->handle,
				    .priority = tc->priority };
	struct bpf_tc_hook hook = hook_of(&owner);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = job->fd, .handle = tc->handle, .priority = tc->priority);
	struct ecli_hook *kept;

	int r = ecli_hook_new(job, &owner, err, &kept);
	if (r)
		return r;
	int made = tc->attach_point == BPF_TC_CUSTOM ? -EEXIST : bpf_tc_hook_create(&hook);
	if (made && made != -EEXIST) {
		ecli_hook_drop(kept);
		return explain_filter(job, interface, tc, made, err);
	}
	owner.made_clsact = kept->owner.made_clsact = !made;
	ecli_hook_save(kept);
	r = bpf_tc_attach(&hook, &opts);
	if (r) {
		remove_clsact(&owner);
		ecli_hook_drop(kept);
		return explain_filter(job, interface, tc, r, err);
	}
	kept->owner.handle = opts.handle; /* the kernel chooses for 0 */
	kept->owner.priority = opts.priority;
	ecli_hook_save(kept);
	return ecli_links_add_hook(job->links, kept, job->name, err);
}

/* Where at the interface: what the person says, else what the section says, else what tchook says. */
static int find_point(const struct ecli_attach *job, const char *given, struct ecli_package_tc *tc, int *ret_link_type,
		      struct ecli_err *err)
{
	bool is_netkit = !strcmp(job->kind->prefix, "netkit");
	const char *name = *given ? given : job->words;

	if (!*name)
		name = is_netkit ? "primary" : tc->attach_point == BPF_TC_EGRESS ? "egress" : "ingress";
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].is_netkit != is_netkit || strcmp(points[i].name, name) != 0)
			continue;
		*ret_link_type = points[i].link_type;
		if (*given || *job->words)
			tc->attach_point = points[i].point;
		return 0;
	}
	return ecli_err_set_fail(err, *given ? ECLI_FAIL_USAGE : ECLI_FAIL_ERROR, -EINVAL,
				 "program %s: a %s program goes to %s, not to \"%.40s\"", job->name, job->kind->noun,
				 is_netkit ? "primary or peer" : "ingress or egress", name);
}

static int explain_link(const struct ecli_attach *job, const struct ecli_interface *interface,
			const struct ecli_package_tc *tc, bool is_netkit, int code, struct ecli_err *err)
{
	if (is_netkit && (code == -EINVAL || code == -EOPNOTSUPP || code == -ENXIO))
		return ecli_err_set_fail(err, code == -ENXIO ? ECLI_FAIL_ERROR : ECLI_FAIL_KERNEL, code,
					 code == -ENXIO ? "program %s: interface %s is no netkit interface"
							: "this kernel has no netkit (program %s, interface %s)",
					 job->name, interface->name);
	return explain_filter(job, interface, tc, code, err);
}

static int find_place(const struct ecli_attach *job, struct ecli_err *err, struct ecli_interface *interface,
		      struct ecli_package_tc *tc, int *ret_link_type)
{
	static const struct ecli_package_extras none;

	int r = ecli_package_tc_read(job->extras ? job->extras : &none, err, tc);
	if (r)
		return ecli_err_wrap(err, r, "program %s", job->name);
	r = ecli_target_interface(job, tc->ifindex, err, interface);
	r = r ? r : find_point(job, interface->point, tc, ret_link_type, err);
	if (!r && tc->attach_point == BPF_TC_CUSTOM && !tc->parent)
		return ecli_err_set(err, -EINVAL, "program %s: BPF_TC_CUSTOM needs a parent in tchook", job->name);
	return r;
}

int ecli_attach_tc_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_interface interface;
	struct ecli_package_tc tc;
	int type;

	return find_place(job, err, &interface, &tc, &type);
}

int ecli_attach_tc(const struct ecli_attach *job, struct ecli_err *err)
{
	bool is_netkit = !strcmp(job->kind->prefix, "netkit");
	struct ecli_interface interface;
	struct ecli_package_tc tc;
	int type = 0;

	int r = find_place(job, err, &interface, &tc, &type);
	if (r)
		return r;
	if (is_netkit || (tc.attach_point != BPF_TC_CUSTOM && !tc.has_opts && !job->no_links)) {
		const struct ecli_link_attr attr = { .fd = (uint32_t)job->fd,
						     .target = interface.index,
						     .attach_type = (uint32_t)type };
		r = ecli_link_create(&attr);
		if (r >= 0)
			return ecli_links_add_fd(job->links, r, job->name, err);
		if (r != -EINVAL || is_netkit)
			return explain_link(job, &interface, &tc, is_netkit, r, err);
		ecli_log(ECLI_LOG_INFO, "%s: this kernel has no links for tc; attaching a filter instead", job->name);
	}
	return attach_filter(job, &interface, &tc, err);
}
