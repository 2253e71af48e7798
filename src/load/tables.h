/* SPDX-License-Identifier: MIT */
/*
 * Tables of the kernel (struct_ops) in the section ".struct_ops.link", which libbpf knows since 1.2.
 */
#ifndef ECLI_LOAD_TABLES_H
#define ECLI_LOAD_TABLES_H

#include <ecli/base.h>

/* Whether the object has tables in a section that this libbpf does not know. An object that cannot be read has none. */
bool ecli_tables_are_new(const void *object, size_t size_bytes);

/*
 * Lets the object in @bytes say ".struct_ops" for ".struct_ops.link", in place. -EINVAL with a sentence: the object has both sections,
 * and would have the same one twice. @err may be NULL.
 */
int ecli_tables_rename(unsigned char *bytes, size_t size_bytes, struct ecli_err *err);

#endif
