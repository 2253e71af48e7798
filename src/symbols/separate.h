/* SPDX-License-Identifier: MIT */
/* Debug information that lies in another file: found by build id or by debug link, or packed into the file itself. */
#ifndef ECLI_SYMBOLS_SEPARATE_H
#define ECLI_SYMBOLS_SEPARATE_H

#include "symbols/image.h"

/*
 * The debug file that belongs to @image, whose own path is @path. @root_fd: the root of a process that maps it, looked at before our own; -1:
 * there is none. Only one with the same build id, or of the checksum the link names, is taken. A descriptor, the caller's; -1: none.
 */
int ecli_separate_open(const struct ecli_image *image, const char *path, int root_fd);

/* Adds the functions of the file's .gnu_debugdata (a small ELF file, packed with xz), unsorted; whether there are any. */
bool ecli_separate_packed(const struct ecli_image *image, struct ecli_symtab *symtab);

#endif
