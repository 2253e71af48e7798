/* SPDX-License-Identifier: MIT */
/*
 * Sections and symbols of an ELF object, read in place from untrusted bytes. Every offset is checked against the file
 * before it is followed, names must end inside their string table, and headers are copied out because nothing is
 * aligned.
 *
 *     Ehdr | ... section bytes ... | Shdr[n_sections]        Shdr.name -> names section, Sym.name -> section Shdr.link
 *
 * Deliberately not here: program headers, relocations, 32-bit and big-endian files, more than 65279 sections, writing.
 */
#include "base/elf.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif

#define INSN_BYTES    8
#define OP_CONSTANT64 0x18 /* takes two */

#define MAX_NAME 4096 /* bytes: any number of symbols may share one name, and each of them is read */

/* The text at @offset of a string table of @size bytes at @table, or NULL when it does not end inside it, or soon. */
static const char *text_at(const struct ecli_elf *elf, uint64_t table, uint64_t size, uint64_t offset)
{
	if (offset >= size)
		return NULL;
	const unsigned char *text = elf->data + table + offset;
	uint64_t room = size - offset < MAX_NAME ? size - offset : MAX_NAME;
	return memchr(text, '\0', (size_t)room) ? (const char *)text : NULL;
}

static bool read_header(const struct ecli_elf *elf, uint32_t index, Elf64_Shdr *ret)
{
	if (index >= elf->n_sections)
		return false;

	Elf64_Shdr raw;
	memcpy(&raw, elf->data + elf->table_offset + (uint64_t)index * sizeof(raw), sizeof(raw));
	*ret = (Elf64_Shdr){
		.sh_name = le32toh(raw.sh_name),
		.sh_type = le32toh(raw.sh_type),
		.sh_flags = le64toh(raw.sh_flags),
		.sh_offset = le64toh(raw.sh_offset),
		.sh_size = le64toh(raw.sh_size),
		.sh_link = le32toh(raw.sh_link),
		.sh_info = le32toh(raw.sh_info),
		.sh_entsize = le64toh(raw.sh_entsize),
	};
	return ret->sh_type == SHT_NOBITS || ret->sh_type == SHT_NULL ||
	       ecli_num_within(ret->sh_offset, ret->sh_size, elf->size);
}

static int check_header(const Elf64_Ehdr *head, struct ecli_err *err)
{
	if (head->e_ident[EI_CLASS] != ELFCLASS64)
		return ecli_err_set(err, -EINVAL, "this is not a BPF object: it is an ELF file of 32 bits");
	if (head->e_ident[EI_DATA] != ELFDATA2LSB)
		return ecli_err_set(err, -ENOTSUP,
				    "the object is built for a big-endian machine; compile it with -target bpfel for "
				    "this one");
	/* Objects of early compilers carry no machine at all. */
	uint16_t machine = le16toh(head->e_machine);
	if (machine != EM_BPF && machine != EM_NONE)
		return ecli_err_set(
			err, -EINVAL,
			"this is not a BPF object: it is an ELF file for another machine (number %u); compile "
			"it with -target bpf",
			machine);
	if (le16toh(head->e_type) != ET_REL)
		return ecli_err_set(err, -EINVAL,
				    "this is not a BPF object: it is an ELF file, but not a relocatable one");
	if (le16toh(head->e_shentsize) != sizeof(Elf64_Shdr) || !le16toh(head->e_shnum))
		return ecli_err_set(err, -EINVAL, "this is not a BPF object: it has no table of sections");
	return 0;
}

bool ecli_elf_is(const void *data, size_t size)
{
	return size >= SELFMAG && !memcmp(data, ELFMAG, SELFMAG);
}

/*
 * Two things that libbpf 1.1 takes on trust. It adds a function's place and size and reads what lies there, also when the sum does not fit into 64
 * bits. And it writes addresses into both halves of the long instruction, also when only the first one belongs to the function.
 */
static int check_function(const struct ecli_elf_symbol *symbol, const struct ecli_elf_section *section,
			  struct ecli_err *err)
{
	if (!ecli_num_within(symbol->value, symbol->size, section->size))
		return ecli_err_set(err, -EINVAL, "the object is damaged: function %.60s lies outside its section",
				    symbol->name);
	if (section->data && symbol->size >= INSN_BYTES &&
	    section->data[symbol->value + symbol->size - INSN_BYTES] == OP_CONSTANT64)
		return ecli_err_set(err, -EINVAL, "the object is damaged: function %.60s ends within an instruction",
				    symbol->name);
	return 0;
}

static int check_functions(const struct ecli_elf *elf, struct ecli_err *err)
{
	uint64_t count = ecli_elf_symbol_count(elf);
	int r = 0;

	for (uint64_t i = 0; !r && i < count; i++) {
		struct ecli_elf_section section;
		struct ecli_elf_symbol symbol;

		if (!ecli_elf_symbol(elf, i, &symbol))
			r = ecli_err_set(err, -EINVAL,
					 "the object is damaged: the name of symbol %llu does not end in its table, or "
					 "has more than %u characters",
					 (unsigned long long)i, MAX_NAME - 1);
		else if (symbol.type == STT_FUNC && ecli_elf_section(elf, symbol.section, &section) &&
			 section.flags & SHF_EXECINSTR)
			r = check_function(&symbol, &section, err);
	}
	return r;
}

int ecli_elf_open(struct ecli_elf *elf, const void *data, size_t size, struct ecli_err *err)
{
	Elf64_Ehdr head;

	if (!ecli_elf_is(data, size))
		return ecli_err_set(err, -EINVAL, "this is not a BPF object: it does not begin as an ELF file does");
	if (size < sizeof(head))
		return ecli_err_set(err, -EINVAL,
				    "the object is cut off: %zu bytes are less than the header of an ELF file", size);
	memcpy(&head, data, sizeof(head));
	int r = check_header(&head, err);
	if (r)
		return r;

	struct ecli_elf found = {
		.data = data,
		.size = size,
		.table_offset = le64toh(head.e_shoff),
		.n_sections = le16toh(head.e_shnum),
	};
	uint64_t table_size = (uint64_t)found.n_sections * sizeof(Elf64_Shdr);
	if (!ecli_num_within(found.table_offset, table_size, size))
		return ecli_err_set(
			err, -EINVAL,
			"the object is cut off: its table of sections lies at byte %llu, but the file has %zu bytes",
			(unsigned long long)found.table_offset, size);

	Elf64_Shdr names;
	if (!read_header(&found, le16toh(head.e_shstrndx), &names) || names.sh_type != SHT_STRTAB)
		return ecli_err_set(err, -EINVAL, "this is not a valid ELF file: it has no names of sections");
	found.names_offset = names.sh_offset;
	found.names_size = names.sh_size;

	for (uint32_t i = 1; i < found.n_sections; i++) {
		struct ecli_elf_section section;

		if (!ecli_elf_section(&found, i, &section))
			return ecli_err_set(err, -EINVAL, "the object is cut off: its section %u lies outside the file",
					    i);
		/* libelf would unpack it, and find other names at the same places. */
		if (section.type == SHT_STRTAB && section.flags & SHF_COMPRESSED)
			return ecli_err_set(
				err, -EINVAL,
				"the object's section %u holds names that are compressed: no compiler makes such an "
				"object: it is damaged or hides something",
				i);
		if (section.type == SHT_SYMTAB && !found.symbols_index)
			found.symbols_index = i;
	}
	r = check_functions(&found, err);
	if (r)
		return r;
	*elf = found;
	return 0;
}

bool ecli_elf_section(const struct ecli_elf *elf, uint32_t index, struct ecli_elf_section *ret)
{
	Elf64_Shdr head;

	if (!read_header(elf, index, &head))
		return false;
	const char *name = text_at(elf, elf->names_offset, elf->names_size, head.sh_name);
	if (!name)
		return false;
	*ret = (struct ecli_elf_section){
		.name = name,
		.index = index,
		.type = head.sh_type,
		.link = head.sh_link,
		.info = head.sh_info,
		.flags = head.sh_flags,
		.size = head.sh_type == SHT_NULL ? 0 : head.sh_size,
		.data = head.sh_type == SHT_NOBITS || head.sh_type == SHT_NULL ? NULL : elf->data + head.sh_offset,
	};
	return true;
}

bool ecli_elf_find_section(const struct ecli_elf *elf, const char *name, struct ecli_elf_section *ret)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		struct ecli_elf_section section;

		if (ecli_elf_section(elf, i, &section) && !strcmp(section.name, name)) {
			*ret = section;
			return true;
		}
	}
	return false;
}

uint64_t ecli_elf_symbol_count(const struct ecli_elf *elf)
{
	struct ecli_elf_section table;

	if (!elf->symbols_index || !ecli_elf_section(elf, elf->symbols_index, &table))
		return 0;
	return table.size / sizeof(Elf64_Sym);
}

bool ecli_elf_symbol(const struct ecli_elf *elf, uint64_t index, struct ecli_elf_symbol *ret)
{
	struct ecli_elf_section table;
	Elf64_Shdr names;
	Elf64_Sym raw;

	if (!elf->symbols_index || !ecli_elf_section(elf, elf->symbols_index, &table) ||
	    index >= table.size / sizeof(raw))
		return false;
	if (!read_header(elf, table.link, &names) || names.sh_type != SHT_STRTAB)
		return false;
	memcpy(&raw, table.data + index * sizeof(raw), sizeof(raw));
	const char *name = text_at(elf, names.sh_offset, names.sh_size, le32toh(raw.st_name));
	if (!name)
		return false;
	*ret = (struct ecli_elf_symbol){
		.name = name,
		.section = le16toh(raw.st_shndx),
		.type = ELF64_ST_TYPE(raw.st_info),
		.bind = ELF64_ST_BIND(raw.st_info),
		.value = le64toh(raw.st_value),
		.size = le64toh(raw.st_size),
	};
	return true;
}

static bool find_variable(const struct ecli_elf *elf, const char *section, const char *name,
			  struct ecli_elf_symbol *ret)
{
	struct ecli_elf_section data;

	const uint64_t count = ecli_elf_find_section(elf, section, &data) ? ecli_elf_symbol_count(elf) : 0;

	for (uint64_t i = 0; i < count; i++)
		if (ecli_elf_symbol(elf, i, ret) && ret->section == data.index && !strcmp(ret->name, name))
			return true;
	return false;
}

/*
 * Whether one relocation is to the variable. One to the section as a whole, as for static variables and texts, has the place in the instruction
 * (ld_imm64: the 32 bits behind its first four bytes).
 */
static bool refers(const struct ecli_elf *elf, const Elf64_Rel *rel, const struct ecli_elf_section *target,
		   const struct ecli_elf_symbol *variable)
{
	struct ecli_elf_symbol symbol;
	uint64_t at = le64toh(rel->r_offset);
	uint32_t place;

	if (!ecli_elf_symbol(elf, ELF64_R_SYM(le64toh(rel->r_info)), &symbol))
		return true;
	if (symbol.section != variable->section)
		return false;
	if (symbol.type != STT_SECTION)
		return !strcmp(symbol.name, variable->name);
	if (!(target->flags & SHF_EXECINSTR) || !target->data || !ecli_num_within(at, 8, target->size))
		return true;
	memcpy(&place, target->data + at + 4, sizeof(place));
	return le32toh(place) - variable->value < variable->size;
}

bool ecli_elf_refers(const struct ecli_elf *elf, const char *section, const char *name)
{
	struct ecli_elf_section relocations, target;
	struct ecli_elf_symbol variable;
	Elf64_Shdr head;
	Elf64_Rel rel;

	if (!find_variable(elf, section, name, &variable))
		return true;
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (!read_header(elf, i, &head) || head.sh_type != SHT_REL || !ecli_elf_section(elf, i, &relocations) ||
		    !ecli_elf_section(elf, head.sh_info, &target) || !(target.flags & SHF_ALLOC))
			continue;
		for (uint64_t at = 0; at + sizeof(rel) <= relocations.size; at += sizeof(rel)) {
			memcpy(&rel, relocations.data + at, sizeof(rel));
			if (refers(elf, &rel, &target, &variable))
				return true;
		}
	}
	return false;
}
