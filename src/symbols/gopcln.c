/* SPDX-License-Identifier: MIT */
/*
 * The table, in the byte order of the machine (src/debug/gosym/pclntab.go and src/runtime/symtab.go of Go):
 *
 *     magic(4) 0 0 quantum(1) pointer-size(1) words ...                  words: as large as pointers
 *
 *     1.2         functions                                                     <- the table of functions follows
 *     1.16        functions, files, names, units, file names, pc data, table
 *     1.18, 1.20  functions, files, text start, names, units, file names, pc data, table
 *
 *     table       { start of a function, where its record is } ..., end of the last one     words; since 1.18 32 bits, counted from the text's start
 *     record      start (word; since 1.18 32 bits), name (32 bits, counted from names)      offsets count from the table, in 1.2 from the beginning
 *
 * Each function reaches to the next one. Nothing is believed: an offset that leads out of the section, a start that is not behind the one before it ends the
 * reading, and what was read of such a table is dropped.
 *
 * The text's start is a pointer: where a program may lie anywhere the file has 0 there and a relocation beside it (newer versions have no more than the 0). Without one
 * it is the section .text, if the program's first instruction is then the start of the function that Go begins with.
 */
#include "symbols/gopcln.h"

#include <string.h>

#include "base/cleanup.h"

enum {
	MAX_BYTES = 32 << 20,
	MAX_NAME = 16 << 10,
	MAX_RELOCATIONS = 1 << 20, /* looked at */
	TEXT_START = 2,            /* which word, since 1.18 */
	WORDS_AT = 8,
};

static const char *const section_names[] = { ".gopclntab", ".data.rel.ro.gopclntab" };

/* What differs. Words of the header by number; -1: the table does not have it. */
struct version {
	uint32_t magic;
	int text_start, names, table;
	bool has_offsets; /* 32 bits in the table instead of pointers */
};
static const struct version versions[] = {
	{ 0xfffffffb, -1, -1, -1, false },      /* 1.2 */
	{ 0xfffffffa, -1, 2, 6, false },        /* 1.16 */
	{ 0xfffffff0, TEXT_START, 3, 7, true }, /* 1.18 */
	{ 0xfffffff1, TEXT_START, 3, 7, true }, /* 1.20 */
};

struct bytes {
	const unsigned char *data;
	size_t size;
	bool is_big;
};

/* A number of @width bytes; false: it does not lie in the table. */
static bool number(const struct bytes *bytes, uint64_t at, unsigned width, uint64_t *ret)
{
	uint64_t value = 0;

	if (at > bytes->size || bytes->size - at < width)
		return false;
	for (unsigned i = 0; i < width; i++)
		value = value << 8 | bytes->data[at + (bytes->is_big ? i : width - 1 - i)];
	*ret = value;
	return true;
}

struct table {
	struct bytes bytes;
	unsigned pointer; /* bytes of one */
	unsigned width;   /* bytes of a number in the table of functions */
	uint64_t count, text_start, names, table, records;
};

/* What the header says. */
static bool read_head(const struct bytes *bytes, uint64_t text_start, struct table *ret)
{
	const struct version *version = NULL;
	struct table table = { .bytes = *bytes };
	uint64_t magic, pad, quantum, pointer;

	if (!number(bytes, 0, 4, &magic) || !number(bytes, 4, 2, &pad) || pad || !number(bytes, 6, 1, &quantum) ||
	    !number(bytes, 7, 1, &pointer) || (quantum != 1 && quantum != 2 && quantum != 4) ||
	    (pointer != 4 && pointer != 8))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i].magic == magic)
			version = &versions[i];
	table.pointer = (unsigned)pointer;
	if (!version || !number(bytes, WORDS_AT, table.pointer, &table.count))
		return false;
	table.width = version->has_offsets ? 4 : table.pointer;
	if (version->table < 0)
		table.table = WORDS_AT + table.pointer;
	else if (!number(bytes, WORDS_AT + (unsigned)version->table * table.pointer, table.pointer, &table.table) ||
		 !number(bytes, WORDS_AT + (unsigned)version->names * table.pointer, table.pointer, &table.names))
		return false;
	table.records = version->table < 0 ? 0 : table.table;
	if (version->has_offsets &&
	    !number(bytes, WORDS_AT + (unsigned)version->text_start * table.pointer, table.pointer, &table.text_start))
		return false;
	if (version->has_offsets && !table.text_start)
		table.text_start = text_start;
	*ret = table;
	return table.table < bytes->size && table.names < bytes->size && table.records < bytes->size &&
	       table.count <= bytes->size / (2 * table.width);
}

/* The name in the record at @record; its length, 0: there is none. */
static size_t name_of(const struct table *table, uint64_t record, const char **ret)
{
	const struct bytes *bytes = &table->bytes;
	uint64_t name;

	if (record > bytes->size || !number(bytes, table->records + record + table->width, 4, &name) ||
	    name >= bytes->size - table->names)
		return 0;
	*ret = (const char *)bytes->data + table->names + name;
	size_t room = bytes->size - table->names - name, len = strnlen(*ret, room < MAX_NAME ? room : MAX_NAME);
	return len == room || len == MAX_NAME ? 0 : len;
}

bool ecli_gopcln_read(const void *data, size_t size, bool is_big_endian, uint64_t text_start,
		      struct ecli_symtab *symtab)
{
	const struct bytes bytes = { data, size, is_big_endian };
	struct table table;
	size_t before = symtab->count;

	if (!read_head(&bytes, text_start, &table))
		return false;
	for (uint64_t i = 0; i < table.count; i++) {
		uint64_t at = table.table + i * 2 * table.width, start, record, end;
		const char *name;

		if (!number(&bytes, at, table.width, &start) ||
		    !number(&bytes, at + table.width, table.width, &record) ||
		    !number(&bytes, at + 2 * table.width, table.width, &end) || end < start) {
			symtab->count = before;
			break;
		}
		size_t len = end > start ? name_of(&table, record, &name) : 0;
		if (len && !ecli_symtab_add(symtab, table.text_start + start, end - start, false, 0, name, len))
			break;
	}
	return symtab->count > before;
}

/* ---- in a file ------------------------------------------------------------------------------------------------- */

static Elf_Scn *find_section(const struct ecli_image *image, GElf_Shdr *ret_header)
{
	Elf_Scn *section = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(section_names) && !section; i++)
		section = ecli_image_find(image, section_names[i], ret_header);
	return section;
}

size_t ecli_gopcln_cost(const struct ecli_image *image)
{
	GElf_Shdr header;

	return find_section(image, &header) && header.sh_size <= MAX_BYTES
		       ? (size_t)(header.sh_size + header.sh_size / 2)
		       : 0;
}

/* What the loader adds to the file's own addresses at @address; false: nothing. */
static bool find_relocation(const struct ecli_image *image, uint64_t address, uint64_t *ret)
{
	const Elf_Data *data = ecli_image_section(image, ".rela.dyn", MAX_BYTES);
	GElf_Rela relocation;

	for (int i = 0; data && i < MAX_RELOCATIONS && gelf_getrela((Elf_Data *)data, i, &relocation); i++) {
		if (relocation.r_offset != address)
			continue;
		*ret = (uint64_t)relocation.r_addend;
		return relocation.r_addend > 0;
	}
	return false;
}

/* Whether one of the functions from @first on is what Go begins with, at the address where the program begins. */
static bool has_begin(const struct ecli_symtab *symtab, size_t first, uint64_t entry)
{
	for (size_t i = first; i < symtab->count; i++)
		if (symtab->items[i].start == entry)
			return !strncmp(symtab->names.data + symtab->items[i].name, "_rt0_", strlen("_rt0_"));
	return false;
}

bool ecli_gopcln_functions(const struct ecli_image *image, struct ecli_symtab *symtab)
{
	size_t before = symtab->count;
	GElf_Shdr header, text;
	GElf_Ehdr elf;
	Elf_Scn *section = find_section(image, &header);
	const Elf_Data *data = section ? ecli_image_data(section, &header, MAX_BYTES) : NULL;
	uint64_t start = 0;

	if (!data || !gelf_getehdr(image->elf, &elf))
		return false;
	unsigned pointer = elf.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	bool is_sure = find_relocation(image, header.sh_addr + WORDS_AT + TEXT_START * pointer, &start);
	if (!is_sure && ecli_image_find(image, ".text", &text))
		start = text.sh_addr;
	bool is_big = elf.e_ident[EI_DATA] == ELFDATA2MSB;
	const struct bytes bytes = { data->d_buf, data->d_size, is_big };
	struct table table;
	/* A table that says itself where the text is does not take this one. */
	is_sure |= read_head(&bytes, 0, &table) && (table.text_start || table.width == table.pointer);
	if (!ecli_gopcln_read(data->d_buf, data->d_size, is_big, start, symtab))
		return false;
	if (!is_sure && !has_begin(symtab, before, elf.e_entry))
		symtab->count = before;
	return symtab->count > before;
}
