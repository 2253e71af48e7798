/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for package/btfs: archives of many kernels' types within a package.
 *
 *     input = 'A', entries {whose, how many bytes, bytes}, 0, changes {where, where, what}      an archive as ecc makes it, then changed
 *             'J', the text of meta.btf_archive
 *
 * Whatever the bytes, looking for this kernel's types ends in a sentence or in a file of this kernel; in an archive that was not
 * changed it is the first of those that fit best.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "package/machine.h"
#include "package/model.h"
#include "package/tar.h"
#include "plain.h"

enum { BLOCK = 512, SUM_AT = 148, SUM_LEN = 8, MAX_INPUT = 1 << 14 };

/* Looks, and compares with what must be found; NULL: anything may be. */
static void look(const struct ecli_package *package, const struct ecli_buf *want)
{
	CLEANUP_BUF struct ecli_buf btf = { 0 };
	CLEANUP_FREE char *name = NULL;
	struct ecli_machine here;
	struct ecli_err err = { 0 };

	ecli_machine_read(&here);
	int r = ecli_package_btf_find(package, &err, &btf, &name);
	CHECK(!r || ((r == -ENOENT || r == -EINVAL || r == -EFBIG) && *err.text && !name));
	CHECK(r || ecli_machine_fit(&here, name) > 0);
	if (want)
		CHECK(!r && btf.len == want->len &&
		      !memcmp(btf.data ? btf.data : "", want->data ? want->data : "", btf.len));
}

static void make_sums_right(char *data, size_t size)
{
	for (size_t at = 0; size - at >= BLOCK; at += BLOCK) {
		unsigned int sum = 0;

		if (memcmp(data + at + 257, "ustar", 5) != 0)
			continue;
		memset(data + at + SUM_AT, ' ', SUM_LEN);
		for (size_t i = 0; i < BLOCK; i++)
			sum += (unsigned char)data[at + i];
		snprintf(data + at + SUM_AT, SUM_LEN, "%06o", sum);
	}
}

/* Which kernel's: of this machine more or less, or another's. */
static void make_name(const struct ecli_machine *here, unsigned int kind, struct ecli_buf *name)
{
	const char *id = kind % 4 == 1 || kind % 4 == 3 ? here->id : "other";

	ecli_buf_add_format(name, "%s/%s/%s/%s.btf", id, kind % 4 == 3 ? here->version : "0", here->arch,
			    kind % 4 ? here->release : "0.1");
}

static void read_archive(const uint8_t *data, const uint8_t *end, struct ecli_package *package)
{
	CLEANUP_BUF struct ecli_buf tar = { 0 }, best = { 0 };
	struct ecli_machine here;
	int best_fit = 0;
	bool is_changed = false;

	ecli_machine_read(&here);
	while (end - data >= 2 && *data) {
		CLEANUP_BUF struct ecli_buf name = { 0 };
		size_t len = data[1] < end - data - 2 ? data[1] : (size_t)(end - data - 2);

		make_name(&here, *data, &name);
		CHECK(!ecli_tar_add(&tar, ecli_buf_text(&name), data + 2, len));
		int fit = ecli_machine_fit(&here, ecli_buf_text(&name));
		if (fit > best_fit) {
			best_fit = fit;
			ecli_buf_clear(&best);
			ecli_buf_add(&best, data + 2, len);
		}
		data += 2 + len;
	}
	ecli_tar_end(&tar);
	for (data++; end - data >= 3; data += 3) {
		tar.data[(data[0] << 8 | data[1]) % tar.len] ^= (char)data[2];
		is_changed |= data[2];
	}
	if (is_changed)
		make_sums_right(tar.data, tar.len);
	CHECK(!ecli_package_btf_set(package, tar.data, tar.len));
	look(package, best_fit && !is_changed ? &best : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ecli_package package = { 0 };

	if (!size || size > MAX_INPUT)
		return 0;
	if (*data == 'A')
		read_archive(data + 1, data + size, &package);
	if (*data == 'J') {
		CLEANUP_FREE char *text = strndup((const char *)data + 1, size - 1);

		CHECK(text);
		if (!ecli_package_extra_set(&package.extras, "btf_archive", text))
			look(&package, NULL);
	}
	ecli_package_extras_done(&package.extras);
	return 0;
}
