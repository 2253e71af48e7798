/* SPDX-License-Identifier: MIT */
/* Names as linkers have them into names as people write them: C++ (Itanium ABI) and Rust (legacy and v0). */
#ifndef ECLI_SYMBOLS_DEMANGLE_H
#define ECLI_SYMBOLS_DEMANGLE_H

#include "symbols/names.h"

/* Appends the readable form of @name, without parameters and without Rust's hash, to @out. False: @name is not mangled, or is too long
 * when it is written out; @out is as it was. */
bool ecli_demangle(const char *name, struct ecli_buf *out);

/* The form for people of a name as it stands in a file, kept in @names. NULL: it is too long (16 KiB), or there is no room. */
const char *ecli_demangle_keep(const char *name, struct ecli_names *names);

#endif
