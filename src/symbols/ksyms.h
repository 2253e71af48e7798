/* SPDX-License-Identifier: MIT */
/*
 * Names of kernel addresses, from /proc/kallsyms. Read once, at the first question (some 200,000 symbols, 10 MB, 50 ms);
 * where the file cannot be read or hides its addresses (kernel.kptr_restrict), no address has a name.
 */
#ifndef ECLI_SYMBOLS_KSYMS_H
#define ECLI_SYMBOLS_KSYMS_H

#include <ecli/base.h>

struct ecli_ksyms;

/* @path: a file in the form of /proc/kallsyms, borrowed; nothing is read yet. NULL when out of memory. */
struct ecli_ksyms *ecli_ksyms_new(const char *path);
void ecli_ksyms_free(struct ecli_ksyms *ksyms);

/* The function that @address lies in, valid as long as @ksyms, and how far into it; NULL when it is not known. */
const char *ecli_ksyms_find(struct ecli_ksyms *ksyms, uint64_t address, uint64_t *ret_offset);

#endif
