/* SPDX-License-Identifier: MIT */
/*
 * The table from which Go's own stack traces have their names (.gopclntab). It is needed at run time, so a program has it that was stripped of
 * everything else. Of Go 1.2 to 1.15, 1.16 and 1.17, 1.18 and 1.19, and since 1.20.
 */
#ifndef ECLI_SYMBOLS_GOPCLN_H
#define ECLI_SYMBOLS_GOPCLN_H

#include "symbols/image.h"

/* The memory that reading it takes for a while, about; 0: there is none, or it is too large. */
size_t ecli_gopcln_cost(const struct ecli_image *image);
/* Adds the functions, unsorted; whether there are any. */
bool ecli_gopcln_functions(const struct ecli_image *image, struct ecli_symtab *symtab);

/* The same of the bytes of a table; @text_start: what the table's offsets count from when it does not say so itself. */
bool ecli_gopcln_read(const void *data, size_t size, bool is_big_endian, uint64_t text_start,
		      struct ecli_symtab *symtab);

#endif
