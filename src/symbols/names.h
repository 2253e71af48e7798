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

/* The one copy of @text. NULL when out of memory, or when the pool has reached its bound (ECLI_NAMES_MAX texts, 12 MiB of them). */
enum { ECLI_NAMES_MAX = 1 << 17 };
const char *ecli_names_add(struct ecli_names *names, const char *text);

/* What they take of the pool in bytes: of its texts a short one counts as much as takes its share of their number. */
size_t ecli_names_bytes(const struct ecli_names *names);

/* A number that goes with a text of a pool, 0 at first: for whoever tells somebody else about it. */
uint32_t *ecli_names_mark(const char *text);

#endif
