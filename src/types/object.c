/* SPDX-License-Identifier: MIT */
/*
 * The type information of an ELF object in memory: finds the section .BTF, and does what a linker does later to it.
 *
 * clang writes sections of variables with size 0 and puts every global variable at offset 0; the true numbers are in
 * the section headers and the symbol table. A linked object (bpftool gen object, ecc) has them filled in and is left as
 * it is.
 *
 *     file header -> table of section headers -> names of sections, .BTF, symbols -> names of symbols
 *
 * A walk of its own instead of libelf: three tables, each found inside the bytes before it is read. Only what a BPF
 * object is: 64 bits, little-endian, relocatable. Relocations are not looked at; they say the same as the symbols.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "types/model.h"

/* Keeps look-ups of names among sections cheap; objects have tens. */
#define MAX_SECTIONS 8192u

struct elf {
	const uint8_t *bytes;
	uint64_t size;
	uint64_t sections_at;
	uint32_t n_sections;
	Elf64_Shdr names; /* the section with the names of sections */
	struct ecli_err *err;
};

/* A global variable whose offset only the symbol table knows. */
struct place {
	struct ecli_type_member *member;
	uint32_t section; /* in the ELF object */
	bool is_found;
};

/* ---- the three tables ------------------------------------------------------------------------------------------ */

static int damaged(const struct elf *elf, const char *what)
{
	return ecli_err_set(elf->err, -EINVAL, "the object is damaged: %s; build it again", what);
}

/* The @index-th section header; its bytes are known to lie in the file. */
static int read_section(const struct elf *elf, uint32_t index, Elf64_Shdr *ret_section)
{
	Elf64_Shdr section;

	if (index >= elf->n_sections)
		return damaged(elf, "it refers to a section that does not exist");
	memcpy(&section, elf->bytes + elf->sections_at + index * sizeof(section), sizeof(section));
	if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL &&
	    !ecli_num_within(section.sh_offset, section.sh_size, elf->size))
		return damaged(elf, "a section is outside of the file");
	*ret_section = section;
	return 0;
}

/* A text of a string table, or NULL when it is not one or does not end inside it. */
static const char *text_at(const struct elf *elf, const Elf64_Shdr *table, uint64_t offset)
{
	const char *text = (const char *)elf->bytes + table->sh_offset;

	if (table->sh_type != SHT_STRTAB || offset >= table->sh_size || text[table->sh_size - 1])
		return NULL;
	return text + offset;
}

static int find_section(const struct elf *elf, const char *name, uint32_t *ret_index, Elf64_Shdr *ret_section)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		Elf64_Shdr section;
		int r = read_section(elf, i, &section);

		if (r < 0)
			return r;
		const char *text = text_at(elf, &elf->names, section.sh_name);
		if (text && !strcmp(text, name)) {
			*ret_index = i;
			*ret_section = section;
			return 0;
		}
	}
	return -ENOENT;
}

static int open_elf(const void *bytes, size_t size_bytes, struct ecli_err *err, struct elf *ret_elf)
{
	Elf64_Ehdr header;

	if (size_bytes < sizeof(header) || memcmp(bytes, ELFMAG, SELFMAG))
		return ecli_err_set(err, -EINVAL, "this is not an object file (ELF); compile the source with ecc");
	memcpy(&header, bytes, sizeof(header));
	if (header.e_ident[EI_DATA] == ELFDATA2MSB)
		return ecli_err_set(
			err, -ENOTSUP,
			"the object is for big-endian machines; compile it with -target bpfel for this one");
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_BPF || header.e_type != ET_REL)
		return ecli_err_set(err, -EINVAL,
				    "this is not a BPF object but a program for another machine; compile the "
				    "source with ecc, or with clang -target bpf -c");

	struct elf elf = {
		.bytes = bytes,
		.size = size_bytes,
		.sections_at = header.e_shoff,
		.n_sections = header.e_shnum,
		.err = err,
	};
	if (elf.n_sections > MAX_SECTIONS)
		return damaged(&elf, "it has more sections than any tool needs");
	if (header.e_shentsize != sizeof(Elf64_Shdr) ||
	    !ecli_num_within(elf.sections_at, (uint64_t)elf.n_sections * sizeof(Elf64_Shdr), elf.size))
		return damaged(&elf, "its table of sections is cut off");
	int r = read_section(&elf, header.e_shstrndx, &elf.names);
	if (r < 0)
		return r;
	*ret_elf = elf;
	return 0;
}

/* ---- variables where the linker will put them ------------------------------------------------------------------ */

static int compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->member->name, ((const struct place *)b)->member->name);
}

/* Sizes of sections that have none yet, and the global variables in them, sorted by name. */
static int collect_places(const struct elf *elf, struct ecli_types *types, struct place *places, size_t *ret_n)
{
	uint32_t n_sections = 0;
	size_t n = 0;

	for (uint32_t id = 1; id < types->count; id++) {
		struct ecli_type *type = &types->types[id];
		Elf64_Shdr section;
		uint32_t index;

		if (type->kind != ECLI_TYPE_SECTION || type->size_bytes || !type->n_members)
			continue;
		if (++n_sections > elf->n_sections)
			return damaged(elf, "its type information tells of more sections than it has");
		int r = find_section(elf, type->name, &index, &section);
		if (r == -ENOENT)
			continue; /* .ksyms, .kconfig: filled in by the loader, absent from the file */
		if (r < 0)
			return r;
		type->size_bytes = section.sh_size;
		for (uint32_t i = 0; i < type->n_members; i++) {
			struct ecli_type_member *member = &types->members[type->members - types->members + i];

			if (!member->is_static)
				places[n++] = (struct place){ .member = member, .section = index };
		}
		r = types_check_section(types, type, elf->err);
		if (r < 0)
			return r;
	}
	if (n)
		qsort(places, n, sizeof(*places), compare_places);
	*ret_n = n;
	return 0;
}

/* One walk over all symbols, giving each waiting variable its offset. */
static int place_by_symbols(const struct elf *elf, const Elf64_Shdr *symbols, struct place *places, size_t n)
{
	Elf64_Shdr names;
	int r = read_section(elf, symbols->sh_link, &names);

	if (r < 0)
		return r;
	for (uint64_t i = 0; i < symbols->sh_size / sizeof(Elf64_Sym); i++) {
		Elf64_Sym symbol;

		memcpy(&symbol, elf->bytes + symbols->sh_offset + i * sizeof(symbol), sizeof(symbol));
		const char *name = text_at(elf, &names, symbol.st_name);
		if (!name || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL)
			continue;

		struct ecli_type_member key_member = { .name = name };
		struct place key = { .member = &key_member };
		struct place *place = bsearch(&key, places, n, sizeof(*places), compare_places);
		if (!place || place->section != symbol.st_shndx || symbol.st_value > UINT32_MAX)
			continue;
		place->member->offset_bits = symbol.st_value * 8;
		place->is_found = true;
	}
	return 0;
}

static int place_variables(const struct elf *elf, struct ecli_types *types)
{
	CLEANUP_FREE struct place *places = NULL;
	size_t n = 0, max = 1;

	for (uint32_t id = 1; id < types->count; id++)
		if (types->types[id].kind == ECLI_TYPE_SECTION && !types->types[id].size_bytes)
			max += types->types[id].n_members;
	places = calloc(max, sizeof(*places));
	if (!places)
		return ecli_err_set(elf->err, -ENOMEM, "out of memory while reading type information");
	int r = collect_places(elf, types, places, &n);
	if (r < 0 || n == 0)
		return r;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		Elf64_Shdr section;

		r = read_section(elf, i, &section);
		if (r == 0 && section.sh_type == SHT_SYMTAB)
			r = place_by_symbols(elf, &section, places, n);
		if (r < 0)
			return r;
		if (section.sh_type == SHT_SYMTAB)
			break; /* an object has one */
	}
	for (size_t i = 0; i < n; i++)
		if (!places[i].is_found)
			return ecli_err_set(
				elf->err, -EINVAL,
				"the object does not say where the variable %.64s is; build it again, and strip "
				"with -g only",
				places[i].member->name);
	for (uint32_t id = 1; id < types->count; id++)
		if (types->types[id].kind == ECLI_TYPE_SECTION && types->types[id].size_bytes) {
			r = types_check_section(types, &types->types[id], elf->err);
			if (r < 0)
				return r;
		}
	return 0;
}

int ecli_types_read_object(const void *elf_bytes, size_t size_bytes, struct ecli_err *err,
			   struct ecli_types **ret_types)
{
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	Elf64_Shdr section;
	struct elf elf;
	uint32_t index;
	int r = open_elf(elf_bytes, size_bytes, err, &elf);

	if (r < 0)
		return r;
	r = find_section(&elf, ".BTF", &index, &section);
	if (r == -ENOENT || (r == 0 && section.sh_type != SHT_PROGBITS))
		return ecli_err_set(err, -ENOENT, "the object has no type information (BTF); compile it with -g");
	if (r == 0)
		r = ecli_types_read(elf.bytes + section.sh_offset, section.sh_size, err, &types);
	if (r == 0)
		r = place_variables(&elf, types);
	if (r < 0)
		return r;
	*ret_types = TAKE_PTR(types);
	return 0;
}
