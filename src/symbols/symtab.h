/* SPDX-License-Identifier: MIT */
/* Functions of an ELF file by address. Filled, then sorted, then asked. */
#ifndef ECLI_SYMBOLS_SYMTAB_H
#define ECLI_SYMBOLS_SYMTAB_H

#include <ecli/base.h>

/* Zeroed: empty. Not to be touched from outside. */
struct ecli_symtab {
	struct ecli_symtab_item {
		uint64_t start;
		uint32_t size;
		uint32_t name; /* offset in names */
		uint32_t rank; /* of several at one address the lowest stays */
		bool is_open; /* its size is not known: it ends where the next one starts, and at @size at the latest */
		const char *readable; /* for people, once somebody asked */
	} * items;
	size_t count, room;
	struct ecli_buf names;
	bool is_full; /* some were left out */
};

struct ecli_symtab_function {
	const char *name;      /* as it stands in the table; valid until the table changes */
	const char **readable; /* a place for its form for people; NULL in it until it is filled */
	uint64_t start;
};

void ecli_symtab_done(struct ecli_symtab *symtab);

/* False when the table is full (400,000 functions, 16 MiB of names) or memory is out: the rest may be left out. */
bool ecli_symtab_add(struct ecli_symtab *symtab, uint64_t start, uint64_t size, bool is_open, uint32_t rank,
		     const char *name, size_t len);

/* Sorts, and keeps one of those that start at the same address. More may be added later and sorted anew. */
void ecli_symtab_sort(struct ecli_symtab *symtab);

/* The function that covers @address. */
bool ecli_symtab_find(const struct ecli_symtab *symtab, uint64_t address, struct ecli_symtab_function *ret);

size_t ecli_symtab_bytes(const struct ecli_symtab *symtab);

#endif
