/* SPDX-License-Identifier: MIT */
/* The type of a global variable as packages and help pages write it. */
#ifndef ECLI_PACKAGE_TYPETEXT_H
#define ECLI_PACKAGE_TYPETEXT_H

#include <ecli/types.h>

/* As the source names it, but without the const and volatile that every knob has: "u64", "char[16]". malloc'ed; NULL
 * when out of memory. */
char *ecli_package_type_text(const struct ecli_types *types, uint32_t type_id);

#endif
