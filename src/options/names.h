/* SPDX-License-Identifier: MIT */
/*
 * Numbers by name: of users, groups, errors, signals, system calls.
 */
#ifndef ECLI_OPTIONS_NAMES_H
#define ECLI_OPTIONS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <ecli/package.h>

/* Looks @name up in a file of lines "name:x:number:...", as passwd(5) and group(5) are. False when it is not there. */
bool ecli_names_find(const char *path, const char *name, uint32_t *ret_id);

/* What a notation has names of: "an error"; NULL: it has none. A constant. */
const char *ecli_names_of(enum ecli_notation notation);
/* The number of a name in that notation. False when it has no such name. */
bool ecli_names_read(enum ecli_notation notation, const char *name, uint64_t *ret_number);

#endif
