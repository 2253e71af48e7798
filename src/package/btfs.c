/* SPDX-License-Identifier: MIT */
/*
 * BTF of many kernels within one package:
 *
 *     meta.btf_archive = {"data": "<base64 of zlib of tar>", "size": N}       tar: ID/VERSION/ARCH/RELEASE.btf, ...
 *
 * The same names as in a .tar package and in btfhub's archive, so one rule chooses for both (machine.h). The key is an extra of meta:
 * loaders that do not know it pass it over. It is unpacked only on a kernel that has no BTF of its own, so a package that many kernels'
 * BTF make larger costs nothing elsewhere; until then its content is unchecked.
 */
#include <errno.h>
#include <string.h>

#include "package/base64.h"
#include "package/json.h"
#include "package/machine.h"
#include "package/model.h"
#include "package/squeeze.h"
#include "package/tar.h"

static const char key[] = "btf_archive";

int ecli_package_btf_set(struct ecli_package *package, const void *tar, size_t size_bytes)
{
	CLEANUP_BUF struct ecli_buf squeezed = { 0 }, json = { 0 };

	if (ecli_squeeze_write(tar, size_bytes, &squeezed))
		return -ENOMEM;
	ecli_buf_add_text(&json, "{\"data\":\"");
	ecli_base64_encode(squeezed.data, squeezed.len, &json);
	ecli_buf_add_format(&json, "\",\"size\":%zu}", size_bytes);
	if (ecli_buf_failed(&json) || ecli_package_extra_set(&package->extras, key, ecli_buf_text(&json)))
		return -ENOMEM;
	return 0;
}

/* The archive's bytes, from the text of the key. */
static int unpack(const char *text, struct ecli_err *err, struct ecli_buf *tar)
{
	CLEANUP_JSON json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	const json_t *data = json_object_get(value, "data"), *size = json_object_get(value, "size");
	CLEANUP_BUF struct ecli_buf squeezed = { 0 };

	if (!json_is_string(data) || !json_is_integer(size) || json_integer_value(size) < 0 ||
	    json_integer_value(size) > (json_int_t)ECLI_PACKAGE_MAX_BYTES)
		return ecli_err_set(err, -EINVAL, "meta.%s must be {\"data\": TEXT, \"size\": BYTES}", key);
	size_t wanted = (size_t)json_integer_value(size);

	int r = ecli_base64_decode("meta.btf_archive.data", json_string_value(data), json_string_length(data),
				   &squeezed, err);
	if (!r)
		r = ecli_squeeze_read("meta.btf_archive.data", squeezed.data, squeezed.len, wanted, tar, err);
	if (!r && tar->len != wanted)
		r = ecli_err_set(err, -EINVAL, "meta.%s.size is %zu, but the archive has another size", key, wanted);
	return r;
}

static int choose(const struct ecli_buf *archive, struct ecli_err *err, struct ecli_buf *ret_btf, char **ret_name)
{
	struct ecli_tar tar = { .data = archive->data, .size = archive->len };
	struct ecli_tar_entry entry, best = { .data = NULL };
	struct ecli_machine machine;
	int best_fit = 0, r;

	ecli_machine_read(&machine);
	while ((r = ecli_tar_next(&tar, err, &entry)) > 0) {
		int fit = ecli_machine_fit(&machine, entry.path);

		if (fit > best_fit) {
			best_fit = fit;
			best = entry;
		}
	}
	if (r)
		return ecli_err_wrap(err, r, "meta.%s", key);
	if (!best_fit)
		return ecli_err_set(err, -ENOENT, "the package brings types for %zu kernels, but not for %s of %s",
				    tar.entries, machine.release, machine.arch);
	char *name = strdup(best.path);
	ecli_buf_add(ret_btf, best.data, best.size);
	if (!name || ecli_buf_failed(ret_btf)) {
		free(name);
		return ecli_json_no_memory(err);
	}
	*ret_name = name;
	return 0;
}

int ecli_package_btf_find(const struct ecli_package *package, struct ecli_err *err, struct ecli_buf *ret_btf,
			  char **ret_name)
{
	const char *text = ecli_package_extra(&package->extras, key);
	CLEANUP_BUF struct ecli_buf archive = { 0 };

	if (package->kernel_btf) {
		char *name = strdup(package->kernel_btf_name);

		ecli_buf_add(ret_btf, package->kernel_btf, package->kernel_btf_size);
		if (!name || ecli_buf_failed(ret_btf)) {
			free(name);
			return ecli_json_no_memory(err);
		}
		*ret_name = name;
		return 0;
	}
	if (!text)
		return ecli_err_set(err, -ENOENT, "the package brings no types of a kernel");
	int r = unpack(text, err, &archive);
	return r ? r : choose(&archive, err, ret_btf, ret_name);
}
