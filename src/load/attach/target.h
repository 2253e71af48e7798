/* SPDX-License-Identifier: MIT */
/*
 * What the text of a target means, for the kinds that share a way of saying it: interfaces, cgroups, files of programs.
 */
#ifndef ECLI_LOAD_ATTACH_TARGET_H
#define ECLI_LOAD_ATTACH_TARGET_H

#include <limits.h>
#include <net/if.h>

#include "load/attach/attach.h"

/* Where a netfilter program goes without being told. */
#define ECLI_TARGET_NETFILTER_DEFAULT "ip:local_in"

/* "IFACE[:ingress|:egress]": how a target of that kind is written. */
const char *ecli_target_form(const struct ecli_attach_kind *kind);

/* Whether the job's extras say something under @key. */
bool ecli_target_has(const struct ecli_attach *job, const char *key);

/* An interface and what stands after its name. */
struct ecli_interface {
	uint32_t index;
	char name[IF_NAMESIZE];
	char point[16]; /* after ':', "" without */
};
/* The interface of a job: `ifname` of its extras, else its target's, else the one with @index. -ENODEV, -EINVAL. */
int ecli_target_interface(const struct ecli_attach *job, uint32_t index, struct ecli_err *err,
			  struct ecli_interface *ret);

/* Opens the cgroup of a job: `cgroup` of its extras, else its target, else the root. Relative: below the place where cgroup v2 is
 * mounted. @ret_path: as it was opened. A descriptor, or a negative errno. */
int ecli_target_cgroup(const struct ecli_attach *job, struct ecli_err *err, char ret_path[PATH_MAX]);

/* A network namespace: a file, a name of /run/netns, a process id, "": our own. A descriptor, or a negative errno. */
int ecli_target_netns(const struct ecli_attach *job, struct ecli_err *err);

/* The process a job is limited to (`pid` of its extras), -1: none. */
int ecli_target_pid(const struct ecli_attach *job, struct ecli_err *err, int *ret_pid);

/* freplace: the program whose function is replaced, before @prog is loaded. "PROGRAM:FUNCTION", PROGRAM an id or a name. Its
 * descriptor goes into @held. */
int ecli_target_replace(struct bpf_program *prog, const char *target, struct ecli_links *held, struct ecli_err *err);

#endif
