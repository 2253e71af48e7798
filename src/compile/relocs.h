/* SPDX-License-Identifier: MIT */
/* What an object asks of the kernel's types when it is loaded: its CO-RE relocations. */
#ifndef ECLI_COMPILE_RELOCS_H
#define ECLI_COMPILE_RELOCS_H

#include <ecli/types.h>

struct ecli_relocs {
	size_t count;
	bool reads_registers; /* of the architecture it was compiled for */
};

/* @types: those of the same object. -EINVAL when .BTF.ext is damaged. An object without one has none. */
int ecli_relocs_read(const void *object, size_t size_bytes, const struct ecli_types *types, struct ecli_err *err,
		     struct ecli_relocs *ret);

#endif
