/* SPDX-License-Identifier: MIT */
/* What clang compiles and no kernel runs: found before the package is written, said with file and line. */
#ifndef ECLI_COMPILE_MISTAKES_H
#define ECLI_COMPILE_MISTAKES_H

#include <ecli/package.h>
#include <ecli/types.h>

#include "base/elf.h"
#include "compile/source.h"

/*
 * clang's object, before it is linked: names that are used and defined nowhere, variables that hold addresses, which libbpf
 * refuses without saying which. -EINVAL with the sentence.
 */
int ecli_mistakes_find_early(const struct ecli_elf *elf, const struct ecli_source *source, struct ecli_err *err);

/* The finished package. -EINVAL for what surely does not run, a warning for what probably was not meant. */
int ecli_mistakes_find(const struct ecli_package *package, const struct ecli_types *types,
		       const struct ecli_source *source, struct ecli_err *err);

/* After clang failed: an #include that is missing and would explain it, as the error's text; else nothing is changed. */
void ecli_mistakes_explain_clang(const struct ecli_source *source, struct ecli_err *err);

#endif
