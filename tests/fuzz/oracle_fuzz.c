/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for the plan with libbpf as its judge: the input chooses structs, unions, arrays and bit-fields, and the
 * bytes of records; plan/ and btf_dump__dump_type_data() must read the same values. The types are always sound, because
 * libbpf does not promise to survive others: hostile ones are btf_fuzz's.
 *
 *     input = a byte a choice, then zeros for ever
 */
#include <stdbool.h>
#include <string.h>

#include "plain.h"

#define assert_true(what)            CHECK(what)
#define assert_int_equal(one, other) CHECK((uint64_t)(one) == (uint64_t)(other))
#define fail_msg(...)                                                                                                  \
	do {                                                                                                           \
		fprintf(stderr, __VA_ARGS__);                                                                          \
		fputc('\n', stderr);                                                                                   \
		abort();                                                                                               \
	} while (0)

#define HAS_TAME_RECORDS 0
#include "unit/oracle.h"

static const uint8_t *choices;
static size_t n_choices;

static uint32_t random_below(uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t limit = 1; n_choices && limit < n; limit *= 256) {
		value = value * 256 + *choices++;
		n_choices--;
	}
	return value % n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made made = { .btf = btf__new_empty() };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	uint32_t btf_size;

	choices = data;
	n_choices = size;
	made.is_packed = random_below(2);
	make_types(&made, 1 + (int)random_below(4));
	const void *bytes = btf__raw_data(made.btf, &btf_size);
	if (ecli_types_read(bytes, btf_size, &err, &types) < 0)
		fail_msg("%s", err.text);
	struct btf_dump *dump = btf_dump__new(made.btf, print_to_buf, &text, NULL);
	for (uint32_t i = 0; i < made.count; i++)
		if (ecli_types_get(types, (uint32_t)made.ids[i])->n_members)
			compare(dump, &text, types, (uint32_t)made.ids[i], 2);
	btf_dump__free(dump);
	btf__free(made.btf);
	ecli_types_free(types);
	return 0;
}
