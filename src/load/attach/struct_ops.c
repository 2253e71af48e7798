/* SPDX-License-Identifier: MIT */
/*
 * SEC("struct_ops/..."): functions of a table that the kernel takes for one of its own (a TCP congestion control, a scheduler). Not the
 * programs are attached but the table, a map. Through a link (6.4), for which the map must have been made; before that the table
 * stays registered until it is taken out again, so there is a record for `ecli clean` (hook.h).
 */
#include "load/attach/attach.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/attach/link.h"
#include "load/explain.h"
#include "load/kernel.h"

#define MAP_WITH_LINK (1u << 13) /* BPF_F_LINK */

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

int ecli_struct_ops_remove(const struct ecli_owner *owner, bool really)
{
	CLEANUP_FD int fd = bpf_map_get_fd_by_id(owner->map_id);
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), key = 0;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || info.type != BPF_MAP_TYPE_STRUCT_OPS)
		return -ENOENT;
	return really && bpf_map_delete_elem(fd, &key) ? -errno : 0;
}

void ecli_struct_ops_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	(void)owner;
	ecli_buf_add_text(out, "part of the kernel, replaced by the table");
}

void ecli_struct_ops_prepare(struct bpf_map *map, bool has_links)
{
	if (has_links)
		bpf_map__set_map_flags(map, bpf_map__map_flags(map) | MAP_WITH_LINK);
}

/* One of the map's own programs keeps the record: it lives as long as the map is registered. */
static int attach_map(const struct ecli_attach *job, struct bpf_map *map, struct ecli_err *err)
{
	const struct ecli_owner owner = { .way = ECLI_WAY_STRUCT_OPS, .map_id = map_id(bpf_map__fd(map)) };
	struct ecli_hook *hook = NULL;
	bool has_link = bpf_map__map_flags(map) & MAP_WITH_LINK;

	int r = has_link ? 0 : ecli_hook_new(job, &owner, err, &hook);
	if (r)
		return r;
	/* libbpf knows the bytes of the table. What it returns undoes nothing when the map was made for a link. */
	struct bpf_link *table = bpf_map__attach_struct_ops(map);
	if (!table) {
		r = -errno;
		ecli_hook_drop(hook);
		return r;
	}
	if (has_link && bpf_link__fd(table) != bpf_map__fd(map)) /* libbpf 1.2 makes the link itself */
		return ecli_links_add(job->links, table, job->name, err);
	if (!has_link) {
		bpf_link__disconnect(table);
		bpf_link__destroy(table);
		return ecli_links_add_hook(job->links, hook, job->name, err);
	}
	const struct ecli_link_attr attr = { .fd = (uint32_t)bpf_map__fd(map), .attach_type = ECLI_ATTACH_STRUCT_OPS };
	r = ecli_link_create(&attr);
	bpf_link__disconnect(table);
	bpf_link__destroy(table);
	return r < 0 ? r : ecli_links_add_fd(job->links, r, job->name, err);
}

/* The first program of the object that gets here attaches every table; the others find it done. */
int ecli_attach_struct_ops(const struct ecli_attach *job, struct ecli_err *err)
{
	struct bpf_map *map;

	if (*job->target)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "program %s is part of a table of the kernel: it takes no target", job->name);
	for (size_t i = 0; i < job->links->count; i++)
		if (job->links->items[i].is_table)
			return 0;
	bpf_object__for_each_map(map, job->object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		int r = attach_map(job, map, err);
		if (r == -EEXIST)
			return ecli_err_set(err, r, "table %s: the kernel has one of that name already",
					    bpf_map__name(map));
		if (r)
			return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel does not take the table %s: %s",
						 bpf_map__name(map), ecli_kernel_errno_words(r));
		job->links->items[job->links->count - 1].is_table = true;
	}
	return 0;
}
