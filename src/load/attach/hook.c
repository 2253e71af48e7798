/* SPDX-License-Identifier: MIT */
/*
 * The record of an attachment without a link, and the table of ways to take one off. Whether a process still lives is asked by
 * its id and the moment it started, within its own process namespace: ids are used again, moments are not. A process of another
 * namespace cannot be looked for, so what it attached is never taken for abandoned.
 */
#include "load/attach/hook.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "load/attach/attach.h"
#include "load/attach/link.h"

static_assert(sizeof(struct ecli_owner) == 616, "the same in every build");

static const struct {
	int (*remove)(const struct ecli_owner *owner, bool really);
	void (*describe)(const struct ecli_owner *owner, struct ecli_buf *out);
} ways[] = {
	[ECLI_WAY_TC] = { ecli_tc_remove, ecli_tc_describe },
	[ECLI_WAY_XDP] = { ecli_xdp_remove, ecli_xdp_describe },
	[ECLI_WAY_CGROUP] = { ecli_cgroup_remove, ecli_cgroup_describe },
	[ECLI_WAY_FLOW_DISSECTOR] = { ecli_flow_dissector_remove, ecli_flow_dissector_describe },
	[ECLI_WAY_STRUCT_OPS] = { ecli_struct_ops_remove, ecli_struct_ops_describe },
};

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

/* The moment at which a process started; 0: there is no such process, or only what its parent has not collected. */
static uint64_t start_of(uint32_t pid)
{
	char path[32], text[1024];

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	CLEANUP_FILE FILE *file = fopen(path, "re");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	/* The second field, a name in parentheses, may hold anything. */
	const char *p = strrchr(text, ')');
	if (!p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X')
		return 0;
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}

enum ecli_owner_state ecli_owner_state(const struct ecli_owner *owner)
{
	if (owner->pid_ns != inode_of("/proc/self/ns/pid"))
		return ECLI_OWNER_ELSEWHERE;
	return start_of(owner->pid) == owner->start ? ECLI_OWNER_ALIVE : ECLI_OWNER_GONE;
}

int ecli_owner_remove(const struct ecli_owner *owner, bool really)
{
	if (owner->way >= ARRAY_SIZE(ways) || !ways[owner->way].remove)
		return -EOPNOTSUPP;
	return ways[owner->way].remove(owner, really);
}

void ecli_owner_describe(const struct ecli_owner *owner, struct ecli_buf *out)
{
	if (owner->way < ARRAY_SIZE(ways) && ways[owner->way].describe)
		ways[owner->way].describe(owner, out);
	else
		ecli_buf_add_text(out, "something that a newer version attached");
}

/* ---- the record ------------------------------------------------------------------------------------------------ */

void ecli_hook_save(struct ecli_hook *hook)
{
	uint32_t key = 0;

	if (hook->map_fd >= 0)
		bpf_map_update_elem(hook->map_fd, &key, &hook->owner, BPF_ANY);
}

int ecli_hook_new(const struct ecli_attach *job, const struct ecli_owner *what, struct ecli_err *err,
		  struct ecli_hook **ret_hook)
{
	struct ecli_hook *hook = calloc(1, sizeof(*hook));

	if (!hook)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	hook->owner = *what;
	hook->owner.version = ECLI_OWNER_VERSION;
	hook->owner.pid = (uint32_t)getpid();
	hook->owner.start = start_of(hook->owner.pid);
	hook->owner.pid_ns = inode_of("/proc/self/ns/pid");
	hook->owner.net_ns = inode_of("/proc/self/ns/net");
	hook->owner.prog_id = ecli_link_prog_id(job->fd);
	snprintf(hook->owner.name, sizeof(hook->owner.name), "%s", job->name);

	hook->map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, ECLI_OWNER_MAP, sizeof(uint32_t), sizeof(struct ecli_owner),
				      1, NULL);
	if (hook->map_fd >= 0 && ecli_link_bind_map(job->fd, hook->map_fd)) {
		close(hook->map_fd);
		hook->map_fd = -1;
	}
	ecli_hook_save(hook);
	hook->on_keep = job->opts->on_keep;
	hook->ctx = job->opts->ctx;
	if (hook->on_keep)
		hook->on_keep(hook->ctx, true);
	*ret_hook = hook;
	return 0;
}

void ecli_hook_drop(struct ecli_hook *hook)
{
	if (!hook)
		return;
	/* Bound to the program it stays as long as that: it must not speak of something that is not there. */
	hook->owner.way = 0;
	ecli_hook_save(hook);
	if (hook->map_fd >= 0)
		close(hook->map_fd);
	if (hook->on_keep)
		hook->on_keep(hook->ctx, false);
	free(hook);
}

void ecli_hook_free(struct ecli_hook *hook)
{
	if (hook)
		ecli_owner_remove(&hook->owner, true);
	ecli_hook_drop(hook);
}
