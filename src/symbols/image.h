/* SPDX-License-Identifier: MIT */
/*
 * An ELF file that somebody else wrote, read with libelf: where its bytes lie in memory, its functions, who it is and where
 * the rest of what is known of it lies. Files are read, not mapped: one that is cut off meanwhile must not kill us.
 */
#ifndef ECLI_SYMBOLS_IMAGE_H
#define ECLI_SYMBOLS_IMAGE_H

#include <gelf.h>

#include "symbols/symtab.h"

enum { ECLI_IMAGE_LOADS = 32, ECLI_IMAGE_ID = 64 };

/* Which bytes of the file lie at which address, before the loader moved it. */
struct ecli_image_load {
	uint64_t offset, size, address;
	bool is_code;
};

struct ecli_image {
	Elf *elf;
	struct ecli_image_load loads[ECLI_IMAGE_LOADS];
	size_t n_loads;
};

/* @fd: stays the caller's and open as long as the image. False when it is no ELF file of a program or library. */
bool ecli_image_open(int fd, struct ecli_image *ret_image);
/* The same of bytes in memory, borrowed, which libelf may write to. */
bool ecli_image_open_memory(void *data, size_t size_bytes, struct ecli_image *ret_image);
void ecli_image_close(struct ecli_image *image);

/* The address in the file's own terms of the byte at @offset of the file. */
bool ecli_image_address(const struct ecli_image_load *loads, size_t n_loads, uint64_t offset, uint64_t *ret_address);

/* The same of a byte of code that is not of the file any more, @distance behind where @offset of it lies, in code or not. False: it never was code of the file. */
bool ecli_image_moved_address(const struct ecli_image_load *loads, size_t n_loads, uint64_t offset, bool is_code,
			      uint64_t distance, uint64_t *ret_address);

/* The memory that reading the functions of a table takes for a while, about; 0: there is none, or it is too large. */
size_t ecli_image_functions_cost(const struct ecli_image *image, uint32_t type);
/* Adds the functions of the first table of @type (SHT_SYMTAB, SHT_DYNSYM), unsorted; whether there are any. */
bool ecli_image_functions(const struct ecli_image *image, uint32_t type, struct ecli_symtab *symtab);

/* The first section of that name; NULL: there is none. */
Elf_Scn *ecli_image_find(const struct ecli_image *image, const char *name, GElf_Shdr *ret_header);
/* Its bytes, owned by the image; NULL: it has none in the file, or they are packed, or more than @max_bytes. */
Elf_Data *ecli_image_data(Elf_Scn *section, const GElf_Shdr *header, size_t max_bytes);

/* The bytes of a section, owned by the image; NULL: there is none, or it has more than @max_bytes. */
const Elf_Data *ecli_image_section(const struct ecli_image *image, const char *name, size_t max_bytes);

/* The build id; 0 when there is none, else its length of at most ECLI_IMAGE_ID bytes. */
size_t ecli_image_build_id(const struct ecli_image *image, unsigned char ret_id[ECLI_IMAGE_ID]);

#endif
