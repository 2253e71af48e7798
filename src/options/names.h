/* SPDX-License-Identifier: MIT */
/*
 * Numbers of users and groups by name.
 */
#ifndef ECLI_OPTIONS_NAMES_H
#define ECLI_OPTIONS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Looks @name up in a file of lines "name:x:number:...", as passwd(5) and group(5) are. False when it is not there. */
bool ecli_names_find(const char *path, const char *name, uint32_t *ret_id);

#endif
