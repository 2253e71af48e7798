/* SPDX-License-Identifier: MIT */
/* Functions of the kernel that programs may call (kfuncs): declared in vmlinux.h, but for those that a source declares itself. */
#ifndef ECLI_COMPILE_KFUNCS_H
#define ECLI_COMPILE_KFUNCS_H

#include <ecli/base.h>

struct btf;
struct btf_dump;

/* Appends the declarations. @dump writes to @buf and has written the types. 0 or -errno: the BTF is damaged. */
int ecli_kfuncs_write(const struct btf *btf, struct btf_dump *dump, struct ecli_buf *buf);

/*
 * Appends a #define for each of them that @source, or what it includes from its folder and from those of @cflags (NULL-terminated, or NULL), declares
 * or defines itself. @vmlinux_dir: where ecc's vmlinux.h is; NULL: there is none. 0 or -ENOMEM.
 */
int ecli_kfuncs_find_own(const char *source, const char *const *cflags, const char *vmlinux_dir, struct ecli_buf *buf);

#endif
