/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for load/attach/: files that a traced process or a package chose.
 *
 *     input = 'E', bytes of an ELF file: its functions by patterns and by names, its USDT probes        'C', bytes of the dynamic linker's cache
 *
 * Whatever the bytes, reading ends; offsets are in the file, in order, each once; texts of the cache end within
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
#include "load/attach/usdt_sites.h"
#include "plain.h"

static bool is_expected(int code)
{
	return code == -ENOEXEC || code == -E2BIG;
}

static void check_all(const struct ecli_functions *found, size_t size)
{
	for (size_t i = 0; i < found->count; i++)
		CHECK(found->offsets[i] < size && (!i || found->offsets[i - 1] < found->offsets[i]));
	for (size_t i = 1; i < found->n_resolvers; i++)
		CHECK(found->resolvers[i - 1] < found->resolvers[i]);
}

static size_t ask_pattern(const struct ecli_executable *executable, size_t size, const char *pattern,
			  struct ecli_functions *ret)
{
	int r = ecli_functions_like(executable, pattern, ret);

	CHECK(!r || (is_expected(r) && !ret->offsets && !ret->count));
	check_all(ret, size);
	return ret->count;
}

static int see_site(void *ctx, const struct ecli_usdt_site *site)
{
	struct ecli_usdt_fault fault;
	size_t *sites = ctx;

	ecli_usdt_check_arguments(site->arguments, &fault);
	CHECK(fault.argument <= fault.count && strlen(fault.text) < sizeof(fault.text));
	++*sites;
	return ecli_usdt_is_meant(site, "a:b") && ecli_usdt_is_meant(site, "x") ? -EPROTO : 0;
}

static void read_elf(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = { "main", "m*n", "[a-z]*", "?", "*\\*", "[!", "*a*b*c*" };
	static const char *const names[] = { "main", "malloc", "f", "f@@V", "x@", "versioned@V_1", "" };
	static int fd = -1; /* to the end: a new one for each input costs more than reading it */
	CLEANUP(ecli_executable_close) struct ecli_executable executable;
	CLEANUP(ecli_functions_done) struct ecli_functions all = { 0 };
	CLEANUP_FREE struct ecli_executable_slot *slots = NULL;
	size_t n_slots, sites = 0;
	bool is_go;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	int r = ecli_executable_open(fd, &executable);
	CHECK(!r || is_expected(r));
	if (r)
		return;
	size_t count = ask_pattern(&executable, size, "*", &all);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		CLEANUP(ecli_functions_done) struct ecli_functions some = { 0 };

		CHECK(ask_pattern(&executable, size, patterns[i], &some) <= count);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(ecli_functions_done) struct ecli_functions one = { 0 }, again = { 0 };

		r = ecli_functions_find(&executable, names[i], &one);
		CHECK(!r || r == -ENOENT || is_expected(r));
		CHECK(ecli_functions_find(&executable, names[i], &again) == r && again.count == one.count);
		CHECK(r || one.count || one.n_resolvers);
		check_all(&one, size);
	}
	r = ecli_executable_slots(&executable, &slots, &n_slots);
	CHECK(!r || is_expected(r));
	r = ecli_executable_has_section(&executable, ".text", &is_go);
	CHECK(!r || is_expected(r));
	r = ecli_usdt_each(&executable, see_site, &sites);
	CHECK(!r || is_expected(r));
	r = ecli_executable_check(&executable);
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
