/* SPDX-License-Identifier: MIT */
/*
 * A process changes: it loads libraries and lets go of them, exec(2) replaces them all. What was mapped once stays known unless something else
 * lies there now: an address that is asked for may be older than the last look.
 *
 *     /proc/PID/maps ─> maps.c ─> each with its file (files.c: the same one for all processes) ─> merged with what was known
 *
 * A file is opened through /proc/PID/map_files, which is the very file, deleted or not; else by its path in the process's own root, and then only when
 * it is the same inode.
 */
#include "symbols/mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/foreign.h"

#define DELETED " (deleted)"

enum {
	MAX_MAPS_TEXT = 6 << 20,
	MAX_GAP = 4 << 20, /* bytes between code that was moved and the rest of its file: two huge pages */
};

/* A descriptor; -ENOTSUP: as of ecli_foreign_open(); -1: another reason. */
static int open_mapped(int folder, const struct ecli_map *map, struct stat *ret_stat)
{
	char name[64];
	int fd;

	if (folder < 0) {
		CLEANUP_FD int own = ecli_foreign_open(AT_FDCWD, map->path, ret_stat);

		return own >= 0 && ret_stat->st_ino == map->inode ? TAKE_FD(own) : own == -ENOTSUP ? own : -1;
	}
	/* The very file, deleted or not, whatever lies under its path now: for those who may. */
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, map->start, map->end);
	fd = ecli_foreign_open_proc(folder, name, ret_stat);
	if (fd >= 0 || fd == -ENOTSUP)
		return fd;

	CLEANUP_FD int root = ecli_foreign_root(folder);
	CLEANUP_FD int found = root < 0 ? -1 : ecli_foreign_open(root, map->path, ret_stat);
	if (found >= 0 && ret_stat->st_ino == map->inode)
		return TAKE_FD(found);

	CLEANUP_FD int program = ecli_foreign_open_proc(folder, "exe", ret_stat);
	if (program >= 0 && ret_stat->st_ino == map->inode)
		return TAKE_FD(program);
	return found == -ENOTSUP || program == -ENOTSUP ? -ENOTSUP : -1;
}

/* NULL: none; *@ret_why then: why, when there should be one. */
static struct ecli_symfile *file_of(const struct ecli_mappings_from *from, const struct ecli_map *map,
				    enum ecli_left_out *ret_why)
{
	struct ecli_file_key key = { map->device_major, map->device_minor, map->inode };
	struct ecli_symfile *file;
	struct stat st;

	if (!map->inode)
		return strcmp(map->path, "[vdso]") ? NULL : ecli_files_vdso(from->files, map->end - map->start);
	file = ecli_files_get(from->files, &key);
	if (file)
		return file;
	int fd = open_mapped(from->folder, map, &st);
	if (fd < 0)
		*ret_why = fd == -ENOTSUP ? ECLI_LEFT_SERVED : ECLI_LEFT_FILE;
	return fd < 0 ? NULL : ecli_files_add(from->files, &key, fd, &st, map->path, from->user);
}

/* The name under which this process maps the file: another may have given it any other. */
static const char *module_of(const struct ecli_mappings_from *from, const struct ecli_map *map)
{
	const char *slash = strrchr(map->path, '/'), *name = slash ? slash + 1 : map->path;
	bool is_kernels = !strcmp(map->path, "[vdso]") || !strcmp(map->path, "[vsyscall]");
	size_t len = strlen(name), ending = strlen(DELETED);

	if (!is_kernels && (!map->inode || !slash))
		return NULL;
	if (ecli_names_bytes(from->names) >= from->until)
		return "";
	CLEANUP_FREE char *copy =
		strndup(name, len > ending && !strcmp(name + len - ending, DELETED) ? len - ending : len);
	const char *module = copy ? ecli_names_add(from->names, copy) : NULL;
	return module ? module : "";
}

static struct ecli_mapping mapping_of(const struct ecli_mappings_from *from, const struct ecli_map *map)
{
	enum ecli_left_out why = ECLI_LEFT_NOTHING;
	struct ecli_symfile *file = file_of(from, map, &why);

	return (struct ecli_mapping){ .start = map->start,
				      .end = map->end,
				      .offset = map->offset,
				      .file = file,
				      .module = module_of(from, map),
				      .left_out = why };
}

/* What of a file lies before or behind code of none, beyond more of its kind; NULL: nothing near. */
static const struct ecli_map *beside(const struct ecli_map *maps, size_t count, size_t i)
{
	size_t before = i, behind = i;

	while (before && ecli_map_is_anonymous(&maps[before]) && maps[before].start - maps[before - 1].end <= MAX_GAP)
		before--;
	if (!ecli_map_is_anonymous(&maps[before]) && maps[before].inode)
		return &maps[before];
	while (behind + 1 < count && ecli_map_is_anonymous(&maps[behind]) &&
	       maps[behind + 1].start - maps[behind].end <= MAX_GAP)
		behind++;
	return !ecli_map_is_anonymous(&maps[behind]) && maps[behind].inode ? &maps[behind] : NULL;
}

/* All that is code into @items; how many. */
static size_t take(const struct ecli_mappings_from *from, const struct ecli_map *maps, size_t count,
		   struct ecli_mapping *items, bool *ret_has_other_code)
{
	enum ecli_left_out unused; /* of a file beside: the code may be of none */
	size_t taken = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_anonymous = ecli_map_is_anonymous(&maps[i]);
		const struct ecli_map *near = is_anonymous ? beside(maps, count, i) : NULL;

		if (!maps[i].is_code)
			continue;
		if (is_anonymous)
			items[taken] = (struct ecli_mapping){ .start = maps[i].start, .end = maps[i].end };
		else
			items[taken] = mapping_of(from, &maps[i]);
		if (near) {
			items[taken].is_moved = true;
			items[taken].beside = near->start;
			items[taken].offset = near->offset;
			items[taken].beside_is_code = near->is_code;
			items[taken].file = file_of(from, near, &unused);
			items[taken].module = module_of(from, near);
		}
		*ret_has_other_code |= is_anonymous || !items[taken].module;
		taken++;
	}
	return taken;
}

/* Adds to @items, which has room, those of @old that nothing new lies upon, and sorts them in. Takes the rest's files back. */
static size_t merge(struct ecli_mapping *items, size_t count, struct ecli_mapping *old, size_t n_old)
{
	size_t at = count + n_old, new_left = count, total = 0;

	/* From the end of both, backwards into the end of the room. */
	for (size_t i = n_old; i-- > 0;) {
		while (new_left && items[new_left - 1].start >= old[i].end) {
			items[--at] = items[--new_left];
			total++;
		}
		if (new_left && items[new_left - 1].end > old[i].start) {
			ecli_files_put(old[i].file);
			continue;
		}
		items[--at] = old[i];
		total++;
	}
	/* What is left of the new ones is in its place already, at the front. */
	memmove(items + new_left, items + at, total * sizeof(*items));
	return new_left + total;
}

void ecli_mappings_read(struct ecli_mappings *mappings, const struct ecli_mappings_from *from, bool *ret_has_other_code)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	CLEANUP_FREE struct ecli_map *maps = calloc(ECLI_MAPS_MAX, sizeof(*maps));

	if (!maps || !ecli_foreign_read_proc(from->folder, "maps", MAX_MAPS_TEXT, &text))
		return;
	size_t count = ecli_maps_parse(text.data, maps, ECLI_MAPS_MAX);
	bool has_other_code = false;
	size_t n_old = mappings->count + count <= ECLI_MAPS_MAX ? mappings->count : 0;
	struct ecli_mapping *items = calloc(count + n_old + 1, sizeof(*items));
	if (!items || !count) {
		free(items);
		return;
	}
	count = take(from, maps, count, items, &has_other_code);
	if (n_old) {
		count = merge(items, count, mappings->items, n_old);
		free(mappings->items);
	} else {
		ecli_mappings_done(mappings);
	}
	*mappings = (struct ecli_mappings){ items, count };
	*ret_has_other_code = has_other_code;
}

/* Room for @more beside what there is; false: there is none. */
static bool make_room(struct ecli_mappings *mappings, size_t more)
{
	if (mappings->count + more > ECLI_MAPS_MAX)
		return false;
	struct ecli_mapping *items = reallocarray(mappings->items, mappings->count + more + 1, sizeof(*items));
	if (items)
		mappings->items = items;
	return items;
}

static bool is_free(const struct ecli_mappings *mappings, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < mappings->count; i++)
		if (start < mappings->items[i].end && mappings->items[i].start < end)
			return false;
	return true;
}

/* In its place; there is room. */
static void insert(struct ecli_mappings *mappings, const struct ecli_mapping *mapping)
{
	size_t at = mappings->count++;

	for (; at && mappings->items[at - 1].start > mapping->start; at--)
		mappings->items[at] = mappings->items[at - 1];
	mappings->items[at] = *mapping;
}

void ecli_mappings_add(struct ecli_mappings *mappings, const struct ecli_mappings_from *from,
		       const struct ecli_map *maps, size_t count)
{
	if (!make_room(mappings, count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (maps[i].end <= maps[i].start || !is_free(mappings, maps[i].start, maps[i].end))
			continue;
		struct ecli_mapping mapping = mapping_of(from, &maps[i]);

		insert(mappings, &mapping);
	}
}

void ecli_mappings_copy(struct ecli_mappings *mappings, const struct ecli_mappings *other)
{
	if (!make_room(mappings, other->count))
		return;
	for (size_t i = 0; i < other->count; i++) {
		const struct ecli_mapping *its = &other->items[i];

		if (!is_free(mappings, its->start, its->end))
			continue;
		ecli_files_keep(its->file);
		insert(mappings, its);
	}
}

void ecli_mappings_done(struct ecli_mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++)
		ecli_files_put(mappings->items[i].file);
	free(mappings->items);
	*mappings = (struct ecli_mappings){ 0 };
}

const struct ecli_mapping *ecli_mappings_find(const struct ecli_mappings *mappings, uint64_t address)
{
	size_t low = 0;

	for (size_t high = mappings->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (mappings->items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < mappings->items[low - 1].end ? &mappings->items[low - 1] : NULL;
}
