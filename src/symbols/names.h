/* SPDX-License-Identifier: MIT */
/*
 * Strings that frames point to: each text once, at one place, until the pool is freed. What is forgotten elsewhere (the
 * tables of a file, a process) therefore never takes a name from under a frame.
 */
#ifndef ECLI_SYMBOLS_NAMES_H
#define ECLI_SYMBOLS_NAMES_H

#include <ecli/base.h>

struct ecli_names;

/* NULL when out of memory. */
struct ecli_names *ecli_names_new(void);
void ecli_names_free(struct ecli_names *names);

/* The one copy of @text. NULL when out of memory, or when the pool has reached its bound (64 MiB of text). */
const char *ecli_names_add(struct ecli_names *names, const char *text);

#endif
