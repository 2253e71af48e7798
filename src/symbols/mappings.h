/* SPDX-License-Identifier: MIT */
/*
 * The code of one process: which files lie where in its memory, also those that have lain there. Code of no file may be a file's that was moved to larger
 * pages at its own place: whether it is its headers tell, when they are read.
 */
#ifndef ECLI_SYMBOLS_MAPPINGS_H
#define ECLI_SYMBOLS_MAPPINGS_H

#include <ecli/symbols.h>

#include "symbols/files.h"
#include "symbols/maps.h"
#include "symbols/names.h"

struct ecli_mapping {
	uint64_t start, end, offset;
	struct ecli_symfile *file;   /* NULL: no file, or one that cannot be read */
	const char *module;          /* NULL: not of a file; "": without a name */
	enum ecli_left_out left_out; /* why there is no file */
	/* Of no file, and @file and @module are of the one beside it, which lies at @beside from @offset on. */
	bool is_moved, beside_is_code;
	uint64_t beside;
	bool is_torn; /* nowhere: several things lay there, and nobody knows when */
};

struct ecli_mappings {
	struct ecli_mapping *items; /* by address */
	size_t count;
};

/* Where a process is read, and what keeps files and names. All borrowed. */
struct ecli_mappings_from {
	int folder; /* /proc/PID; -1: it is gone, and files are looked for in our own root */
	struct ecli_files *files;
	struct ecli_names *names;
	uint32_t user;  /* whose process it is */
	uint64_t until; /* as many bytes of names there may be in all: behind that the user's modules have no names */
};

/* Looks again. When nothing can be read, nothing changes. @ret_has_other_code: of no file and not the kernel's own; untouched then, too. */
void ecli_mappings_read(struct ecli_mappings *mappings, const struct ecli_mappings_from *from,
			bool *ret_has_other_code);

/* Adds what was told of @maps where nothing is known. */
void ecli_mappings_add(struct ecli_mappings *mappings, const struct ecli_mappings_from *from,
		       const struct ecli_map *maps, size_t count);
/* Adds those of @other where nothing is known. */
void ecli_mappings_copy(struct ecli_mappings *mappings, const struct ecli_mappings *other);

/* Gives the files back. */
void ecli_mappings_done(struct ecli_mappings *mappings);

/* NULL: nothing is known to lie there. */
const struct ecli_mapping *ecli_mappings_find(const struct ecli_mappings *mappings, uint64_t address);

#endif
