/* SPDX-License-Identifier: MIT */
/* Of which architecture a kernel's BTF is. */
#ifndef ECLI_TYPES_MACHINE_H
#define ECLI_TYPES_MACHINE_H

#include <bpf/btf.h>

/* "x86_64", "arm64", ... as ecli_machine and --target write it; NULL: the types do not say (minimal BTF, a program's). */
const char *ecli_types_machine(const struct btf *btf);

#endif
