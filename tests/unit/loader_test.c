/* SPDX-License-Identifier: MIT */
/*
 * load/prune.c and the half of load/loader.c that needs no kernel, on the object of tests/fuzz/corpus/loader: what goes is
 * gone, what stays is whole, and what a loader program cannot do is said.
 */
#include "unit.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/file.h"
#include "load/loader.h"
#include "load/prune.h"
#include "load/tables.h"

static const char *object_path, *table_path;

/* What prune asked for, and what it is to keep: names with a blank after each. */
struct names {
	char asked[256];
	const char *kept;
};

static bool keep(void *ctx, const char *name, const char *section)
{
	struct names *names = ctx;
	char word[64];

	snprintf(word, sizeof(word), "%s:%s ", name, section);
	strncat(names->asked, word, sizeof(names->asked) - strlen(names->asked) - 1);
	snprintf(word, sizeof(word), "%s ", name);
	return strstr(names->kept, word);
}

static void read_object(struct ecli_buf *object)
{
	struct ecli_err err = { 0 };

	if (ecli_file_read(object_path, 1 << 20, object, &err))
		fail_msg("%s", err.text);
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Opens what is left when only @kept stays. */
static struct bpf_object *open_pruned(struct ecli_buf *bytes, const char *kept)
{
	struct names names = { .kept = kept };

	libbpf_set_print(silent);
	read_object(bytes);
	assert_true(ecli_prune((unsigned char *)bytes->data, bytes->len, keep, &names, NULL) >= 0);
	struct bpf_object *object = bpf_object__open_mem(bytes->data, bytes->len, NULL);
	assert_non_null(object);
	struct bpf_map *events = bpf_object__find_map_by_name(object, "events");
	bpf_map__set_key_size(events, 0);
	bpf_map__set_value_size(events, 0);
	return object;
}

static void programs_go_and_functions_stay(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct names names = { .kept = "one three " };
	struct bpf_program *prog;
	char left[64] = "";

	read_object(&bytes);
	assert_int_equal(ecli_prune((unsigned char *)bytes.data, bytes.len, keep, &names, NULL), 2);
	assert_non_null(strstr(names.asked, "one:raw_tp/x "));
	assert_non_null(strstr(names.asked, "two:raw_tp/x "));
	assert_non_null(strstr(names.asked, "three:tp_btf/y "));
	assert_non_null(strstr(names.asked, "four:?tp/s/z "));
	assert_null(strstr(names.asked, "add:"));

	libbpf_set_print(silent);
	struct bpf_object *object = bpf_object__open_mem(bytes.data, bytes.len, NULL);
	assert_non_null(object);
	bpf_object__for_each_program(prog, object) {
		strcat(left, bpf_program__name(prog));
		strcat(left, " ");
	}
	assert_string_equal(left, "one three ");
	bpf_object__close(object);
}

static void keeping_all_changes_nothing(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct names names = { .kept = "one two three four " };

	read_object(&bytes);
	CLEANUP_FREE char *before = malloc(bytes.len);
	memcpy(before, bytes.data, bytes.len);
	assert_int_equal(ecli_prune((unsigned char *)bytes.data, bytes.len, keep, &names, NULL), 0);
	assert_memory_equal(before, bytes.data, bytes.len);
}

/* Each prefix in memory of its own, so that a sanitizer or valgrind sees every byte beyond. */
static void damaged_objects_are_refused_or_left(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct ecli_err err = { 0 };

	read_object(&bytes);
	for (size_t size = 0; size < bytes.len; size += size < 256 ? 1 : 97) {
		CLEANUP_FREE unsigned char *part = malloc(size ? size : 1);
		struct names names = { .kept = "" };

		memcpy(part, bytes.data, size);
		assert_int_equal(ecli_prune(part, size, keep, &names, &err), -EINVAL);
	}
	/* A table of symbols that says it is longer than the file. */
	Elf64_Ehdr *head = (Elf64_Ehdr *)bytes.data;
	Elf64_Shdr *sections = (Elf64_Shdr *)(bytes.data + head->e_shoff);
	for (int i = 0; i < head->e_shnum; i++)
		if (sections[i].sh_type == SHT_SYMTAB)
			sections[i].sh_size = UINT64_MAX - sections[i].sh_offset;
	struct names names = { .kept = "" };
	assert_int_equal(ecli_prune((unsigned char *)bytes.data, bytes.len, keep, &names, &err), -EINVAL);
}

/* A hostile table of symbols that lies over the section headers: writing to it changes them. */
static void tables_may_overlap(void **state)
{
	(void)state;

	for (size_t shift = 0; shift < 64; shift++) {
		CLEANUP_BUF struct ecli_buf bytes = { 0 };
		struct names names = { .kept = "" };

		read_object(&bytes);
		Elf64_Ehdr *head = (Elf64_Ehdr *)bytes.data;
		Elf64_Shdr *sections = (Elf64_Shdr *)(bytes.data + head->e_shoff);
		CLEANUP_FREE unsigned char *copy = malloc(bytes.len);
		for (int i = 0; i < head->e_shnum; i++)
			if (sections[i].sh_type == SHT_SYMTAB) {
				sections[i].sh_offset = head->e_shoff + shift;
				sections[i].sh_size = bytes.len - head->e_shoff - shift;
			}
		memcpy(copy, bytes.data, bytes.len);
		assert_true(ecli_prune(copy, bytes.len, keep, &names, NULL) >= -EINVAL);
	}
}

static void a_program_is_made_of_the_rest(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct ecli_loader_program program = { 0 };
	struct bpf_object *object = open_pruned(&bytes, "one three ");
	const char *why = NULL;

	bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "b"), false);
	assert_true(ecli_loader_fits(object, (unsigned char *)bytes.data, bytes.len, &why));
	assert_int_equal(ecli_loader_make(object, &why, &program), 0);
	assert_true(program.code_size && program.data_size);

	struct bpf_map *map;
	size_t i = 0;
	bpf_object__for_each_map(map, object)
		assert_int_equal(program.unmade[i++], !strcmp(bpf_map__name(map), "b"));

	/* The kernel wants no types for the records of a ring buffer; for other maps they stay. */
	unsigned int rings = 0, typed = 0;
	for (size_t at = 0; at + 128 <= program.data_size; at += 8) {
		union bpf_attr attr;

		memcpy(&attr, (const char *)program.data + at, 128);
		if (attr.map_type == BPF_MAP_TYPE_RINGBUF && !strcmp(attr.map_name, "events")) {
			rings++;
			assert_int_equal(attr.btf_value_type_id, 0);
			assert_int_equal(attr.max_entries, 4096);
		}
		typed += attr.map_type == BPF_MAP_TYPE_HASH && !strcmp(attr.map_name, "a") && attr.btf_value_type_id;
	}
	assert_int_equal(rings, 1);
	assert_int_equal(typed, 1);
	bpf_object__close(object);
}

static void what_cannot_be_is_said(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct ecli_loader_program program = { 0 };
	const char *why = NULL;

	struct bpf_object *object = open_pruned(&bytes, "one two three ");
	bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "b"), false);
	assert_true(ecli_loader_fits(object, (unsigned char *)bytes.data, bytes.len, &why));
	assert_int_equal(ecli_loader_make(object, &why, &program), -ENOTSUP);
	assert_string_equal(why, "a program refers to a map that stays out");
	bpf_object__close(object);
	ecli_buf_clear(&bytes);

	/* "?tp/s/z" stays out by itself. */
	object = open_pruned(&bytes, "one four ");
	assert_false(ecli_loader_fits(object, (unsigned char *)bytes.data, bytes.len, &why));
	assert_string_equal(why, "a program stays out");
	bpf_object__close(object);
	ecli_buf_clear(&bytes);

	/* An undefined symbol that may be missing. */
	object = open_pruned(&bytes, "one ");
	struct ecli_elf elf;
	struct ecli_elf_section table;
	assert_int_equal(ecli_elf_open(&elf, bytes.data, bytes.len, NULL), 0);
	assert_true(ecli_elf_section(&elf, elf.symbols_index, &table));
	Elf64_Sym *last = (Elf64_Sym *)(bytes.data + (table.data - elf.data)) + table.size / sizeof(Elf64_Sym) - 1;
	last->st_shndx = SHN_UNDEF;
	last->st_info = ELF64_ST_INFO(STB_WEAK, STT_NOTYPE);
	assert_false(ecli_loader_fits(object, (unsigned char *)bytes.data, bytes.len, &why));
	assert_string_equal(why, "it asks what the kernel has (__weak)");
	bpf_object__close(object);
}

/* libbpf 1.1 sees the table of .struct_ops.link under the name that it knows, and only that changed; a newer one needs no help. */
static void tables_of_a_link_are_found(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct ecli_elf elf;
	struct ecli_elf_section section;
	struct ecli_err err = { 0 };
	size_t changed = 0;

	object_path = table_path;
	read_object(&bytes);
	CLEANUP_FREE char *before = malloc(bytes.len);
	memcpy(before, bytes.data, bytes.len);
	if (ecli_tables_are_new(bytes.data, bytes.len)) {
		assert_int_equal(ecli_tables_rename((unsigned char *)bytes.data, bytes.len, &err), 0);
		for (size_t i = 0; i < bytes.len; i++)
			changed += bytes.data[i] != before[i];
		assert_true(changed >= 2 &&
			    changed <= 3); /* the names of two sections, shared or not, and of the types */
		assert_int_equal(ecli_elf_open(&elf, bytes.data, bytes.len, &err), 0);
		assert_true(ecli_elf_find_section(&elf, ".struct_ops", &section));
		assert_true(ecli_elf_find_section(&elf, ".rel.struct_ops", &section));
		assert_false(ecli_tables_are_new(bytes.data, bytes.len));
		/* With the short name already there, it would be there twice. */
		assert_int_equal(ecli_tables_rename((unsigned char *)bytes.data, bytes.len, &err), -EINVAL);
		assert_non_null(strstr(err.text, "put them all into one"));
	}
	libbpf_set_print(silent);
	struct bpf_object *object = bpf_object__open_mem(bytes.data, bytes.len, NULL);
	assert_non_null(object);
	struct bpf_map *table = bpf_object__find_map_by_name(object, "ecli_cc");
	assert_non_null(table);
	assert_int_equal(bpf_map__type(table), BPF_MAP_TYPE_STRUCT_OPS);
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_go_and_functions_stay),      cmocka_unit_test(keeping_all_changes_nothing),
		cmocka_unit_test(damaged_objects_are_refused_or_left), cmocka_unit_test(tables_may_overlap),
		cmocka_unit_test(a_program_is_made_of_the_rest),       cmocka_unit_test(what_cannot_be_is_said),
		cmocka_unit_test(tables_of_a_link_are_found),
	};

	object_path = argc > 1 ? argv[1] : "";
	table_path = argc > 2 ? argv[2] : "";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
