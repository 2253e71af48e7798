/* SPDX-License-Identifier: MIT */
/*
 * Functions of a program or library and where they begin in its file, for probes. The file is somebody else's: nothing in it is believed, it
 * may change while it is read, and the work is bounded whatever it says.
 */
#ifndef ECLI_LOAD_ATTACH_FUNCTIONS_H
#define ECLI_LOAD_ATTACH_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#define ECLI_FUNCTIONS_MAX_NAME 4096 /* bytes with the NUL; functions with longer names are not found */

/*
 * Both read @fd from its beginning, wherever it stands. Errors: -ENOEXEC: no ELF file of this machine's byte order, or a damaged one; -E2BIG: more
 * names than are looked through; -ESTALE: it was cut while it was read; -ENOMEM; else why it cannot be read.
 */

/* Offsets in the file of its functions whose names fit @pattern (* ? [a-z] \*), in order, each once; 0 of them is possible. @ret_offsets is
 * freed by the caller. */
int ecli_functions_like(int fd, const char *pattern, uint64_t **ret_offsets, size_t *ret_count);

/* The offset of one function: "malloc", or with its version "malloc@@GLIBC_2.2.5" where the table of symbols has that in names. -ENOENT: there is
 * none; -ENOTUNIQ: several, at different places. */
int ecli_functions_find(int fd, const char *name, uint64_t *ret_offset);

/* Whether a reader with no bounds of its own (libelf, libbpf) can be given the file: 0, or an error of above, -E2BIG also for notes that are
 * too many. */
int ecli_functions_check(int fd);

#endif
