/* SPDX-License-Identifier: MIT */
/*
 * Where a library lies is asked of what answers for the process: its mappings when there is one, else the dynamic linker's cache.
 *
 *     NAME with a '/'  ─ the process's root ─ ours ─────────────────────────┐
 *     NAME             ─ its mappings: the very file, deleted or not ───────┼─> base/foreign ─> descriptor
 *                      ─ $PATH ─ ld.so.cache ─> a path, as one with a '/' ──┘
 *
 * A process's own folder and root are held as descriptors, so that nobody else can become "the process" between two steps. Of a place
 * where something lies that is not to be opened no other place is tried: the process would not use that either.
 */
#include "load/attach/binary.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "load/attach/ldcache.h"

#define CACHE           "/etc/ld.so.cache"
#define MAX_CACHE_BYTES (16u << 20)
#define MAX_MAPS_BYTES  (64u << 20)

/* The process, as open folders; both -1 without one. */
struct process {
	int folder, root;
};

static void close_process(struct process *process)
{
	cleanup_fd(&process->folder);
	cleanup_fd(&process->root);
}

static int open_process(int pid, struct process *ret)
{
	char path[32];

	if (pid < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	ret->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->folder >= 0)
		ret->root = openat(ret->folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->root >= 0)
		return 0;
	return errno == ENOENT || errno == ESRCH ? -ESRCH : -EREMOTE;
}

/* ---- one place ------------------------------------------------------------------------------------------------- */

static bool is_absent(int code)
{
	return code == -ENOENT || code == -ENOTDIR;
}

static int keep_path(struct ecli_binary *ret, const char *path)
{
	return (size_t)snprintf(ret->path, sizeof(ret->path), "%s", path) < sizeof(ret->path) ? 0 : -ENAMETOOLONG;
}

/* As we see it, from the current folder on. */
static int open_own(const char *path, struct ecli_binary *ret)
{
	CLEANUP_FREE char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
	CLEANUP_BUF struct ecli_buf absolute = { 0 };

	if (*path != '/' && !folder)
		return -errno;
	if (folder)
		ecli_buf_add_format(&absolute, "%s/", folder);
	ecli_buf_add_text(&absolute, path);
	int r = ecli_buf_failed(&absolute) ? -ENOMEM : keep_path(ret, path);
	if (r)
		return r;
	ret->fd = ecli_foreign_open(AT_FDCWD, ecli_buf_text(&absolute), NULL);
	return ret->fd < 0 ? ret->fd : 0;
}

/* As the process sees it, else as we do. */
static int open_path(const struct process *process, const char *path, struct ecli_binary *ret)
{
	int r = process->root >= 0 && *path == '/' && strncmp(path, "/proc/", 6) != 0 ? keep_path(ret, path) : -ENOENT;

	if (!r) {
		ret->fd = ecli_foreign_open(process->root, path, NULL);
		r = ret->fd < 0 ? ret->fd : 0;
	}
	return is_absent(r) ? open_own(path, ret) : r;
}

/* ---- names of libraries ---------------------------------------------------------------------------------------- */

/* Whether the file called @file is what is meant by @name: itself, "libc" or "c" for libc.so.6. */
static bool is_library(const char *file, const char *name)
{
	size_t len = strlen(name);

	if (!strcmp(file, name))
		return true;
	if (strstr(name, ".so"))
		return false;
	if (!strncmp(file, name, len) && !strncmp(file + len, ".so", 3))
		return true;
	return !strncmp(file, "lib", 3) && !strncmp(file + 3, name, len) && !strncmp(file + 3 + len, ".so", 3);
}

/* Whether a file is for this machine: the cache has libraries of other widths as well. */
static bool is_native(int fd)
{
	unsigned char ident[EI_NIDENT];

	return pread(fd, ident, sizeof(ident), 0) == sizeof(ident) && !memcmp(ident, ELFMAG, SELFMAG) &&
	       ident[EI_CLASS] == (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
}

static int open_cached(const struct process *process, const char *name, struct ecli_binary *ret)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	const char *file, *path;
	struct ecli_ldcache cache;
	struct ecli_err err;

	if (ecli_file_read(CACHE, MAX_CACHE_BYTES, &buf, &err))
		return -ENOENT;
	ecli_ldcache_open(&cache, buf.data, buf.len);
	while (ecli_ldcache_next(&cache, &file, &path)) {
		int r = is_library(file, name) ? open_path(process, path, ret) : -ENOENT;

		if (!is_absent(r) && (r || is_native(ret->fd)))
			return r;
		ecli_binary_close(ret);
	}
	return -ENOENT;
}

/* ---- names of programs ----------------------------------------------------------------------------------------- */

static bool find_in_path(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");

	for (path = path ? path : "/usr/bin:/bin:/usr/sbin:/sbin"; *path; path += *path == ':') {
		size_t len = strcspn(path, ":");
		int n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, path, name);

		if (len && n < PATH_MAX && !access(ret, X_OK))
			return true;
		path += len;
	}
	return false;
}

/* ---- what a process has mapped --------------------------------------------------------------------------------- */

/* "7f0c1000-7f0c3000 r-xp 00001000 08:01 1234   /usr/lib/x86_64-linux-gnu/libc.so.6"; also where " (deleted)" follows. */
static int open_mapped(const struct process *process, const char *line, const char *path, struct ecli_binary *ret)
{
	uint64_t start, end;
	char name[64];

	int r = keep_path(ret, path);
	if (r || sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2)
		return r ? r : -ENOENT;
	/* The very file, whatever lies under its path now: for those who may. */
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	ret->fd = ecli_foreign_open_proc(process->folder, name, NULL);
	if (ret->fd == -EPERM || ret->fd == -EACCES || is_absent(ret->fd))
		ret->fd = ecli_foreign_open(process->root, path, NULL);
	return ret->fd < 0 ? ret->fd : 0;
}

static int find_in_maps(const struct process *process, const char *name, struct ecli_binary *ret)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (process->folder < 0)
		return -ENOENT;
	if (!ecli_foreign_read_proc(process->folder, "maps", MAX_MAPS_BYTES, &text))
		return -EREMOTE;
	for (char *line = text.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		static const char deleted[] = " (deleted)";
		const size_t tail = sizeof(deleted) - 1;

		*end = '\0';
		char *path = strchr(line, '/'), *base = path ? strrchr(path, '/') + 1 : NULL;
		if (!base)
			continue;
		if (strlen(base) > tail && !strcmp(end - tail, deleted))
			end[-(ptrdiff_t)tail] = '\0';
		int r = is_library(base, name) ? open_mapped(process, line, path, ret) : -ENOENT;
		if (!is_absent(r))
			return r;
	}
	return -ENOENT;
}

/* ---- all together ---------------------------------------------------------------------------------------------- */

static int find(const struct process *process, const char *name, struct ecli_binary *ret)
{
	char found[PATH_MAX];

	if (strchr(name, '/'))
		return open_path(process, name, ret);
	if (!*name || strlen(name) >= NAME_MAX)
		return -ENOENT;
	int r = find_in_maps(process, name, ret);
	if (r != -ENOENT)
		return r;
	/* A program before a library, except where the name says what it is: "bash" is no libbash. */
	if (!strstr(name, ".so") && find_in_path(name, found))
		return open_path(process, found, ret);
	return open_cached(process, name, ret);
}

int ecli_binary_open(const char *name, int pid, struct ecli_binary *ret)
{
	CLEANUP(close_process) struct process process = { -1, -1 };

	*ret = (struct ecli_binary){ .fd = -1 };
	int r = open_process(pid, &process);
	r = r ? r : find(&process, name, ret);
	if (is_absent(r))
		r = -ENOENT;
	if (r == -ENOENT || !*ret->path)
		snprintf(ret->path, sizeof(ret->path), "%s", name);
	if (!r)
		ecli_foreign_path(ret->fd, ret->kernel_path);
	return r;
}

void ecli_binary_close(struct ecli_binary *binary)
{
	cleanup_fd(&binary->fd);
	binary->fd = -1;
}

int ecli_binary_hold(const struct ecli_binary *binary)
{
	int seals = fcntl(binary->fd, F_GET_SEALS);

	if (seals >= 0 && (seals & F_SEAL_SHRINK))
		return 0;
	/* Who wants to write makes the kernel send a signal, which by itself does nothing. */
	if (!fcntl(binary->fd, F_SETSIG, SIGURG) && fcntl(binary->fd, F_SETLEASE, F_RDLCK))
		return errno == EAGAIN ? -EBUSY : 0;
	return 0;
}

void ecli_binary_let_go(const struct ecli_binary *binary)
{
	fcntl(binary->fd, F_SETLEASE, F_UNLCK);
}
