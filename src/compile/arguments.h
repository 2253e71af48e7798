/* SPDX-License-Identifier: MIT */
/* What the tags of a variable say of its option, checked against its type. */
#ifndef ECLI_COMPILE_ARGUMENTS_H
#define ECLI_COMPILE_ARGUMENTS_H

#include <ecli/package.h>
#include <ecli/types.h>

#include "compile/source.h"

/* Warns, with file and line, of tags on variables that are unknown or do not fit. After the tags are in the package. */
void ecli_arguments_check(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_source *source);

#endif
