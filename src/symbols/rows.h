/* SPDX-License-Identifier: MIT */
/* The line table of a unit, copied out of libdw: which address is which line of which file. */
#ifndef ECLI_SYMBOLS_ROWS_H
#define ECLI_SYMBOLS_ROWS_H

#include <elfutils/libdw.h>

#include "symbols/names.h"

/* Zeroed: empty. Not to be touched from outside. */
struct ecli_rows {
	struct ecli_row {
		uint64_t address;
		uint32_t line;
		uint32_t file; /* of paths, or one of rows.c's own values */
	} * items;             /* by address */
	size_t count;
	const char **paths; /* kept in the pool of names; NULL: not known */
	size_t n_paths, paths_room;
};

/* Copies the @count rows that libdw has, by address, into @rows, which is empty. */
void ecli_rows_copy(struct ecli_rows *rows, Dwarf_Lines *from, size_t count, struct ecli_names *names);
void ecli_rows_done(struct ecli_rows *rows);

/* The line of @address; *@ret_file may be NULL. False: none. */
bool ecli_rows_find(const struct ecli_rows *rows, uint64_t address, const char **ret_file, uint32_t *ret_line);

size_t ecli_rows_bytes(const struct ecli_rows *rows);

/* A path as libdw has it, kept in @names; NULL: there is none, or it is too long. */
const char *ecli_rows_keep_path(const char *path, struct ecli_names *names);

#endif
