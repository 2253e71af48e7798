/* SPDX-License-Identifier: MIT */
/*
 * SEC("netfilter"): a program at a hook of netfilter (6.4), through a link. The target is "FAMILY:HOOK", with ",priority=N" after it
 * where the order among others matters; lower is earlier, the default is 0, where the filter tables are. The default of the target
 * is ip:local_in.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/attach/link.h"
#include "load/attach/target.h"
#include "load/explain.h"
#include "load/kernel.h"

static const struct {
	const char *name;
	uint32_t number;
} families[] = {
	{ "ip", NFPROTO_IPV4 },
	{ "ip6", NFPROTO_IPV6 },
}, hooks[] = {
	{ "pre_routing", NF_INET_PRE_ROUTING },   { "local_in", NF_INET_LOCAL_IN },
	{ "forward", NF_INET_FORWARD },		  { "local_out", NF_INET_LOCAL_OUT },
	{ "post_routing", NF_INET_POST_ROUTING }, { "prerouting", NF_INET_PRE_ROUTING },
	{ "input", NF_INET_LOCAL_IN },		  { "output", NF_INET_LOCAL_OUT },
	{ "postrouting", NF_INET_POST_ROUTING },
};

#define PRIORITY ",priority="

static bool read_target(const char *target, struct ecli_link_attr *attr)
{
	const char *colon = strchr(target, ':'), *comma = strchr(target, ',');
	size_t hook_len = colon ? strcspn(colon + 1, ",") : 0;
	bool has_family = false, has_hook = false;
	int64_t priority = 0;

	for (size_t i = 0; colon && i < ARRAY_SIZE(families); i++)
		if (strlen(families[i].name) == (size_t)(colon - target) &&
		    !strncmp(families[i].name, target, (size_t)(colon - target))) {
			attr->netfilter.family = families[i].number;
			has_family = true;
		}
	for (size_t i = 0; colon && i < ARRAY_SIZE(hooks); i++)
		if (strlen(hooks[i].name) == hook_len && !strncmp(hooks[i].name, colon + 1, hook_len)) {
			attr->netfilter.hook = hooks[i].number;
			has_hook = true;
		}
	if (comma &&
	    (strncmp(comma, PRIORITY, strlen(PRIORITY)) != 0 ||
	     ecli_num_parse_s64(comma + strlen(PRIORITY), &priority) || priority < INT32_MIN || priority > INT32_MAX))
		return false;
	attr->netfilter.priority = (int32_t)priority;
	return has_family && has_hook;
}

static int find_place(const struct ecli_attach *job, struct ecli_err *err, const char **ret_target,
		      struct ecli_link_attr *attr)
{
	*ret_target = *job->target ? job->target : ECLI_TARGET_NETFILTER_DEFAULT;
	if (read_target(*ret_target, attr))
		return 0;
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "program %s: \"%.80s\" is no hook of netfilter; write ip or ip6, a colon, and "
				 "pre_routing, local_in, forward, local_out or post_routing",
				 job->name, *ret_target);
}

int ecli_attach_netfilter_look(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_link_attr attr = { 0 };
	const char *target;

	return find_place(job, err, &target, &attr);
}

int ecli_attach_netfilter(const struct ecli_attach *job, struct ecli_err *err)
{
	struct ecli_link_attr attr = { .fd = (uint32_t)job->fd, .attach_type = ECLI_ATTACH_NETFILTER };
	const char *target;

	int r = find_place(job, err, &target, &attr);
	if (r)
		return r;
	r = ecli_link_create(&attr);
	if (r >= 0)
		return ecli_links_add_fd(job->links, r, job->name, err);
	if ((r == -EPERM || r == -EACCES) && !(ecli_kernel_may_load() && ecli_kernel_may_network()))
		return ecli_explain_refused(r, err);
	if (r == -EAFNOSUPPORT || r == -EOPNOTSUPP || r == -EINVAL)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r,
					 "this kernel does not attach programs to netfilter's %s (program %s: %s)",
					 target, job->name, ecli_kernel_errno_words(r));
	if (r == -EBUSY)
		return ecli_err_set(err, r, "program %s: somebody has this priority at netfilter's %s; give another",
				    job->name, target);
	return ecli_err_set(err, r, "cannot attach program %s to netfilter's %s: %s", job->name, target,
			    ecli_kernel_errno_words(r));
}
