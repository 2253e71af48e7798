/* SPDX-License-Identifier: MIT */
/*
 * Calls of bpf(2) that libbpf 1.1 does not make, or makes only for the kinds of links it knows. Nothing is kept and nothing
 * is explained here: what an errno means depends on who asked.
 */
#include "load/attach/link.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

static_assert(sizeof(struct ecli_link_attr) == 16 + 64, "no gaps");
static_assert(offsetof(struct ecli_link_attr, netfilter) == offsetof(union bpf_attr, link_create.iter_info),
	      "the part that depends on the kind");

int ecli_link_create(const struct ecli_link_attr *attr)
{
	long fd = syscall(SYS_bpf, BPF_LINK_CREATE, attr, sizeof(*attr));

	return fd < 0 ? -errno : (int)fd;
}

int ecli_link_bind_map(int prog_fd, int map_fd)
{
	return bpf_prog_bind_map(prog_fd, map_fd, NULL) < 0 ? -errno : 0;
}

uint32_t ecli_link_prog_id(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &len) ? 0 : info.id;
}
