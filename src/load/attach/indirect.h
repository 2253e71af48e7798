/* SPDX-License-Identifier: MIT */
/*
 * Functions that are chosen when a process starts (IFUNC: strlen, memcpy and others of a C library): which one a process uses. The file only has the
 * code that chooses; what that chose stands in the process's memory, in the slots that the linker had filled.
 */
#ifndef ECLI_LOAD_ATTACH_INDIRECT_H
#define ECLI_LOAD_ATTACH_INDIRECT_H

#include "load/attach/functions.h"

/*
 * Adds to @functions->offsets where the functions lie that its resolvers have chosen in process @pid, or (-1) in the first process that has the
 * file mapped and shows it. @ret_unknown: of how many resolvers that is not known. 0, or as ecli_executable_open().
 */
int ecli_indirect_find(const struct ecli_executable *executable, int pid, struct ecli_functions *functions,
		       size_t *ret_unknown);

#endif
