/* SPDX-License-Identifier: MIT */
/*
 * What dead processes left: all maps of the kernel are looked at for records (attach/hook.h). A record alone proves nothing, anybody
 * with the right to make maps can make one; it counts when its map is bound to the very program it names. And the program is
 * taken off only where it is found attached as the record says.
 *
 *     map "ecli_owner" ─ names program P ─> P is bound to the map? ─> its process is gone? ─> P is there? ─> off
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/hook.h"
#include "load/capture.h"
#include "load/explain.h"
#include "load/kernel.h"

#define MAX_MAPS 4096 /* of one program; the kernel's verifier stands 64, and bound ones come to that */

/* The record of a map, when it is one. */
static bool read_owner(uint32_t map_id, struct ecli_owner *ret)
{
	CLEANUP_FD int fd = bpf_map_get_fd_by_id(map_id);
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), key = 0;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.value_size != sizeof(*ret) || strcmp(info.name, ECLI_OWNER_MAP) != 0 ||
	    bpf_map_lookup_elem(fd, &key, ret))
		return false;
	ret->name[sizeof(ret->name) - 1] = '\0';
	ret->path[sizeof(ret->path) - 1] = '\0';
	return ret->version == ECLI_OWNER_VERSION && ret->way;
}

static bool is_bound(uint32_t prog_id, uint32_t map_id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(prog_id);
	CLEANUP_FREE uint32_t *ids = calloc(MAX_MAPS, sizeof(*ids));
	struct bpf_prog_info info = { .map_ids = (uint64_t)(uintptr_t)ids, .nr_map_ids = MAX_MAPS };
	uint32_t len = sizeof(info);

	if (fd < 0 || !ids || bpf_obj_get_info_by_fd(fd, &info, &len))
		return false;
	for (uint32_t i = 0; i < info.nr_map_ids && i < MAX_MAPS; i++)
		if (ids[i] == map_id)
			return true;
	return false;
}

static enum ecli_leftover_state judge(const struct ecli_owner *owner)
{
	enum ecli_owner_state state = ecli_owner_state(owner);
	struct stat st;

	if (state == ECLI_OWNER_ALIVE)
		return ECLI_LEFTOVER_ALIVE;
	/* Interfaces are numbered by each network namespace; cgroups and tables are the machine's. */
	bool is_network =
		owner->way == ECLI_WAY_TC || owner->way == ECLI_WAY_XDP || owner->way == ECLI_WAY_FLOW_DISSECTOR;
	if (state == ECLI_OWNER_ELSEWHERE ||
	    (is_network && (stat("/proc/self/ns/net", &st) || st.st_ino != owner->net_ns)))
		return ECLI_LEFTOVER_ELSEWHERE;
	return ECLI_LEFTOVER_DEAD;
}

static void tell(const struct ecli_owner *owner, bool remove, ecli_leftover_fn fn, void *ctx)
{
	CLEANUP_BUF struct ecli_buf what = { 0 };
	struct ecli_leftover leftover = { .program = owner->name, .pid = owner->pid, .state = judge(owner) };

	ecli_owner_describe(owner, &what);
	if (leftover.state == ECLI_LEFTOVER_DEAD)
		leftover.error = ecli_owner_remove(owner, remove);
	/* It is off already, and the program is only held by somebody who looks at it. */
	if (leftover.error == -ENOENT)
		return;
	leftover.what = ecli_buf_text(&what);
	fn(ctx, &leftover);
}

int ecli_load_clean(bool remove, ecli_leftover_fn fn, void *ctx, struct ecli_err *err)
{
	struct ecli_capture libbpf_says; /* goes to the log */
	struct ecli_owner owner;
	uint32_t id = 0;
	int r;

	ecli_capture_start(&libbpf_says);
	while (!(r = bpf_map_get_next_id(id, &id) ? -errno : 0))
		if (read_owner(id, &owner) && is_bound(owner.prog_id, id))
			tell(&owner, remove, fn, ctx);
	ecli_capture_stop();
	if (r == -ENOENT)
		return 0;
	if (r == -EPERM)
		return ecli_err_set(err, r, "listing what is attached takes CAP_SYS_ADMIN: try sudo");
	return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, r, "this kernel does not list BPF maps: %s",
				 ecli_kernel_errno_words(r));
}
