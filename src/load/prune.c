/* SPDX-License-Identifier: MIT */
/*
 * A program of an object is a symbol that says "function". One that stays out becomes a symbol without a type, one byte in
 * the table of symbols:
 *
 *     Sym { name, info = bind << 4 | STT_FUNC, section, ... }   ->   info = bind << 4 | STT_NOTYPE
 *
 * libbpf then finds no program there, and skips the relocations, types and lines of code that belong to none. The bytes of
 * the object may be hostile: base/elf.h checks every offset, and only a byte inside the table of symbols is written.
 */
#include "load/prune.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/elf.h"

int ecli_prune(unsigned char *data, size_t size, ecli_prune_fn keep, void *ctx, struct ecli_err *err)
{
	struct ecli_elf elf;
	struct ecli_elf_section table, section;
	struct ecli_elf_symbol symbol;
	int count = 0;

	int r = ecli_elf_open(&elf, data, size, err);
	if (r)
		return r;
	if (!elf.symbols_index || !ecli_elf_section(&elf, elf.symbols_index, &table))
		return 0;

	/* The tables of a hostile object may overlap, and what is written change them: place and count are those of before. */
	if (!table.data)
		return 0;
	unsigned char *symbols = data + (table.data - elf.data);
	const uint64_t n_symbols = table.size / sizeof(Elf64_Sym);
	for (uint64_t i = 0; i < n_symbols; i++) {
		if (!ecli_elf_symbol(&elf, i, &symbol) || symbol.type != STT_FUNC ||
		    !ecli_elf_section(&elf, symbol.section, &section) || !strcmp(section.name, ".text"))
			continue;
		if (keep(ctx, symbol.name, section.name))
			continue;
		symbols[i * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_info)] =
			(unsigned char)ELF64_ST_INFO(symbol.bind, STT_NOTYPE);
		count++;
	}
	return count;
}
