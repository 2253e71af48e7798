/* SPDX-License-Identifier: MIT */
/*
 * SEC("tc"): a program on the traffic of one interface. Two ways:
 *
 *     link     TCX (6.6): tied to our descriptor, so it goes when this process goes, however it ends
 *     filter   clsact and a filter in it: what older kernels have, and what a package asks for by a handle or priority
 *
 * Of a filter only what is ours goes again: the filter by its handle, priority and program, and the clsact qdisc only when
 * we made it and no filter of anybody else is left in it. A process that is killed leaves its filter behind; the next
 * run with the same handle and priority then says so instead of taking somebody's place.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/explain.h"
#include "load/kernel.h"

/* enum bpf_attach_type of Linux 6.6; older headers lack the names. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS  47

#define INGRESS_PARENT TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define EGRESS_PARENT  TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

struct ecli_hook {
	struct bpf_tc_hook hook;
	struct bpf_tc_opts opts;
	bool made_clsact;
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

void ecli_hook_free(struct ecli_hook *hook)
{
	if (!hook)
		return;

	LIBBPF_OPTS(bpf_tc_opts, seen, .handle = hook->opts.handle, .priority = hook->opts.priority);
	bool is_ours = !bpf_tc_query(&hook->hook, &seen) && seen.prog_id == hook->opts.prog_id;
	if (is_ours) {
		LIBBPF_OPTS(bpf_tc_opts, gone, .handle = hook->opts.handle, .priority = hook->opts.priority);
		bpf_tc_detach(&hook->hook, &gone);
	}
	if (hook->made_clsact && !has_filters(hook->hook.ifindex, INGRESS_PARENT) &&
	    !has_filters(hook->hook.ifindex, EGRESS_PARENT)) {
		hook->hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		bpf_tc_hook_destroy(&hook->hook);
	}
	free(hook);
}

int ecli_attach_no_interface(const struct ecli_attach *job, uint32_t ifindex, struct ecli_err *err)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(ifindex, name))
		return 0;
	return ecli_err_set(err, -ENODEV, "program %s: there is no network interface with index %u",
			    bpf_program__name(job->prog), ifindex);
}

static int attach_link(const struct ecli_attach *job, const struct ecli_package_tc *tc, struct ecli_err *err)
{
	int type = tc->attach_point == BPF_TC_EGRESS ? ATTACH_TCX_EGRESS : ATTACH_TCX_INGRESS;
	int fd = bpf_link_create(job->fd, (int)tc->ifindex, (enum bpf_attach_type)type, NULL);

	if (fd < 0)
		return fd;
	return ecli_links_add_fd(job->links, fd, bpf_program__name(job->prog), err);
}

static int explain_filter(const struct ecli_attach *job, const struct ecli_package_tc *tc, int code,
			  struct ecli_err *err)
{
	const char *prog = bpf_program__name(job->prog);

	if (code == -EPERM || code == -EACCES)
		return ecli_explain_refused(code, err);
	if (code == -EEXIST)
		return ecli_err_set(
			err, code,
			"program %s: interface %u already has a filter with handle %u and priority %u; give "
			"tcopts of its own",
			prog, tc->ifindex, tc->handle, tc->priority);
	if (code == -ENOENT || code == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel has no tc filters of BPF (program %s: %s)", prog,
					 ecli_kernel_errno_words(code));
	return ecli_err_set(err, code, "cannot attach program %s to the traffic of interface %u: %s", prog, tc->ifindex,
			    ecli_kernel_errno_words(code));
}

static int attach_filter(const struct ecli_attach *job, const struct ecli_package_tc *tc, struct ecli_err *err)
{
	struct ecli_hook *hook = calloc(1, sizeof(*hook));

	if (!hook)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	hook->hook = (struct bpf_tc_hook){ .sz = sizeof(hook->hook),
					   .ifindex = (int)tc->ifindex,
					   .attach_point = tc->attach_point,
					   .parent = tc->parent };
	hook->opts = (struct bpf_tc_opts){
		.sz = sizeof(hook->opts), .prog_fd = job->fd, .handle = tc->handle, .priority = tc->priority
	};

	int r = tc->attach_point == BPF_TC_CUSTOM ? -EEXIST : bpf_tc_hook_create(&hook->hook);
	hook->made_clsact = !r;
	if (!r || r == -EEXIST)
		r = bpf_tc_attach(&hook->hook, &hook->opts);
	if (!r)
		return ecli_links_add_hook(job->links, hook, bpf_program__name(job->prog), err);

	if (hook->made_clsact) {
		hook->hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		bpf_tc_hook_destroy(&hook->hook);
	}
	free(hook);
	return explain_filter(job, tc, r, err);
}

int ecli_attach_tc(const struct ecli_attach *job, struct ecli_err *err)
{
	static const struct ecli_package_extras none;
	const char *prog = bpf_program__name(job->prog);
	struct ecli_package_tc tc;

	int r = ecli_package_tc_read(job->extras ? job->extras : &none, err, &tc);
	if (r)
		return ecli_err_wrap(err, r, "program %s", prog);
	r = ecli_attach_no_interface(job, tc.ifindex, err);
	if (r)
		return r;
	/* SEC("tc/egress") says it without an object. */
	if (!strcmp(job->target, "egress"))
		tc.attach_point = BPF_TC_EGRESS;
	if (tc.attach_point == BPF_TC_CUSTOM && !tc.parent)
		return ecli_err_set(err, -EINVAL, "program %s: BPF_TC_CUSTOM needs a parent in tchook", prog);
	if (tc.attach_point != BPF_TC_CUSTOM && !tc.has_opts) {
		r = attach_link(job, &tc, err);
		if (r != -EINVAL)
			return r < 0 && r != -ENOMEM ? explain_filter(job, &tc, r, err) : r;
		ecli_log(ECLI_LOG_INFO, "%s: this kernel has no links for tc; attaching a filter instead", prog);
	}
	return attach_filter(job, &tc, err);
}
