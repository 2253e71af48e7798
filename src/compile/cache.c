/* SPDX-License-Identifier: MIT */
/*
 * The cache. What makes a folder's name: for headers the hash that embed.c computed, for vmlinux.h the hash of the BTF,
 * or, for the running kernel, of its build id (/sys/kernel/notes) and its BTF's size, so that nothing of the 5 MB is
 * read when the header is there. The text of vmlinux.h also depends on the libbpf that writes it, so its version is
 * hashed in, and ours.
 */
#include "compile/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/embedded.h"
#include "compile/target.h"
#include "compile/vmlinux.h"

#define VMLINUX_TEXT   2 /* one more with each change of what vmlinux.c and kfuncs.c write */
#define KERNEL_NOTES   "/sys/kernel/notes"
#define MAX_BTF_BYTES  (2048ull * 1024 * 1024) /* a vmlinux with DWARF */
#define MAX_FILE_BYTES (64u * 1024 * 1024)

static char *join(const char *dir, const char *name)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };

	ecli_buf_add_format(&path, "%s/%s", dir, name);
	return ecli_buf_take(&path);
}

/* ---- the place ------------------------------------------------------------------------------------------------- */

/* A folder that can be written to, or NULL with the reason logged. */
static char *usable_dir(const char *base, const char *rest)
{
	struct ecli_err err = { 0 };

	if (!base || *base != '/')
		return NULL;
	char *dir = join(base, rest);
	if (dir && !ecli_file_make_dirs(dir, &err) && !access(dir, W_OK | X_OK))
		return dir;
	ecli_log(ECLI_LOG_INFO, "no cache in %s: %s", dir ? dir : base, *err.text ? err.text : strerror(errno));
	free(dir);
	return NULL;
}

static int find_root(struct ecli_err *err, struct ecli_cache *cache)
{
	cache->root = usable_dir(getenv("XDG_CACHE_HOME"), "ecc");
	if (!cache->root)
		cache->root = usable_dir(getenv("HOME"), ".cache/ecc");
	if (cache->root)
		return 0;

	const char *base = getenv("TMPDIR");
	char *dir = join(base && *base == '/' ? base : "/tmp", "ecc-XXXXXX");
	if (!dir || !mkdtemp(dir)) {
		int r = dir ? -errno : -ENOMEM;
		ecli_err_set(
			err, r,
			"cannot make a temporary folder for headers (%s): set TMPDIR or XDG_CACHE_HOME to a folder "
			"that can be written to",
			strerror(-r));
		free(dir);
		return r;
	}
	cache->root = dir;
	cache->is_temporary = true;
	return 0;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* A file's bytes, mapped; size 0 when it cannot be. */
struct view {
	const char *data;
	size_t size;
};

static void view_done(struct view *view)
{
	if (view->size)
		munmap((void *)view->data, view->size);
}

static struct view view_file(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_size <= 0 ||
	    (uint64_t)stat.st_size > MAX_BTF_BYTES)
		return (struct view){ 0 };
	void *data = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	return data == MAP_FAILED ? (struct view){ 0 } : (struct view){ data, (size_t)stat.st_size };
}

static int lay_out(const char *dir, const struct ecli_embedded_file *file, struct ecli_err *err)
{
	CLEANUP_FREE char *path = join(dir, file->name);
	CLEANUP(view_done) struct view view = { 0 };

	if (!path)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	view = view_file(path);
	if (view.size == file->size && !memcmp(view.data, file->data, file->size))
		return 0;
	char *slash = strrchr(path, '/');
	*slash = '\0';
	int r = ecli_file_make_dirs(path, err);
	*slash = '/';
	return r ? r : ecli_file_write(path, file->data, file->size, err);
}

static int lay_out_headers(struct ecli_cache *cache, struct ecli_err *err)
{
	char name[64];
	int r = 0;

	snprintf(name, sizeof(name), "include-%016" PRIx64, ecli_embedded_hash);
	cache->include_dir = join(cache->root, name);
	if (!cache->include_dir)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < ecli_embedded_count; i++)
		if (strchr(ecli_embedded_files[i].name, '/'))
			r = lay_out(cache->include_dir, &ecli_embedded_files[i], err);
	return r;
}

/* ---- vmlinux.h ------------------------------------------------------------------------------------------------- */

/* sysfs files cannot be mapped on all kernels, and do not tell their size by reading less than all. */
static int hash_file(const char *path, uint64_t seed, struct ecli_err *err, uint64_t *ret_hash)
{
	CLEANUP(view_done) struct view view = view_file(path);
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	if (view.size) {
		*ret_hash = ecli_vmlinux_hash(seed, view.data, view.size);
		return 0;
	}
	int r = ecli_file_read(path, MAX_FILE_BYTES, &buf, err);
	if (!r)
		*ret_hash = ecli_vmlinux_hash(seed, buf.data, buf.len);
	return r;
}

static int hash_btf(const char *path, bool is_kernel, struct ecli_err *err, uint64_t *ret_hash)
{
	const char *version = libbpf_version_string();
	uint64_t seed = ecli_vmlinux_hash(VMLINUX_TEXT, version, strlen(version));
	struct stat stat_of;

	if (is_kernel && !stat(path, &stat_of)) {
		seed = ecli_vmlinux_hash(seed, &stat_of.st_size, sizeof(stat_of.st_size));
		if (!hash_file(KERNEL_NOTES, seed, NULL, ret_hash))
			return 0;
	}
	return hash_file(path, seed, err, ret_hash);
}

static bool is_cached(const char *path)
{
	CLEANUP(view_done) struct view view = view_file(path);

	return ecli_vmlinux_is_whole(view.data, view.size);
}

static int make_vmlinux(struct ecli_cache *cache, const char *btf_path, bool is_kernel,
			const struct ecli_target *target, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	uint64_t hash;
	char name[64];

	int r = hash_btf(btf_path, is_kernel, err, &hash);
	if (r)
		return r;
	if (target != ecli_target_here())
		hash = ecli_vmlinux_hash(hash, target->name, strlen(target->name));
	snprintf(name, sizeof(name), "vmlinux-%016" PRIx64, hash);
	CLEANUP_FREE char *dir = join(cache->root, name);
	CLEANUP_FREE char *path = dir ? join(dir, "vmlinux.h") : NULL;
	if (!path)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (!is_cached(path)) {
		ecli_log(ECLI_LOG_INFO, "making %s from %s", path, btf_path);
		r = ecli_vmlinux_write(btf_path, target, &text, err);
		if (!r)
			r = ecli_file_make_dirs(dir, err);
		if (r)
			return r;
		ecli_vmlinux_seal(&text);
		if (ecli_buf_failed(&text))
			return ecli_err_set(err, -ENOMEM, "out of memory while making vmlinux.h");
		r = ecli_file_write(path, text.data, text.len, err);
	}
	if (!r)
		cache->vmlinux_dir = TAKE_PTR(dir);
	return r;
}

/* ---- public ---------------------------------------------------------------------------------------------------- */

int ecli_cache_open(const char *btf_path, const char *kernel_btf, const struct ecli_target *target,
		    struct ecli_err *err, struct ecli_cache *ret_cache)
{
	CLEANUP(ecli_cache_close) struct ecli_cache cache = { 0 };

	int r = find_root(err, &cache);
	if (!r)
		r = lay_out_headers(&cache, err);
	if (!r && btf_path)
		r = make_vmlinux(&cache, btf_path, false, target, err);
	else if (!r && !access(kernel_btf, R_OK))
		r = make_vmlinux(&cache, kernel_btf, true, target, err);
	if (r)
		return r;
	*ret_cache = cache;
	cache = (struct ecli_cache){ 0 };
	return 0;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
	(void)stat;
	(void)kind;
	(void)place;
	remove(path); /* what cannot be removed stays: there is nobody to tell */
	return 0;
}

void ecli_cache_close(struct ecli_cache *cache)
{
	if (cache->is_temporary)
		nftw(cache->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(cache->root);
	free(cache->include_dir);
	free(cache->vmlinux_dir);
	*cache = (struct ecli_cache){ 0 };
}
