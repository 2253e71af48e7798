/* SPDX-License-Identifier: MIT */
/*
 * Functions of the C library in processes that have them from elsewhere: linked statically, of another C library, of an allocator that was put in front.
 */
#ifndef ECLI_LOAD_ATTACH_PROVIDER_H
#define ECLI_LOAD_ATTACH_PROVIDER_H

#include "load/attach/place.h"

/* Whether FILE is the C library, the job is limited to a process, and the function is one of those that a process replaces as a family (malloc, free, ...). */
bool ecli_provider_is_family(const struct ecli_attach *job, const char *name, const struct ecli_place *place);

/*
 * The files that a process has mapped and that have the function place->what: those of the family each, for the one in front may call the next. A
 * process that has not mapped the library called @name at all has it from the program itself or nowhere, which is said.
 */
int ecli_provider_find(const struct ecli_attach *job, const struct ecli_place *place, const char *name,
		       struct ecli_places *places, struct ecli_err *err);

/* Where a function of a library that glibc 2.34 emptied (libpthread, libdl, ...) is now: "libc"; NULL: it is not there either. */
const char *ecli_provider_moved(const char *path, const char *function, int pid);

#endif
