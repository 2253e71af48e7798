/* SPDX-License-Identifier: MIT */
/*
 * Which structs a package exports, the event type first.
 *
 * Before compiling, the structs that should be in the object are named (ecli_exports_keep): clang leaves out of BTF
 * what no global refers to, so a small text with one pointer for each, in the section ecli.types, is included before
 * the source. Afterwards (ecli_exports_find) the object's BTF tells which there are.
 */
#ifndef ECLI_COMPILE_EXPORTS_H
#define ECLI_COMPILE_EXPORTS_H

#include <ecli/types.h>

#include "compile/reports.h"
#include "compile/source.h"

/* Appends the text to include. @header may be NULL. Nothing is appended when no struct is to be kept. */
void ecli_exports_keep(const struct ecli_source *source, const struct ecli_source *header,
		       const struct ecli_reports *reports, struct ecli_buf *buf);

struct ecli_export {
	const struct ecli_type *type; /* a struct */
	const char *name;             /* its own, or that of the typedef of a struct without one */
	const struct ecli_decl *decl; /* its definition in source or header; NULL: neither has it */
};

/*
 * @ret_exports: malloc'ed array, in order. Warns of structs that are asked for and not there; when the header's structs
 * are all missing that is an error, since then the source does not include it.
 */
int ecli_exports_find(const struct ecli_source *source, const struct ecli_source *header,
		      const struct ecli_reports *reports, const struct ecli_types *types, struct ecli_err *err,
		      struct ecli_export **ret_exports, size_t *ret_count);

#endif
