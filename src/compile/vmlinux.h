/* SPDX-License-Identifier: MIT */
/* BTF -> vmlinux.h: every type of a kernel as C, for sources that use CO-RE. */
#ifndef ECLI_COMPILE_VMLINUX_H
#define ECLI_COMPILE_VMLINUX_H

#include <ecli/base.h>

/*
 * Appends the header for the BTF in @path (raw, or the .BTF section of an ELF file). When that is of another architecture than
 * @target, its registers step aside for the target's own (target.h). A sentence for what is missing or damaged.
 */
struct ecli_target;
int ecli_vmlinux_write(const char *path, const struct ecli_target *target, struct ecli_buf *buf, struct ecli_err *err);

/* Fast hash of bytes, for names of cache folders and to find damage; no protection against intent. */
uint64_t ecli_vmlinux_hash(uint64_t seed, const void *data, size_t size);
/* The header ends with a line that holds its hash: whether it is whole. */
void ecli_vmlinux_seal(struct ecli_buf *buf);
bool ecli_vmlinux_is_whole(const char *text, size_t size);

#endif
