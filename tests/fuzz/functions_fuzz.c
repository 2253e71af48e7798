/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for load/attach/: files that a traced process or a package chose.
 *
 *     input = 'E', bytes of an ELF file: its functions by patterns and by names        'C', bytes of the dynamic linker's cache
 *
 * Whatever the bytes, reading ends; offsets are in the file, in order, each once; what is found by a name is among all; texts of the cache end within
 * it and are no longer than paths; the same question has the same answer.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "load/attach/functions.h"
#include "load/attach/ldcache.h"
#include "plain.h"

static bool is_expected(int code)
{
	return code == -ENOEXEC || code == -E2BIG;
}

static size_t ask_pattern(int fd, size_t size, const char *pattern, uint64_t **ret)
{
	size_t count = 0;
	int r = ecli_functions_like(fd, pattern, ret, &count);

	CHECK(!r || (is_expected(r) && !*ret && !count));
	for (size_t i = 0; i < count; i++)
		CHECK((*ret)[i] < size && (!i || (*ret)[i - 1] < (*ret)[i]));
	return count;
}

static void read_elf(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = { "main", "m*n", "[a-z]*", "?", "*\\*", "[!", "*a*b*c*" };
	static const char *const names[] = { "main", "malloc", "f", "f@@V", "x@", "" };
	static int fd = -1; /* to the end: a new one for each input costs more than reading it */
	CLEANUP_FREE uint64_t *all = NULL;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	size_t count = ask_pattern(fd, size, "*", &all);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		CLEANUP_FREE uint64_t *some = NULL;

		CHECK(ask_pattern(fd, size, patterns[i], &some) <= count);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint64_t offset = 0, again = 0;
		size_t k = 0;
		int r = ecli_functions_find(fd, names[i], &offset);

		CHECK(!r || r == -ENOENT || r == -ENOTUNIQ || is_expected(r));
		CHECK(ecli_functions_find(fd, names[i], &again) == r && again == offset);
		while (!r && k < count && all[k] != offset)
			k++;
		CHECK(r || k < count);
	}
	int r = ecli_functions_check(fd);
	CHECK(!r || is_expected(r));
}

static void read_cache(const uint8_t *data, size_t size)
{
	struct ecli_ldcache cache;
	const char *name, *path, *end = (const char *)data + size;
	size_t count = 0;

	ecli_ldcache_open(&cache, data, size);
	for (; ecli_ldcache_next(&cache, &name, &path); count++) {
		CHECK(name >= (const char *)data && name + strlen(name) < end && strlen(name) < PATH_MAX);
		CHECK(path >= (const char *)data && path + strlen(path) < end && strlen(path) < PATH_MAX);
	}
	CHECK(count * 24 <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && *data == 'E')
		read_elf(data + 1, size - 1);
	if (size && *data == 'C')
		read_cache(data + 1, size - 1);
	return 0;
}
