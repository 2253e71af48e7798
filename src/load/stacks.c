/* SPDX-License-Identifier: MIT */
/*
 * Maps of stacks are read entry by entry, by id: what is not asked for costs nothing. An entry is as many addresses as the map's
 * value has room for, zero where the stack ended before; with BPF_F_STACK_BUILD_ID it would be build ids and offsets, which is
 * refused. An ordinary hash by id does as well: it has room for as many stacks as it has entries.
 *
 * Keys alone are listed for those who want to know early what a map will have to say (processes that may soon be gone).
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include <ecli/load.h>

#include "base/cleanup.h"

int ecli_load_stack(int map_fd, uint32_t id, uint64_t *addresses, size_t room, size_t *ret_count)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);
	size_t count = 0;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) < 0)
		return -errno;
	if ((info.type != BPF_MAP_TYPE_STACK_TRACE && info.type != BPF_MAP_TYPE_HASH) ||
	    info.map_flags & BPF_F_STACK_BUILD_ID || info.key_size != sizeof(id))
		return -EINVAL;
	if (info.value_size > room * sizeof(*addresses))
		return -E2BIG;
	if (bpf_map_lookup_elem(map_fd, &id, addresses) < 0)
		return -errno;
	while (count < info.value_size / sizeof(*addresses) && addresses[count])
		count++;
	*ret_count = count;
	return 0;
}

int ecli_load_keys(int map_fd, uint32_t key_size, int (*fn)(void *ctx, const void *key), void *ctx)
{
	CLEANUP_FREE uint8_t *keys = calloc(3, key_size);
	uint8_t *key = keys, *next = keys + key_size, *first = keys + 2 * (size_t)key_size;
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);
	uint64_t left;
	int r = 0;

	if (!keys)
		return -ENOMEM;
	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) < 0)
		return -errno;
	/* A walk of a map that keeps changing may never come to its end, nor to its first key again. */
	left = 2 * (uint64_t)info.max_entries;
	if (bpf_map_get_next_key(map_fd, NULL, next) < 0)
		return errno == ENOENT ? 0 : -errno;
	memcpy(first, next, key_size);
	do {
		memcpy(key, next, key_size);
		r = fn(ctx, key);
		if (!r && bpf_map_get_next_key(map_fd, key, next) < 0)
			return errno == ENOENT ? 0 : -errno;
		/* Its successor was asked for when the key had vanished: the kernel began anew. */
	} while (!r && memcmp(next, first, key_size) != 0 && --left);
	return r;
}

int ecli_load_value(int map_fd, const void *key, void *value)
{
	return bpf_map_lookup_elem(map_fd, key, value) < 0 ? -errno : 0;
}
