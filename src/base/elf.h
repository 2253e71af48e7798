/* SPDX-License-Identifier: MIT */
/*
 * A bounds-checked walk over an ELF object in memory, as far as BPF objects need it: sections and symbols of a 64-bit
 * little-endian file. Nothing is copied: names and data point into the caller's bytes and live as long as they do.
 *
 *     struct ecli_elf elf;
 *     if (!ecli_elf_open(&elf, data, size, err) && ecli_elf_find_section(&elf, ".rodata", &section)) ...
 */
#ifndef ECLI_BASE_ELF_H
#define ECLI_BASE_ELF_H

#include <elf.h>

#include <ecli/base.h>

struct ecli_elf {
	const unsigned char *data;
	size_t size;
	uint64_t table_offset; /* of the section headers */
	uint32_t n_sections;   /* the empty section 0 included */
	uint64_t names_offset, names_size;
	uint32_t symbols_index; /* section of the symbol table, 0 when there is none */
};

struct ecli_elf_section {
	const char *name;
	uint32_t index, type, link, info; /* info: of relocations, the section they are for */
	uint64_t flags, size;
	const unsigned char *data; /* size bytes; NULL for a section that takes no room in the file (SHT_NOBITS) */
};

struct ecli_elf_symbol {
	const char *name;
	uint32_t section; /* index, or a special one (SHN_UNDEF, SHN_ABS, ...) */
	unsigned char type, bind;
	uint64_t value, size;
};

/* Whether the bytes begin as an ELF file does. */
bool ecli_elf_is(const void *data, size_t size);

/*
 * Checks that this is a relocatable BPF object of 64 bits, little-endian, that its section headers are all inside
 * the file, and its functions whole inside their sections. @data is borrowed. -ENOTSUP for big-endian, else -EINVAL, with a sentence
 * without a subject ("is cut off: ..."): the caller puts the name in front.
 */
int ecli_elf_open(struct ecli_elf *elf, const void *data, size_t size, struct ecli_err *err);

/* False when @index is out of range, or the section's name or bytes are not inside the file. */
bool ecli_elf_section(const struct ecli_elf *elf, uint32_t index, struct ecli_elf_section *ret);
/* The first section of that name. */
bool ecli_elf_find_section(const struct ecli_elf *elf, const char *name, struct ecli_elf_section *ret);

uint64_t ecli_elf_symbol_count(const struct ecli_elf *elf);
/* False when @index is out of range or the symbol's name is not inside the file. */
bool ecli_elf_symbol(const struct ecli_elf *elf, uint64_t index, struct ecli_elf_symbol *ret);

/*
 * Whether what is loaded, code or data, has a relocation to the variable @name of section @section. Also true when it cannot be told.
 */
bool ecli_elf_refers(const struct ecli_elf *elf, const char *section, const char *name);

#endif
