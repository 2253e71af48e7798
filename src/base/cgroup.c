/* SPDX-License-Identifier: MIT */
/*
 * Control groups of version 2: the place where they are mounted, and from their ids to their paths and back, for those that show ids and
 * for those that read paths.
 *
 *     35 25 0:30 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw        a line of mountinfo (proc(5))
 *                ^ the group that is the root there        ^ type
 *
 * The id of a group is the number of its folder's inode, and its file handle (kernfs, Linux 5.5 and later), so the kernel opens it by that; the path
 * is then the descriptor's. A mount of everything comes before one of a part; of two the first. What another mount lies upon is not there.
 *
 * In a cgroup namespace the root is the one of the namespace when the file system was mounted there, and groups outside of it have no path.
 */
#include "base/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KERNFS_HANDLE_TYPE 0xfe /* FILEID_KERNFS, include/linux/exportfs.h */

/* "\040" is a space, "\134" a backslash. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		unsigned int c;

		if (*from == '\\' && sscanf(from + 1, "%3o", &c) == 1) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The fourth and fifth word of a line; both are changed in place. */
static bool read_line(char *line, char **ret_root, char **ret_path)
{
	char *rest = line, *word = NULL;
	const char *type = strstr(line, " - ");

	if (!type || strncmp(type + 3, "cgroup2 ", 8) != 0)
		return false;
	for (int i = 1; i <= 5; i++) {
		word = strsep(&rest, " ");
		if (!word)
			return false;
		if (i == 4)
			*ret_root = word;
	}
	unescape(word);
	*ret_path = word;
	return strlen(word) < PATH_MAX;
}

bool ecli_cgroup_find_root(FILE *mountinfo, bool (*is_there)(const char *path), char ret_path[PATH_MAX])
{
	CLEANUP_FREE char *line = NULL;
	bool is_found = false;
	size_t size = 0;

	while (getline(&line, &size, mountinfo) > 0) {
		char *root = NULL, *path = NULL;

		if (!read_line(line, &root, &path) || (is_found && strcmp(root, "/") != 0) || !is_there(path))
			continue;
		memcpy(ret_path, path, strlen(path) + 1);
		is_found = true;
		if (!strcmp(root, "/"))
			break;
	}
	return is_found;
}

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (uint32_t)fs.f_type == CGROUP2_SUPER_MAGIC;
}

bool ecli_cgroup_root(char ret_path[PATH_MAX])
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/mountinfo", "re");

	return file && ecli_cgroup_find_root(file, is_cgroup2, ret_path);
}

bool ecli_cgroup_path(uint64_t id, char ret_path[PATH_MAX])
{
	struct {
		struct file_handle head;
		uint64_t id;
	} handle = { .head = { .handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE_TYPE } };
	char root[PATH_MAX], link[64], path[PATH_MAX];

	if (!ecli_cgroup_root(root))
		return false;
	memcpy(handle.head.f_handle, &id, sizeof(id));
	CLEANUP_FD int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int group = root_fd < 0 ? -1 : open_by_handle_at(root_fd, &handle.head, O_PATH | O_CLOEXEC);
	if (group < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", group);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	size_t skip = strlen(root);
	if (len < (ssize_t)skip || (size_t)len == sizeof(path) - 1 || memcmp(path, root, skip) != 0)
		return false;
	path[len] = '\0';
	if (path[skip] && path[skip] != '/') /* a group outside of the mount: its path is that within the file system */
		return false;
	snprintf(ret_path, PATH_MAX, "%s", path[skip] ? path + skip : "/");
	return true;
}

int ecli_cgroup_id(const char *path, uint64_t *ret_id)
{
	char root[PATH_MAX], full[2 * PATH_MAX];
	struct stat group, top;

	if (!ecli_cgroup_root(root) || stat(root, &top))
		return -ENODEV;
	/* What lies elsewhere, behind a "..", is no group of this file system. */
	if (*path != '/' || snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full) ||
	    stat(full, &group) || !S_ISDIR(group.st_mode) || group.st_dev != top.st_dev)
		return -EINVAL;
	*ret_id = group.st_ino;
	return 0;
}
