/* SPDX-License-Identifier: MIT */
/* The architectures a package can be compiled for, as far as they differ: who has which registers, and under which names. */
#ifndef ECLI_COMPILE_TARGET_H
#define ECLI_COMPILE_TARGET_H

#include <bpf/btf.h>

#include <ecli/base.h>

struct ecli_target {
	const char *name;      /* as written in --target and in the package */
	const char *aliases;   /* other words for it, with spaces around each */
	const char *define;    /* __TARGET_ARCH_... of libbpf's bpf_tracing.h */
	const char *multiarch; /* Debian's folder of its headers */
	const char *registers; /* what bpf_tracing.h reads, as C; only offsets that CO-RE corrects depend on it */
};

/* The architecture this program was compiled for. */
const struct ecli_target *ecli_target_here(void);
/* By name or alias. -EINVAL with a sentence that names those there are. */
int ecli_target_find(const char *name, struct ecli_err *err, const struct ecli_target **ret_target);
/* Whose kernel has these types, NULL when they do not say or it is none of ours (types/machine.h). */
const struct ecli_target *ecli_target_of_btf(const struct btf *btf);

/*
 * Whether a type is one that registers are read through on some architecture; what follows "___" does not count. But with a flavour that begins
 * "any_" a tool asks, when it is loaded, which registers there are, and so is of no architecture.
 */
bool ecli_target_is_registers(const char *type_name);
extern const char *const ecli_target_register_types[]; /* NULL-terminated */

#endif
