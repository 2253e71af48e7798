/* SPDX-License-Identifier: MIT */
/*
 * plan/ against libbpf's own dump of the same bytes (btf_dump__dump_type_data): the fixture's structs, and structs made
 * up at random, each with random bytes. Values are compared, not layout; oracle.h makes both, read_dump.h compares.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <ecli/plan.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "base/file.h"
#define HAS_TAME_RECORDS 1
#include "oracle.h"

static const char *fixture_path;
static uint64_t seed = 42;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void compiled_structs_agree(void **state)
{
	(void)state;
	static const char *const names[] = { "event", "bits", "all", "point" };
	CLEANUP_BUF struct ecli_buf object = { 0 };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_file_read(fixture_path, 1 << 24, &object, &err), 0);
	assert_int_equal(ecli_types_read_object(object.data, object.len, &err, &types), 0);
	struct btf *btf = btf__parse_elf(fixture_path, NULL);
	struct btf_dump *dump = btf_dump__new(btf, print_to_buf, &text, NULL);
	assert_non_null(dump);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct ecli_type *type = ecli_types_find(types, ECLI_TYPE_STRUCT, names[i]);

		assert_true(compare(dump, &text, types, type->id, 300) > 300);
	}
	btf_dump__free(dump);
	btf__free(btf);
}

static void random_structs_agree(void **state)
{
	(void)state;
	size_t leaves = 0;

	for (int round = 0; round < 150; round++) {
		struct made made = { .btf = btf__new_empty(), .is_packed = round % 2 };
		CLEANUP_BUF struct ecli_buf text = { 0 };
		CLEANUP(cleanup_types) struct ecli_types *types = NULL;
		struct ecli_err err = { 0 };
		uint32_t size;

		make_types(&made, 6);
		const void *bytes = btf__raw_data(made.btf, &size);
		if (ecli_types_read(bytes, size, &err, &types) < 0)
			fail_msg("%s", err.text);
		struct btf_dump *dump = btf_dump__new(made.btf, print_to_buf, &text, NULL);
		for (uint32_t i = 0; i < made.count; i++)
			if (ecli_types_get(types, (uint32_t)made.ids[i])->n_members)
				leaves += compare(dump, &text, types, (uint32_t)made.ids[i], 5);
		btf_dump__free(dump);
		btf__free(made.btf);
	}
	assert_true(leaves > 10000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_structs_agree),
		cmocka_unit_test(random_structs_agree),
	};

	if (argc < 2) {
		fprintf(stderr, "usage: plan_oracle_test fixture.bpf.o\n");
		return 2;
	}
	fixture_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
