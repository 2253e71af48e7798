/* SPDX-License-Identifier: MIT */
/* types/: what a compiler writes is read as it was meant: kinds, sizes, bit-fields, C text, maps, variables of an
 * object. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include <ecli/types.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/file.h"
#include "btf_blob.h"
#include "fixture.h"
#include "types/model.h"

static const char *fixture_path; /* argv[1]: fixture.bpf.c, compiled */

static struct ecli_types *read_object(const char *path)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_types *types = NULL;

	assert_int_equal(ecli_file_read(path, 1 << 24, &buf, &err), 0);
	if (ecli_types_read_object(buf.data, buf.len, &err, &types) < 0)
		fail_msg("%s", err.text);
	return types;
}

static const struct ecli_type_member *member(const struct ecli_type *type, const char *name)
{
	for (uint32_t i = 0; i < type->n_members; i++)
		if (!strcmp(type->members[i].name, name))
			return &type->members[i];
	fail_msg("%s has no member %s", type->name, name);
	return NULL;
}

static void members_have_kinds_and_places(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = read_object(fixture_path);
	const struct ecli_type *all = ecli_types_find(types, ECLI_TYPE_STRUCT, "all");

	assert_non_null(all);
	assert_true(all->size_bytes == sizeof(struct all));
#define AT(name, kind_, signed_)                                                                                       \
	{                                                                                                              \
#name, ECLI_TYPE_##kind_, offsetof(struct all, name), sizeof(((struct all *)0)->name), signed_         \
	}
	static const struct {
		const char *name;
		enum ecli_type_kind kind;
		size_t offset, size;
		bool is_signed;
	} want[] = {
		AT(u8_, INT, false),        AT(u64_, INT, false),     AT(s8, INT, true),
		AT(s64, INT, true),         AT(u128, INT, false),     AT(s128, INT, true),
		AT(yes, BOOL, false),       AT(no, BOOL, false),      AT(c, CHAR, true),
		AT(uc, INT, false),         AT(f, FLOAT, false),      AT(d, FLOAT, false),
		AT(color, ENUM, false),     AT(level, ENUM, true),    AT(wide, ENUM, false),
		AT(deep, ENUM, true),       AT(tiny, ENUM, false),    AT(pointer, POINTER, false),
		AT(text, POINTER, false),   AT(line, ARRAY, false),   AT(name, ARRAY, false),
		AT(tiles, ARRAY, false),    AT(number, UNION, false), AT(nested, STRUCT, false),
		AT(nothing, STRUCT, false),
	};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct ecli_type_member *m = member(all, want[i].name);
		const struct ecli_type *type = ecli_types_resolve(types, m->type_id);

		assert_int_equal(type->kind, want[i].kind);
		assert_int_equal(m->offset_bits, want[i].offset * 8);
		assert_int_equal(type->size_bytes, want[i].size);
		assert_int_equal(type->is_signed, want[i].is_signed);
		assert_int_equal(m->bits, 0);
	}
	assert_int_equal(ecli_types_get(types, member(all, "rest")->type_id)->size_bytes, 0);

	const struct ecli_type *bits = ecli_types_find(types, ECLI_TYPE_STRUCT, "bits");
	assert_int_equal(member(bits, "b")->bits, 17);
	assert_int_equal(member(bits, "b")->offset_bits, 3);
	assert_null(ecli_types_find(types, ECLI_TYPE_UNION, "bits"));
	assert_null(ecli_types_get(types, ecli_types_count(types)));
	assert_null(ecli_types_resolve(types, UINT32_MAX));
}

static void enums_have_values_of_their_sign(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = read_object(fixture_path);
	static const struct {
		const char *name, *value_name;
		int64_t value;
	} want[] = {
		{ "color", "BLUE", 1 << 20 },         { "level", "LOW", -3 },
		{ "wide", "FARTHEST", -1 },           { "wide", "FAR", 0x123456789abc },
		{ "deep", "BELOW", -0x123456789abc }, { "tiny", "LAST", 255 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct ecli_type *type = ecli_types_find(types, ECLI_TYPE_ENUM, want[i].name);
		bool is_found = false;

		assert_non_null(type);
		for (uint32_t v = 0; v < type->n_values; v++)
			if (!strcmp(type->values[v].name, want[i].value_name)) {
				assert_true(type->values[v].value == want[i].value);
				is_found = true;
			}
		assert_true(is_found);
	}
}

static void types_are_written_as_c(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = read_object(fixture_path);
	static const struct {
		const char *owner, *member, *text;
	} want[] = {
		{ "declarators", "a", "char *[4]" },
		{ "declarators", "b", "char (*)[4]" },
		{ "declarators", "c", "const char *const *" },
		{ "declarators", "d", "char *const *volatile" },
		{ "declarators", "e", "int (*)()" },
		{ "declarators", "f", "int (*[3])()" },
		{ "declarators", "g", "struct event *" },
		{ "declarators", "h", "union number (*)[2][3]" },
		{ "declarators", "i", "const volatile u32" },
		{ "declarators", "j", "struct unknown *" },
		{ "declarators", "k", "union unseen *" },
		{ "declarators", "l", "void **" },
		{ "declarators", "m", "const void *" },
		{ "declarators", "n", "int (*(*)())[5]" },
		{ "declarators", "o", "enum level *" },
		{ "declarators", "p", "long double *" },
		{ "event", "task", "char[16]" },
		{ "event", "delta_us", "u64" },
		{ "all", "grid", "int[2][3]" },
		{ "all", "name", "const volatile name_t" },
		{ "all", "u128", "unsigned __int128" },
		{ "all", "s64", "long long" },
		{ "all", "nested", "struct {...}" },
		{ "all", "rest", "char[0]" },
		{ "all", "yes", "_Bool" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CLEANUP_BUF struct ecli_buf buf = { 0 };
		const struct ecli_type *owner = ecli_types_find(types, ECLI_TYPE_STRUCT, want[i].owner);

		ecli_type_format(types, member(owner, want[i].member)->type_id, &buf);
		assert_string_equal(ecli_buf_text(&buf), want[i].text);
	}
}

static void maps_are_decoded(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = read_object(fixture_path);
	struct ecli_type_map map;

	assert_int_equal(ecli_types_map_count(types), 3);
	assert_true(ecli_types_map(types, 0, &map));
	assert_string_equal(map.name, "events");
	assert_int_equal(map.map_type, 27);
	assert_int_equal(map.max_entries, 1 << 24);
	assert_string_equal(ecli_types_get(types, map.value_type_id)->name, "event");
	assert_int_equal(map.value_size, sizeof(struct event));
	assert_int_equal(map.key_type_id, 0);
	assert_int_equal(map.key_size, 0);
	assert_true(ecli_types_map(types, 1, &map));
	assert_string_equal(ecli_types_get(types, map.key_type_id)->name, "u32");
	assert_int_equal(map.key_size, 4);
	assert_true(ecli_types_map(types, 2, &map));
	assert_int_equal(map.key_size, 4);
	assert_int_equal(map.value_size, 8);
	assert_int_equal(map.value_type_id, 0);
	assert_false(ecli_types_map(types, 3, &map));
}

/* The object as libbpf's linker writes it: there, sections and offsets come from the linker and not from us. */
static struct ecli_types *read_linked(const char *path)
{
	char linked[] = "/tmp/ecli-types-XXXXXX";
	int fd = mkstemp(linked);

	assert_true(fd >= 0);
	close(fd);
	struct bpf_linker *linker = bpf_linker__new(linked, NULL);
	assert_non_null(linker);
	assert_int_equal(bpf_linker__add_file(linker, path, NULL), 0);
	assert_int_equal(bpf_linker__finalize(linker), 0);
	bpf_linker__free(linker);
	struct ecli_types *types = read_object(linked);
	unlink(linked);
	return types;
}

static void variables_lie_where_a_linker_puts_them(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = read_object(fixture_path);
	CLEANUP(cleanup_types) struct ecli_types *linked = read_linked(fixture_path);
	static const char *const sections[] = { ".rodata", ".data", ".bss", ".maps", "license", ".kconfig", ".ksyms" };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct ecli_type *got = ecli_types_find(types, ECLI_TYPE_SECTION, sections[i]);
		const struct ecli_type *want = ecli_types_find(linked, ECLI_TYPE_SECTION, sections[i]);

		assert_non_null(got);
		assert_int_equal(got->n_members, want->n_members);
		/* The linker gives .kconfig a size; it has no bytes in the file. */
		if (strcmp(sections[i], ".kconfig"))
			assert_int_equal(got->size_bytes, want->size_bytes);
		for (uint32_t m = 0; m < got->n_members; m++) {
			const struct ecli_type_member *a = &got->members[m], *b = member(want, a->name);

			assert_int_equal(a->offset_bits, b->offset_bits);
			assert_int_equal(a->size_bytes, b->size_bytes);
			assert_int_equal(a->is_static, b->is_static);
		}
	}
	const struct ecli_type *rodata = ecli_types_find(types, ECLI_TYPE_SECTION, ".rodata");
	assert_true(member(rodata, "hidden")->is_static);
	assert_false(member(rodata, "first")->is_static);
	assert_true(member(rodata, "min_us")->offset_bits > 0);
}

static struct ecli_types *read_blob(struct blob *blob)
{
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	size_t size;
	CLEANUP_FREE unsigned char *bytes = blob_take(blob, &size);

	if (ecli_types_read(bytes, size, &err, &types) < 0)
		fail_msg("%s", err.text);
	return types;
}

static void char_is_told_by_name(void **state)
{
	(void)state;
	struct blob blob = { 0 };
	uint32_t signed_char = BTF_INT_SIGNED << 24 | 8, char_char = BTF_INT_CHAR << 24 | 8;

	blob_add(&blob, "char", BTF_KIND_INT, 0, 1, signed_char);        /* clang */
	blob_add(&blob, "signed char", BTF_KIND_INT, 0, 1, char_char);   /* gcc */
	blob_add(&blob, "unsigned char", BTF_KIND_INT, 0, 1, char_char); /* gcc */
	blob_add(&blob, "letter", BTF_KIND_INT, 0, 1, char_char);
	blob_add(&blob, "char", BTF_KIND_INT, 0, 2, signed_char);
	CLEANUP(cleanup_types) struct ecli_types *types = read_blob(&blob);
	static const enum ecli_type_kind want[] = { ECLI_TYPE_VOID, ECLI_TYPE_CHAR, ECLI_TYPE_INT,
						    ECLI_TYPE_INT,  ECLI_TYPE_CHAR, ECLI_TYPE_INT };
	for (uint32_t id = 0; id < ARRAY_SIZE(want); id++)
		assert_int_equal(ecli_types_get(types, id)->kind, want[id]);
}

static void older_bit_fields_come_in_the_newer_form(void **state)
{
	(void)state;
	struct blob blob = { 0 };

	blob_add(&blob, "narrow", BTF_KIND_INT, 0, 4, 2 << 16 | 5); /* bits 2 to 6 of 4 bytes */
	blob_int(&blob, "int", 4);
	blob_add(&blob, "s", BTF_KIND_STRUCT, 3, 12, 0, 1, 8, 0, 2, 64, 0, 2, 33);
	CLEANUP(cleanup_types) struct ecli_types *types = read_blob(&blob);
	const struct ecli_type *type = ecli_types_get(types, 3);

	assert_int_equal(type->members[0].offset_bits, 10);
	assert_int_equal(type->members[0].bits, 5);
	assert_int_equal(type->members[1].offset_bits, 64);
	assert_int_equal(type->members[1].bits, 0);
	assert_int_equal(type->members[2].offset_bits, 33);
	assert_int_equal(type->members[2].bits, 32);
}

/* A legal chain as long as a kernel takes: nothing recurses, nothing is quadratic. */
static void long_chains_are_fine(void **state)
{
	(void)state;
	struct blob blob = { 0 };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	uint32_t n = 200000;

	for (uint32_t id = 1; id < n; id++)
		blob_typedef(&blob, "", id + 1);
	blob_int(&blob, "int", 4);
	for (uint32_t id = n + 1; id < 2 * n; id++)
		blob_pointer(&blob, id - 1);
	CLEANUP(cleanup_types) struct ecli_types *types = read_blob(&blob);
	assert_int_equal(ecli_types_resolve(types, 1)->id, n);
	ecli_type_format(types, 2 * n - 1, &text);
	assert_memory_equal(ecli_buf_text(&text), "... **", 6);
}

/* Of the compiled object too: which variables its code reads. */
static void what_code_refers_to(void **state)
{
	(void)state;
	static const struct {
		const char *section, *name;
		bool is_referred;
	} cases[] = {
		{ ".rodata", "first", true }, { ".rodata", "hidden", true }, { ".bss", "counter", true },
		{ ".bss", "seen", true },     { ".data", "data", true },     { "license", "LICENSE", false },
		{ ".maps", "start", false },  { ".rodata", "no", true },     { ".none", "first", true },
	};
	CLEANUP_BUF struct ecli_buf object = { 0 };
	struct ecli_elf elf;

	assert_int_equal(ecli_file_read(fixture_path, 1 << 24, &object, NULL), 0);
	assert_int_equal(ecli_elf_open(&elf, object.data, object.len, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (ecli_elf_refers(&elf, cases[i].section, cases[i].name) != cases[i].is_referred)
			fail_msg("%s", cases[i].name);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest with_object[] = {
		cmocka_unit_test(members_have_kinds_and_places),
		cmocka_unit_test(enums_have_values_of_their_sign),
		cmocka_unit_test(types_are_written_as_c),
		cmocka_unit_test(maps_are_decoded),
		cmocka_unit_test(variables_lie_where_a_linker_puts_them),
		cmocka_unit_test(char_is_told_by_name),
		cmocka_unit_test(older_bit_fields_come_in_the_newer_form),
		cmocka_unit_test(long_chains_are_fine),
		cmocka_unit_test(what_code_refers_to),
	};

	if (argc < 2) {
		fprintf(stderr, "usage: types_test fixture.bpf.o\n");
		return 2;
	}
	fixture_path = argv[1];
	return cmocka_run_group_tests(with_object, NULL, NULL);
}
