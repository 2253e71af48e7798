/* SPDX-License-Identifier: MIT */
/*
 * Small caches in front of the kernel: one slot for each key modulo 64, a later key takes the slot over. Not finding is
 * remembered as well, or each row about something that is gone would ask again.
 *
 * A control group's id is its file handle (kernfs, Linux 5.5 and later), so the kernel opens it by that; the path is then
 * the descriptor's.
 */
#include "render/lookup.h"

#include <assert.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "render/clock.h"

#define KEEP_NS            5000000000u
#define CGROUP_ROOT        "/sys/fs/cgroup"
#define KERNFS_HANDLE_TYPE 0xfe /* FILEID_KERNFS, include/linux/exportfs.h */

static_assert(ECLI_LOOKUP_NAME_MAX >= IF_NAMESIZE, "an interface's name fits");

bool ecli_lookup_interface(uint64_t index, char *ret_name)
{
	return index && index <= UINT32_MAX && if_indextoname((unsigned int)index, ret_name);
}

bool ecli_lookup_cgroup(uint64_t id, char *ret_name)
{
	struct {
		struct file_handle head;
		uint64_t id;
	} handle = { .head = { .handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE_TYPE } };
	CLEANUP_FD int root = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char link[64], path[ECLI_LOOKUP_NAME_MAX];

	memcpy(handle.head.f_handle, &id, sizeof(id));
	CLEANUP_FD int group = root < 0 ? -1 : open_by_handle_at(root, &handle.head, O_PATH | O_CLOEXEC);
	if (group < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", group);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	size_t skip = sizeof(CGROUP_ROOT) - 1;
	if (len < (ssize_t)skip || (size_t)len == sizeof(path) - 1 || memcmp(path, CGROUP_ROOT, skip) != 0)
		return false;
	path[len] = '\0';
	snprintf(ret_name, ECLI_LOOKUP_NAME_MAX, "%s", path[skip] ? path + skip : "/");
	return true;
}

void ecli_lookup_init(struct ecli_lookup *lookup, ecli_lookup_fn ask)
{
	*lookup = (struct ecli_lookup){ .ask = ask };
}

void ecli_lookup_done(struct ecli_lookup *lookup)
{
	for (size_t i = 0; i < ECLI_LOOKUP_SLOTS; i++)
		free(lookup->slots[i].name);
}

const char *ecli_lookup_name(struct ecli_lookup *lookup, uint64_t key, uint64_t now_ns)
{
	typeof(lookup->slots[0]) *slot = &lookup->slots[key % ECLI_LOOKUP_SLOTS];
	char name[ECLI_LOOKUP_NAME_MAX];

	if (slot->is_used && slot->key == key && ecli_clock_is_near(now_ns, slot->asked_ns, KEEP_NS))
		return slot->name;
	free(slot->name);
	slot->name = lookup->ask(key, name) ? strdup(name) : NULL;
	slot->key = key;
	slot->asked_ns = now_ns;
	slot->is_used = true;
	return slot->name;
}
