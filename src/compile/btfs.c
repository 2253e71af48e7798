/* SPDX-License-Identifier: MIT */
/*
 * A kernel's BTF is 5 MB; what one tool relocates of it is a few hundred bytes. bpftool cuts it down ("gen min_core_btf"), in a child
 * process as clang is, because it resolves relocations exactly as libbpf does when it loads the object:
 *
 *     RELEASE.btf ---------------------------.
 *     RELEASE.btf.tar.xz --tar (child)-- BTF --+-- bpftool (child) -- minimal BTF --> tar archive --> package
 *     object ---------------------------------'
 *
 * Files go from one to the other in memory. Kernels are taken in the order of their names: the same folder gives the same package.
 */
#include "compile/btfs.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/link.h"
#include "package/machine.h"
#include "package/tar.h"
#include "types/machine.h"

#define OWN_BTF       "/sys/kernel/btf/vmlinux"
#define MAX_MIN_BYTES (64u << 20)
#define MAX_INPUTS    20000 /* as many as a reader takes */

static const char plain_ending[] = ".btf", packed_ending[] = ".btf.tar.xz";

/* ---- which files ----------------------------------------------------------------------------------------------- */

struct list {
	char **paths;
	size_t count;
	bool failed;
};

static struct list *walked; /* nftw() has no argument for it; set only during collect() */

static void list_done(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
}

static bool ends_in(const char *text, const char *ending)
{
	size_t len = strlen(text), n = strlen(ending);

	return len > n && !strcmp(text + len - n, ending);
}

static void add_path(struct list *list, const char *path)
{
	char **paths = list->count < MAX_INPUTS ? reallocarray(list->paths, list->count + 1, sizeof(*paths)) : NULL;
	char *copy = paths ? strdup(path) : NULL;

	if (paths)
		list->paths = paths;
	if (copy)
		list->paths[list->count++] = copy;
	else
		list->failed = true;
}

static int on_file(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
	(void)stat;
	(void)place;
	if (kind == FTW_F && (ends_in(path, plain_ending) || ends_in(path, packed_ending)))
		add_path(walked, path);
	return walked->failed;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int collect(const char *input, struct ecli_err *err, struct list *list)
{
	size_t before = list->count;
	struct stat info;

	if (stat(input, &info))
		return ecli_err_set(err, -errno, "cannot read %s (--btf-for): %s", input, strerror(errno));
	if (!S_ISDIR(info.st_mode)) {
		add_path(list, input);
	} else {
		walked = list;
		nftw(input, on_file, 16, 0);
		walked = NULL;
	}
	if (list->failed)
		return ecli_err_set(err, -ENOMEM, "more kernels than fit (--btf-for): %d at most", MAX_INPUTS);
	if (list->count == before)
		return ecli_err_set(err, -ENOENT,
				    "the folder %s has no file ID/VERSION/ARCH/RELEASE%s or %s in it (--btf-for)",
				    input, plain_ending, packed_ending);
	return 0;
}

/* ---- where a kernel's types go in the archive ------------------------------------------------------------------ */

/* The last @parts parts of @path; NULL when it has fewer. */
static const char *tail(const char *path, int parts)
{
	const char *p = path + strlen(path);

	while (p > path && (p[-1] != '/' || --parts))
		p--;
	return p > path || parts <= 1 ? p : NULL;
}

/* "ID/VERSION/ARCH/RELEASE.btf", or the last two when the folders do not say more. */
static int archive_name(const char *path, struct ecli_err *err, struct ecli_buf *name)
{
	const char *part = tail(path, 4);
	struct ecli_machine here;

	if (!strcmp(path, OWN_BTF)) {
		ecli_machine_read(&here);
		ecli_buf_add_format(name, "%s/%s/%s/%s%s", *here.id ? here.id : "linux",
				    *here.version ? here.version : "0", here.arch, here.release, plain_ending);
		return 0;
	}
	if (!part)
		part = tail(path, 2);
	if (!part || !(ends_in(path, plain_ending) || ends_in(path, packed_ending)))
		return ecli_err_set(
			err, -EINVAL,
			"%s does not say which kernel it is of (--btf-for): name it ID/VERSION/ARCH/RELEASE%s, for "
			"example debian/11/x86_64/5.10.0-30-amd64%s",
			path, plain_ending, plain_ending);
	size_t len = strlen(part) - strlen(ends_in(path, packed_ending) ? packed_ending : plain_ending);
	ecli_buf_add_format(name, "%.*s%s", (int)len, part, plain_ending);
	return 0;
}

/* The part before the last is the architecture; "aarch64" is another word for "arm64". */
static bool is_arch(const char *name, const char *arch)
{
	const char *end = strrchr(name, '/'), *start = end;

	while (start > name && start[-1] != '/')
		start--;
	size_t len = (size_t)(end - start);
	return (strlen(arch) == len && !memcmp(start, arch, len)) ||
	       (!strcmp(arch, "arm64") && len == 7 && !memcmp(start, "aarch64", 7));
}

/* ---- children -------------------------------------------------------------------------------------------------- */

static int run_child(struct ecli_calm *calm, char *const argv[], int stdout_fd, const int *keep, const char *package,
		     struct ecli_err *err)
{
	int status;

	int r = ecli_run(calm, argv, stdout_fd, keep, err, &status);
	if (r == -ENOENT || (!r && WIFEXITED(status) && WEXITSTATUS(status) == 127))
		return ecli_err_set(err, -ENOENT, "--btf-for needs %s: install it (Debian and Ubuntu: apt install %s)",
				    argv[0], package);
	if (!r && (!WIFEXITED(status) || WEXITSTATUS(status)))
		return ecli_err_set(err, -EIO, "%s failed", argv[0]);
	return r;
}

/* A file in memory with what the archive at @path holds. */
static int unpack(const char *path, struct ecli_calm *calm, struct ecli_err *err)
{
	char *argv[] = { "tar", "-xJOf", (char *)path, NULL };
	CLEANUP_FD int fd = ecli_link_memory_file("ecc-btf", NULL, 0, err);
	const int keep[] = { -1 };

	if (fd < 0)
		return fd;
	int r = run_child(calm, argv, fd, keep, "tar xz-utils", err);
	return r ? ecli_err_wrap(err, r, "%s (--btf-for)", path) : TAKE_FD(fd);
}

/* A quick look, so that the sentence is ours and not bpftool's. */
static int check_btf(const char *path, const char *file, const char *name, struct ecli_err *err)
{
	struct btf *btf = btf__parse(file, NULL);
	const char *owner = btf ? ecli_types_machine(btf) : NULL;
	int code = btf ? 0 : -errno;

	btf__free(btf);
	if (code == -EACCES || code == -EPERM)
		return ecli_err_set(err, code, "cannot read %s (--btf-for): %s", path, strerror(-code));
	if (code)
		return ecli_err_set(err, -EINVAL, "%s holds no type information (BTF) of a kernel (--btf-for)", path);
	if (owner && !is_arch(name, owner))
		return ecli_err_set(err, -EINVAL,
				    "%s is BTF of an %s kernel, but its name says another architecture (--btf-for)",
				    path, owner);
	return 0;
}

struct cut {
	char object[ECLI_LINK_PATH_MAX];
	int object_fd;
	struct ecli_calm *calm;
};

/* Appends the minimal BTF of one kernel. */
static int cut_down(const struct cut *cut, const char *path, const char *name, struct ecli_err *err,
		    struct ecli_buf *ret)
{
	CLEANUP_FD int unpacked = ends_in(path, packed_ending) ? unpack(path, cut->calm, err) : -1;
	CLEANUP_FD int out = -1;
	char in_path[ECLI_LINK_PATH_MAX], out_path[ECLI_LINK_PATH_MAX];

	if (ends_in(path, packed_ending) && unpacked < 0)
		return unpacked;
	if (unpacked >= 0)
		ecli_link_path(unpacked, in_path);
	const char *file = unpacked >= 0 ? in_path : path;
	int r = check_btf(path, file, name, err);
	if (r)
		return r;
	out = ecli_link_memory_file("ecc-min-btf", NULL, 0, err);
	if (out < 0)
		return out;
	ecli_link_path(out, out_path);

	char *argv[] = { "bpftool", "gen", "min_core_btf", (char *)file, out_path, (char *)cut->object, NULL };
	const int keep[] = { cut->object_fd, out, unpacked, -1 };
	r = run_child(cut->calm, argv, STDERR_FILENO, keep, "bpftool", err);
	if (r)
		return ecli_err_wrap(err, r, "%s (--btf-for)", path);
	return lseek(out, 0, SEEK_SET) < 0 ? -errno : ecli_file_read_fd(out, path, MAX_MIN_BYTES, ret, err);
}

int ecli_btfs_add(const char *const *inputs, const struct ecli_target *target, const struct ecli_buf *object,
		  struct ecli_calm *calm, struct ecli_package *package, struct ecli_err *err)
{
	CLEANUP(list_done) struct list list = { 0 };
	CLEANUP_BUF struct ecli_buf tar = { 0 };
	CLEANUP_FD int object_fd = ecli_link_memory_file("ecc-object.o", object->data, object->len, err);
	struct cut cut = { .object_fd = object_fd, .calm = calm };
	size_t taken = 0;
	int r = object_fd < 0 ? object_fd : 0;

	for (; !r && *inputs; inputs++)
		r = collect(*inputs, err, &list);
	if (list.count)
		qsort(list.paths, list.count, sizeof(*list.paths), by_name);
	ecli_link_path(object_fd, cut.object);
	for (size_t i = 0; !r && i < list.count; i++) {
		CLEANUP_BUF struct ecli_buf btf = { 0 }, name = { 0 };

		r = archive_name(list.paths[i], err, &name);
		if (r || (target && !is_arch(ecli_buf_text(&name), target->name)))
			continue;
		r = cut_down(&cut, list.paths[i], ecli_buf_text(&name), err, &btf);
		if (!r && ecli_tar_add(&tar, ecli_buf_text(&name), btf.data, btf.len))
			r = ecli_err_set(err, -ENAMETOOLONG, "the name %s is too long (--btf-for)",
					 ecli_buf_text(&name));
		if (!r)
			ecli_log(ECLI_LOG_INFO, "%s: %zu bytes of BTF", ecli_buf_text(&name), btf.len);
		taken++;
	}
	if (!r && !taken)
		r = ecli_err_set(err, -ENOENT,
				 "none of the kernels of --btf-for is of %s, whose registers the tool reads",
				 target ? target->name : "this architecture");
	if (r)
		return r;
	ecli_tar_end(&tar);
	return ecli_buf_failed(&tar) || ecli_package_btf_set(package, tar.data, tar.len)
		       ? ecli_err_set(err, -ENOMEM, "out of memory")
		       : 0;
}
