/* SPDX-License-Identifier: MIT */
/*
 *     7f0c1000-7f0c3000 r-xp 00001000 08:01 1234   /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)
 *     └── map_files/7f0c1000-7f0c3000 ─> the file ──┘      └── under this path there may lie another one by now
 *
 * An upgrade puts new files in the place of those that run. A probe in the new one is never hit, without a word: so a file that was given by its path is
 * compared with what is mapped, by device and inode, and by its path for file systems whose numbers in maps are not those of stat(2).
 */
#include "load/attach/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_MAPS_BYTES (64u << 20)
#define MAX_HEAD       128 /* of a line of maps, before the path */

int ecli_mapped_open(int pid, struct ecli_mapped *ret)
{
	char path[32];

	*ret = (struct ecli_mapped)ECLI_MAPPED_NONE;
	if (pid < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	ret->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = ret->folder < 0 ? -errno : ecli_foreign_root(ret->folder);
	if (r < 0 && r != -EXDEV) /* of another user namespace: what is mapped can be opened without its paths */
		return r == -ENOENT || r == -ESRCH ? -ESRCH : -EREMOTE;
	ret->root = r < 0 ? -1 : r;
	return ecli_foreign_read_proc(ret->folder, "maps", MAX_MAPS_BYTES, &ret->maps) ? 0 : -EREMOTE;
}

void ecli_mapped_close(struct ecli_mapped *process)
{
	cleanup_fd(&process->folder);
	cleanup_fd(&process->root);
	ecli_buf_done(&process->maps);
}

/* What stands before the path, by itself: sscanf(3) looks for the end of all that it is given, however little it reads. */
static bool head_of(const char *line, const char *path, char ret[MAX_HEAD])
{
	size_t len = (size_t)(path - line);

	if (len >= MAX_HEAD)
		return false;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

bool ecli_mapped_next(const struct ecli_mapped *process, const char **at, struct ecli_mapped_file *ret)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;

	if (process->folder < 0)
		return false;
	for (const char *line = *at ? *at : process->maps.data, *end; line && (end = strchr(line, '\n'));
	     line = end + 1) {
		const char *path = memchr(line, '/', (size_t)(end - line));
		size_t len = path ? (size_t)(end - path) : 0;
		char rights[5], head[MAX_HEAD];

		*at = end + 1;
		if (!path || len >= sizeof(ret->path) || !head_of(line, path, head) ||
		    sscanf(head, "%*x-%*x %4s %*x %15s %" SCNu64, rights, ret->device, &ret->inode) != 3)
			continue;
		ret->line = line;
		ret->is_code = rights[2] == 'x';
		ret->is_deleted = len > tail && !memcmp(end - tail, deleted, tail);
		len -= ret->is_deleted ? tail : 0;
		memcpy(ret->path, path, len);
		ret->path[len] = '\0';
		ret->base = strrchr(ret->path, '/') + 1;
		return true;
	}
	return false;
}

int ecli_mapped_open_file(const struct ecli_mapped *process, const struct ecli_mapped_file *file,
			  struct ecli_binary *ret)
{
	uint64_t start, end;
	char name[64];

	snprintf(ret->path, sizeof(ret->path), "%s", file->path);
	char *rest;
	start = strtoull(file->line, &rest, 16);
	if (*rest != '-')
		return -ENOENT;
	end = strtoull(rest + 1, &rest, 16);
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	ret->fd = ecli_foreign_open_proc(process->folder, name, NULL);
	bool is_barred = ret->fd == -EPERM || ret->fd == -EACCES || ret->fd == -ENOENT;
	if (is_barred && file->is_deleted)
		ret->fd = -EPERM;
	else if (is_barred)
		ret->fd = process->root < 0 ? -EXDEV : ecli_foreign_open(process->root, file->path, NULL);
	ret->is_mapped = ret->fd >= 0;
	return ret->fd < 0 ? ret->fd : 0;
}

/* The paths that the file can have in maps: as it was given, with its folder's links followed, and with its own. */
struct paths {
	char folder[PATH_MAX + NAME_MAX], own[PATH_MAX];
};

static void follow(int fd, char *ret, size_t size)
{
	char name[ECLI_FOREIGN_PATH];

	ecli_foreign_path(fd, name);
	ssize_t len = readlink(name, ret, size - 1);
	ret[len > 0 ? len : 0] = '\0';
}

static void find_paths(const struct ecli_mapped *process, const char *path, int fd, struct paths *ret)
{
	const char *slash = strrchr(path, '/');
	CLEANUP_FREE char *folder = slash ? strndup(path, (size_t)(slash - path)) : NULL;

	ret->folder[0] = ret->own[0] = '\0';
	if (fd >= 0)
		follow(fd, ret->own, sizeof(ret->own));
	CLEANUP_FD int at = !folder        ? -1
			    : *path == '/' ? openat(process->root, folder[0] ? folder + 1 : ".", O_PATH | O_CLOEXEC)
					   : open(folder, O_PATH | O_CLOEXEC);
	if (at < 0)
		return;
	follow(at, ret->folder, PATH_MAX);
	size_t len = strlen(ret->folder);
	snprintf(ret->folder + len, sizeof(ret->folder) - len, "%s", slash);
}

static bool is_same_path(const struct ecli_mapped_file *file, const char *path, const struct paths *paths)
{
	return !strcmp(file->path, path) || !strcmp(file->path, paths->folder) || !strcmp(file->path, paths->own);
}

int ecli_mapped_settle(const struct ecli_mapped *process, const char *path, bool is_open, struct ecli_binary *ret)
{
	struct ecli_mapped_file file, replaced = { 0 };
	struct paths paths;
	const char *at = NULL;
	char device[16] = "";
	struct stat st = { 0 };

	if (is_open && !fstat(ret->fd, &st))
		snprintf(device, sizeof(device), "%02x:%02x", major(st.st_dev), minor(st.st_dev));
	find_paths(process, path, is_open ? ret->fd : -1, &paths);
	while (ecli_mapped_next(process, &at, &file)) {
		bool is_same = is_same_path(&file, path, &paths);

		if (is_open &&
		    ((file.inode == st.st_ino && !strcmp(file.device, device)) || (is_same && !file.is_deleted))) {
			ret->is_mapped = true;
			return 0;
		}
		if (is_same && file.is_deleted && !replaced.line)
			replaced = file;
	}
	if (!replaced.line)
		return is_open ? 0 : -ENOENT;
	cleanup_fd(&ret->fd);
	ret->fd = -1;
	int r = ecli_mapped_open_file(process, &replaced, ret);
	if (!r)
		ecli_log(ECLI_LOG_INFO, "%s: the process uses a file that was deleted or replaced: that one is probed",
			 replaced.path);
	return r;
}
