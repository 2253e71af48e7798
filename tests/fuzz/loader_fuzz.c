/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for the half of loading that needs no kernel: programs taken out of a hostile object (load/prune.c), settings
 * made, and a loader program generated of the rest by libbpf (load/loader.c), behind the checks that stand before in ecli.
 *
 *     input = an ELF object; its first byte of padding (e_ident[15]) says which programs stay: bit N the Nth of eight
 *
 * Asked: nothing is read or written outside the object, and nothing leaks or crashes.
 * Whether a loader program does what it should is tests/live/load/loader_test.c's question.
 */
#include <elf.h>
#include <string.h>

#include <ecli/types.h>

#include "base/cleanup.h"
#include "load/configure.h"
#include "load/loader.h"
#include "load/prelude.h"
#include "load/prune.h"
#include "load/tables.h"
#include "plain.h"

/* What libbpf makes a thousand times of larger ones only costs time. */
#define MAX_BYTES 65536

/* libbpf 1.1 forgets a few bytes where it refuses some damaged relocations; ecli ends soon after. Ours count. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libbpf.so\nleak:hashmap__new\n"; /* linked as a library, and into the program */
}

struct taken {
	unsigned int mask, asked;
};

static bool keep(void *ctx, const char *name, const char *section)
{
	struct taken *taken = ctx;

	CHECK(name && section && strcmp(section, ".text"));
	return taken->mask >> (taken->asked++ & 7) & 1;
}

static bool keep_all(void *ctx, const char *name, const char *section)
{
	(void)name;
	(void)section;
	++*(unsigned int *)ctx;
	return true;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static void make(struct bpf_object *object, const unsigned char *bytes, size_t size)
{
	static const struct ecli_package package;
	struct ecli_loader_program program = { 0 };
	struct ecli_load_opts opts = { 0 };
	struct ecli_prelude prelude = { .fd = -1 };
	const char *why = NULL;
	struct bpf_map *map;
	size_t i = 0;

	bpf_object__for_each_map(map, object)
		if (i++ % 3 == 1)
			bpf_map__set_autocreate(map, false);
	if (!ecli_configure_maps(object, &package, &opts, NULL) && !ecli_prelude_assign(&prelude, object, 0, NULL) &&
	    ecli_loader_fits(object, bytes, size, &why) && !ecli_loader_make(object, &why, &program))
		CHECK(program.code && program.code_size && program.code_size % 8 == 0 && program.data &&
		      program.data_size);
	ecli_prelude_done(&prelude);
}

/* What ecli asks before anything of an object reaches libbpf: it is one, and its type information is sound. */
static bool passes_checks(const uint8_t *data, size_t size)
{
	struct ecli_package *package = NULL;
	struct ecli_types *types = NULL;
	bool passes = ecli_types_read_object(data, size, NULL, &types) >= 0 &&
		      ecli_package_from_object("fuzz", data, size, NULL, &package) >= 0;

	ecli_types_free(types);
	ecli_package_free(package);
	return passes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken taken = { .mask = size >= EI_NIDENT ? data[EI_NIDENT - 1] : 0 };
	unsigned int left = 0;

	if (size > MAX_BYTES)
		return 0;
	if (!passes_checks(data, size))
		return 0;
	CLEANUP_FREE unsigned char *bytes = malloc(size ? size : 1);
	CHECK(bytes);
	if (size)
		memcpy(bytes, data, size);
	int count = ecli_prune(bytes, size, keep, &taken, NULL);
	if (count < 0)
		return 0;
	/* Tables that overlap may have changed with what was written; then the object is none any more. */
	CHECK(ecli_prune(bytes, size, keep_all, &left, NULL) <= 0);

	if (ecli_tables_are_new(bytes, size))
		ecli_tables_rename(bytes, size, NULL);
	libbpf_set_print(silent);
	struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
	if (object)
		make(object, bytes, size);
	bpf_object__close(object);
	return 0;
}
