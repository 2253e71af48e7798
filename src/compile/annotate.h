/* SPDX-License-Identifier: MIT */
/* Doc comments and exports into the package that was made from the object. */
#ifndef ECLI_COMPILE_ANNOTATE_H
#define ECLI_COMPILE_ANNOTATE_H

#include <ecli/package.h>

#include "compile/exports.h"

/* Fills package->exports, which must be empty, in the order of @exports. */
int ecli_annotate_exports(struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_export *exports, size_t n_exports, struct ecli_err *err);

/*
 * Applies the doc comments of one file; package->exports must be there. In @source those of macros that declare nothing move to what follows them. A tag
 * whose value cannot be used is an error with file and line; a comment with tags that belongs to nothing in the object is a warning, and so is a
 * @format that does not exist or does not fit.
 */
int ecli_annotate_source(struct ecli_package *package, const struct ecli_types *types, struct ecli_source *source,
			 struct ecli_err *err);

/* The same for a file that the source includes: what it says of variables, maps and programs that are in the object. The rest of such a file
 * concerns other tools too, and is no matter for a warning. */
int ecli_annotate_included(struct ecli_package *package, const struct ecli_types *types, struct ecli_source *source,
			   struct ecli_err *err);

#endif
