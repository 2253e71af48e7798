/* SPDX-License-Identifier: MIT */
/* Functions that a compiler inside a process made (Java, Node.js, .NET, ...), from the file in which it says so: /tmp/perf-PID.map. */
#ifndef ECLI_SYMBOLS_PERFMAP_H
#define ECLI_SYMBOLS_PERFMAP_H

#include <sys/stat.h>

#include "symbols/symtab.h"

struct ecli_perfmap;

/*
 * Takes over @fd, the open map; nothing is read yet. @budget_bytes: borrowed; how much memory all maps together may still take, taken from and given
 * back. At most 32 MiB of a map are read and 4 MiB kept. NULL when out of memory.
 */
struct ecli_perfmap *ecli_perfmap_new(int fd, size_t *budget_bytes);
void ecli_perfmap_free(struct ecli_perfmap *map);

/* The function at @address; reads what was added to the file since, or all of it when it was written anew, at most every 500 ms. */
bool ecli_perfmap_find(struct ecli_perfmap *map, uint64_t address, struct ecli_symtab_function *ret);

/* Whether it is the map of this file. */
bool ecli_perfmap_is(const struct ecli_perfmap *map, const struct stat *st);

#endif
