/* SPDX-License-Identifier: MIT */
/* Texts of a package, for a person: one way to print them. */
#ifndef ECLI_CLI_TOLD_H
#define ECLI_CLI_TOLD_H

#include <ecli/base.h>

/*
 * Appends @untrusted (NULL: nothing) as one paragraph, folded at 80 columns, each line after @indent blanks. White space of any kind is a
 * blank; everything else is made safe for a terminal.
 */
void cli_add_told(struct ecli_buf *out, const char *untrusted, size_t indent);

#endif
