/* SPDX-License-Identifier: MIT */
/*
 * From a file to the model, where a package is more than one file:
 *
 *     foo.skel.json + foo.bpf.o    the description and the object, as compilers leave them next to the source
 *     foo.tar                      package.json, and btfhub-archive/ID/VERSION/ARCH/RELEASE.btf for kernels without BTF
 *
 * Of an archive at most one BTF file is kept: the one of the kernel that runs here.
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "package/machine.h"
#include "package/model.h"
#include "package/tar.h"

static const char skel_ending[] = ".skel.json";

/* ---- archives -------------------------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Finds package.json and the BTF of this kernel. */
static int look_through(struct ecli_tar *tar, struct ecli_err *err, struct ecli_tar_entry *ret_package,
			struct ecli_tar_entry *ret_btf)
{
	struct ecli_machine machine;
	struct ecli_tar_entry entry;
	int best = 0, r;

	ecli_machine_read(&machine);
	while ((r = ecli_tar_next(tar, err, &entry)) > 0) {
		int fit = ecli_machine_fit(&machine, entry.path);

		if (!ret_package->data && !strcmp(base_name(entry.path), "package.json")) {
			*ret_package = entry;
		} else if (fit > best) {
			best = fit;
			*ret_btf = entry;
		}
	}
	if (!r && !ret_package->data)
		return ecli_err_set(err, -EINVAL, "the archive has no package.json in it");
	return r;
}

static int read_tar(const char *name, const void *data, size_t size, struct ecli_err *err,
		    struct ecli_package **ret_package)
{
	struct ecli_tar tar = { .data = data, .size = size };
	struct ecli_tar_entry json = { .data = NULL }, btf = { .data = NULL };
	CLEANUP_PACKAGE struct ecli_package *package = NULL;

	int r = look_through(&tar, err, &json, &btf);
	if (r)
		return ecli_err_wrap(err, r, "%s", name);
	r = ecli_package_read(name, json.data, json.size, err, &package);
	if (r)
		return r;
	if (btf.size) {
		package->kernel_btf = malloc(btf.size);
		package->kernel_btf_name = strdup(btf.path);
		if (!package->kernel_btf || !package->kernel_btf_name)
			return ecli_json_no_memory(err);
		memcpy(package->kernel_btf, btf.data, btf.size);
		package->kernel_btf_size = btf.size;
	}
	*ret_package = TAKE_PTR(package);
	return 0;
}

/* ---- a description with its object beside it ------------------------------------------------------------------- */

static bool is_skeleton(const char *path)
{
	size_t len = strlen(path), n = sizeof(skel_ending) - 1;

	return len > n && path[len - n - 1] != '/' && !strcmp(path + len - n, skel_ending);
}

static int read_skeleton(const char *path, const struct ecli_buf *json, struct ecli_err *err,
			 struct ecli_package **ret_package)
{
	CLEANUP_BUF struct ecli_buf name = { 0 }, object = { 0 };

	ecli_buf_add(&name, path, strlen(path) - (sizeof(skel_ending) - 1));
	ecli_buf_add_text(&name, ".bpf.o");
	if (ecli_buf_failed(&name))
		return ecli_json_no_memory(err);
	int r = ecli_file_read(ecli_buf_text(&name), ECLI_PACKAGE_MAX_BYTES, &object, err);
	if (r)
		return ecli_err_wrap(err, r, "%s is a description without its object, which belongs beside it", path);
	r = ecli_package_read_described(path, json->data, json->len, object.data, object.len, err, ret_package);
	return r ? ecli_err_wrap(err, r, "%s", path) : 0;
}

int ecli_package_read_file(const char *path, struct ecli_err *err, struct ecli_package **ret_package)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	int r = ecli_file_read(path, ECLI_PACKAGE_MAX_BYTES, &buf, err);

	if (r)
		return r;
	if (ecli_tar_is(buf.data, buf.len))
		return read_tar(name, buf.data, buf.len, err, ret_package);
	if (is_skeleton(path) && ecli_package_is_description(buf.data, buf.len))
		return read_skeleton(path, &buf, err, ret_package);
	return ecli_package_read(name, buf.data, buf.len, err, ret_package);
}
