/* SPDX-License-Identifier: MIT */
/*
 * Functions of a program or library and where they begin in its file, for probes: by a name, which means the functions of exactly that name, or by a
 * pattern.
 */
#ifndef ECLI_LOAD_ATTACH_FUNCTIONS_H
#define ECLI_LOAD_ATTACH_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "load/attach/executable.h"

struct ecli_functions {
	uint64_t *offsets; /* in the file, in order, each once */
	size_t count;
	uint64_t *resolvers; /* the same of addresses: code that chooses a function when a process starts (IFUNC) */
	size_t n_resolvers;
};

void ecli_functions_done(struct ecli_functions *functions);

/*
 * Those called @name. Static functions of one name in several files of a program are all meant; of a function with several versions the one that programs
 * get that are linked now, or the one that is named ("realpath@GLIBC_2.2.5"). -ENOENT: there is none; else as ecli_executable_open().
 */
int ecli_functions_find(const struct ecli_executable *executable, const char *name, struct ecli_functions *ret);

/* Those whose names fit @pattern (* ? [a-z] \*); none is possible. */
int ecli_functions_like(const struct ecli_executable *executable, const char *pattern, struct ecli_functions *ret);

#endif
