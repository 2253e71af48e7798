/* SPDX-License-Identifier: MIT */
/*
 * Where a library lies is asked of what answers for the process: its mappings when there is one, else the dynamic linker's cache.
 *
 *     NAME with a '/'  ─ the process's root ─ ours ─────────────────────────┐
 *     NAME             ─ its mappings: the very file, deleted or not ───────┼─> base/foreign ─> descriptor
 *                      ─ $PATH ─ ld.so.cache ─> a path, as one with a '/' ──┘
 *
 * With a process, what was found by its path is only taken for a name when the process has mapped it (mapped.c). Of a place where something lies that is
 * not to be opened no other place is tried: the process would not use that either.
 */
#include "load/attach/binary.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "load/attach/ldcache.h"
#include "load/attach/mapped.h"

#define CACHE           "/etc/ld.so.cache"
#define MAX_CACHE_BYTES (16u << 20)

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
static int open_path(const struct ecli_mapped *process, const char *path, struct ecli_binary *ret)
{
	if (process->folder >= 0 && process->root < 0 && *path == '/' && strncmp(path, "/proc/", 6) != 0)
		return -EXDEV;
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
	if (strstr(name, ".so")) /* "libx.so.1" of libx.so.1.2.3 */
		return !strncmp(file, name, len) && file[len] == '.';
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

static int open_cached(const struct ecli_mapped *process, const char *name, struct ecli_binary *ret)
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

static int find_in_maps(const struct ecli_mapped *process, const char *name, struct ecli_binary *ret)
{
	struct ecli_mapped_file file;
	const char *at = NULL;

	while (ecli_mapped_next(process, &at, &file)) {
		int r = is_library(file.base, name) ? ecli_mapped_open_file(process, &file, ret) : -ENOENT;
		if (!is_absent(r))
			return r;
	}
	return -ENOENT;
}

/* ---- all together ---------------------------------------------------------------------------------------------- */

static int find(const struct ecli_mapped *process, const char *name, struct ecli_binary *ret)
{
	char found[PATH_MAX];

	if (strchr(name, '/'))
		return open_path(process, name, ret);
	if (!*name || strlen(name) >= NAME_MAX)
		return -ENOENT;
	/* A program before a library, except where the name says what it is: "bash" is no libbash. */
	if (!strstr(name, ".so") && find_in_path(name, found))
		return open_path(process, found, ret);
	return open_cached(process, name, ret);
}

/* What lies under the path is what the process has mapped, or was replaced after that; a name means nothing that it has not mapped. */
static int find_of_process(const struct ecli_mapped *process, const char *name, struct ecli_binary *ret)
{
	bool is_path = strchr(name, '/');
	int r = is_path ? -ENOENT : find_in_maps(process, name, ret);

	if (!is_absent(r))
		return r;
	r = find(process, name, ret);
	if (r && !is_absent(r))
		return r;
	int settled = ecli_mapped_settle(process, r ? name : ret->path, !r, ret);
	if (settled)
		return settled;
	return is_path || ret->is_mapped ? 0 : -EUNATCH;
}

int ecli_binary_open(const char *name, int pid, struct ecli_binary *ret)
{
	CLEANUP(ecli_mapped_close) struct ecli_mapped process = ECLI_MAPPED_NONE;

	*ret = (struct ecli_binary){ .fd = -1 };
	int r = ecli_mapped_open(pid, &process);
	if (!r)
		r = pid < 0 ? find(&process, name, ret) : find_of_process(&process, name, ret);
	if (is_absent(r))
		r = -ENOENT;
	if (r == -ENOENT || !*ret->path)
		snprintf(ret->path, sizeof(ret->path), "%s", name);
	if (!r)
		ecli_foreign_path(ret->fd, ret->kernel_path);
	return r;
}

int ecli_binary_each_mapped(int pid, ecli_binary_fn fn, void *ctx)
{
	CLEANUP(ecli_mapped_close) struct ecli_mapped process = ECLI_MAPPED_NONE;
	struct ecli_mapped_file file;
	const char *at = NULL;
	uint64_t last = 0;

	int r = ecli_mapped_open(pid, &process);
	while (!r && ecli_mapped_next(&process, &at, &file)) {
		struct ecli_binary binary = { .fd = -1 };

		if (!file.is_code || file.inode == last)
			continue;
		last = file.inode;
		if (!ecli_mapped_open_file(&process, &file, &binary)) {
			ecli_foreign_path(binary.fd, binary.kernel_path);
			r = fn(ctx, &binary);
		}
		ecli_binary_close(&binary);
	}
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
