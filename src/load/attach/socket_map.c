/* SPDX-License-Identifier: MIT */
/*
 * SEC("sk_msg") and SEC("sk_skb/..."): a program for the sockets that are in a map. The map is the target; an object with one such
 * map needs none. Who puts sockets into it is another program's business (SEC("sockops")).
 *
 * There are no links for maps of sockets before 6.10, and none is needed: the kernel lets the programs go when the last
 * descriptor of the map is closed, however its process ended.
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "load/explain.h"
#include "load/kernel.h"

static bool holds_sockets(const struct bpf_map *map)
{
	return bpf_map__type(map) == BPF_MAP_TYPE_SOCKMAP || bpf_map__type(map) == BPF_MAP_TYPE_SOCKHASH;
}

static int find_map(const struct ecli_attach *job, struct ecli_err *err, int *ret_fd)
{
	struct bpf_map *map, *found = NULL;
	size_t count = 0;

	bpf_object__for_each_map(map, job->object) {
		if (!holds_sockets(map) || (*job->target && strcmp(bpf_map__name(map), job->target) != 0))
			continue;
		found = map;
		count++;
	}
	if (count == 1) {
		*ret_fd = bpf_map__fd(found);
		return 0;
	}
	if (*job->target)
		return ecli_err_set(err, -ENOENT, "program %s: the tool has no map of sockets called \"%.60s\"",
				    job->name, job->target);
	return ecli_err_set(err, -EINVAL,
			    count ? "program %s: the tool has several maps of sockets: give --attach %s=MAP"
				  : "program %s: the tool has no map of sockets to attach %s to",
			    job->name, job->name);
}

static int explain(const struct ecli_attach *job, int code, struct ecli_err *err)
{
	if ((code == -EPERM || code == -EACCES) && !(ecli_kernel_may_load() && ecli_kernel_may_network()))
		return ecli_explain_refused(code, err);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, code,
					 "this kernel does not attach %s programs (program %s)", job->kind->noun,
					 job->name);
	return ecli_err_set(err, code, "cannot attach program %s to its map of sockets: %s", job->name,
			    ecli_kernel_errno_words(code));
}

int ecli_attach_socket_map_look(const struct ecli_attach *job, struct ecli_err *err)
{
	int map_fd;

	return find_map(job, err, &map_fd);
}

int ecli_attach_socket_map(const struct ecli_attach *job, struct ecli_err *err)
{
	int map_fd = -1;

	int r = find_map(job, err, &map_fd);
	if (r)
		return r;
	r = bpf_prog_attach(job->fd, map_fd, (enum bpf_attach_type)job->attach_type, 0);
	return r ? explain(job, r, err) : ecli_links_add_map(job->links, job, map_fd, err);
}
