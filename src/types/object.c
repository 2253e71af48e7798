/* SPDX-License-Identifier: MIT */
/*
 * The type information of an ELF object in memory: finds the section .BTF, and does what a linker does later to it.
 *
 * clang writes sections of variables with size 0 and puts every global variable at offset 0; the true numbers are in
 * the section headers and the symbol table. A linked object (bpftool gen object, ecc) has them filled in and is left as
 * it is. Relocations are not looked at; they say the same as the symbols. Map definitions that would end libbpf are refused.
 *
 * Where sections and symbols are is base/elf's job; here are only their names and numbers.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/elf.h"
#include "types/model.h"

/* A global variable whose offset only the symbol table knows. */
struct place {
	struct ecli_type_member *member;
	uint32_t section; /* in the ELF object */
	bool is_found;
};

static int compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->member->name, ((const struct place *)b)->member->name);
}

/* Sizes of sections that have none yet, and the global variables in them, sorted by name. */
static int collect_places(const struct ecli_elf *elf, struct ecli_types *types, struct place *places, size_t *ret_n,
			  struct ecli_err *err)
{
	uint32_t n_sections = 0;
	size_t n = 0;

	for (uint32_t id = 1; id < types->count; id++) {
		struct ecli_type *type = &types->types[id];
		struct ecli_elf_section section;

		if (type->kind != ECLI_TYPE_SECTION || type->size_bytes || !type->n_members)
			continue;
		if (++n_sections > elf->n_sections)
			return ecli_err_set(
				err, -EINVAL,
				"the object is damaged: its type information tells of more sections than it "
				"has; build it again");
		if (!ecli_elf_find_section(elf, type->name, &section))
			continue; /* .ksyms, .kconfig: filled in by the loader, absent from the file */
		type->size_bytes = section.size;
		for (uint32_t i = 0; i < type->n_members; i++) {
			struct ecli_type_member *member = &types->members[type->members - types->members + i];

			if (!member->is_static)
				places[n++] = (struct place){ .member = member, .section = section.index };
		}
		int r = types_check_section(types, type, err);
		if (r < 0)
			return r;
	}
	if (n)
		qsort(places, n, sizeof(*places), compare_places);
	*ret_n = n;
	return 0;
}

/* One walk over all symbols, giving each waiting variable its offset. */
static void place_by_symbols(const struct ecli_elf *elf, struct place *places, size_t n)
{
	for (uint64_t i = 0; i < ecli_elf_symbol_count(elf); i++) {
		struct ecli_elf_symbol symbol;

		if (!ecli_elf_symbol(elf, i, &symbol) || symbol.bind == STB_LOCAL)
			continue;

		struct ecli_type_member key_member = { .name = symbol.name };
		struct place key = { .member = &key_member };
		struct place *place = bsearch(&key, places, n, sizeof(*places), compare_places);
		if (!place || place->section != symbol.section || symbol.value > UINT32_MAX)
			continue;
		place->member->offset_bits = symbol.value * 8;
		place->is_found = true;
	}
}

static int place_variables(const struct ecli_elf *elf, struct ecli_types *types, struct ecli_err *err)
{
	CLEANUP_FREE struct place *places = NULL;
	size_t n = 0, max = 1;

	for (uint32_t id = 1; id < types->count; id++)
		if (types->types[id].kind == ECLI_TYPE_SECTION && !types->types[id].size_bytes)
			max += types->types[id].n_members;
	places = calloc(max, sizeof(*places));
	if (!places)
		return ecli_err_set(err, -ENOMEM, "out of memory while reading type information");
	int r = collect_places(elf, types, places, &n, err);
	if (r < 0 || n == 0)
		return r;

	place_by_symbols(elf, places, n);
	for (size_t i = 0; i < n; i++)
		if (!places[i].is_found)
			return ecli_err_set(
				err, -EINVAL,
				"the object does not say where the variable %.64s is; build it again, and strip "
				"with -g only",
				places[i].member->name);
	for (uint32_t id = 1; id < types->count; id++)
		if (types->types[id].kind == ECLI_TYPE_SECTION && types->types[id].size_bytes) {
			r = types_check_section(types, &types->types[id], err);
			if (r < 0)
				return r;
		}
	return 0;
}

/* A struct_ops map is made of a variable in ".struct_ops"; of one in ".maps" libbpf 1.1 follows a pointer that it never set. */
static int check_maps(const struct ecli_types *types, struct ecli_err *err)
{
	struct ecli_type_map map;

	for (uint32_t i = 0; i < ecli_types_map_count(types); i++)
		if (ecli_types_map(types, i, &map) && map.map_type == BPF_MAP_TYPE_STRUCT_OPS)
			return ecli_err_set(
				err, -EINVAL,
				"map %.60s cannot be of type struct_ops in SEC(\".maps\"): the kernel takes "
				"such a table from a variable in SEC(\".struct_ops\")",
				map.name);
	return 0;
}

int ecli_types_read_object(const void *elf_bytes, size_t size_bytes, struct ecli_err *err,
			   struct ecli_types **ret_types)
{
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	struct ecli_elf_section section;
	struct ecli_elf elf;
	int r = ecli_elf_open(&elf, elf_bytes, size_bytes, err);

	if (r < 0)
		return r;
	if (!ecli_elf_find_section(&elf, ".BTF", &section) || section.type != SHT_PROGBITS)
		return ecli_err_set(err, -ENOENT, "the object has no type information (BTF); compile it with -g");
	r = ecli_types_read(section.data, section.size, err, &types);
	if (r == 0)
		r = place_variables(&elf, types, err);
	if (r == 0)
		r = check_maps(types, err);
	if (r < 0)
		return r;
	*ret_types = TAKE_PTR(types);
	return 0;
}
